"""Limits and thresholds as the file writes them: what holds, what is refused, what is said in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.configuration import ConfigurationError, Model, parse
from exporter.configuration.quality_limits import DEFAULTS, DIRECTIONS, Limit

TEXT = "models:\n  m:\n    task: {task}\n    predictions: p.jsonl\n    reference: r.csv\n    labels: l.jsonl\n    {entry}\n"


def model_of(entry: str, task: str = "binary") -> Model:
    return parse(TEXT.format(task=task, entry=entry), file="d.yaml", folder=Path("/etc")).configuration.models["m"]


def test_every_default_is_of_a_metric_that_there_is() -> None:
    assert set(DEFAULTS) <= set(DIRECTIONS)
    for metric in DEFAULTS:
        assert model_of(f"quality: {{limits: {{{metric}: {{}}}}}}").quality.limits_of(metric) == DEFAULTS[metric]


def test_what_is_written_takes_the_place_of_one_severity() -> None:
    quality = model_of("quality: {limits: {accuracy: {critical: {loss: 0.2}, emergency: null}, f1: null}}").quality
    assert quality.limits_of("accuracy") == {"warning": Limit(loss=0.05), "critical": Limit(loss=0.2)}
    assert quality.limits_of("f1") == {}
    assert quality.limits_of("recall") == DEFAULTS["recall"]
    assert quality.is_written("accuracy", "critical")
    assert not quality.is_written("accuracy", "warning")
    assert not quality.is_written("recall", "critical")


def test_shares_and_ages() -> None:
    model = model_of("data_quality: {limits: {missing: {warning: 0.01}}}\n    alerts: {model_age: {warning: 400d}}")
    assert model.data_quality.limits_of("missing") == {"warning": 0.01, "critical": 0.2}
    assert list(model.alerts.limits_of("model_age")) == ["info", "warning"]


@pytest.mark.parametrize(
    ("entry", "path", "words"),
    [
        ("quality: {limits: {acuracy: {}}}", "quality.limits.acuracy", "did you mean accuracy?"),
        ("quality: {limits: {f1: {warning: {rise: 0.1}}}}", "quality.limits.f1.warning.rise", "write loss or floor"),
        (
            "quality: {limits: {brier: {warning: {loss: 0.1}}}}",
            "quality.limits.brier.warning.loss",
            "good when it is low",
        ),
        ("quality: {limits: {bias: {warning: {floor: 0.1}}}}", "quality.limits.bias.warning.floor", "shift or ceiling"),
        ("quality: {limits: {f1: {warning: {}}}}", "quality.limits.f1.warning", "says no limit"),
        (
            "quality: {limits: {f1: {warning: {loss: 0.3}}}}",
            "quality.limits.f1",
            "critical (0.2) lies below warning (0.3)",
        ),
        ("quality: {limits: {f1: {warning: {loss: -0.3}}}}", "quality.limits.f1.warning.loss", "greater than 0"),
        (
            "quality: {limits: {accuracy: {emergency: {floor: 0.8}}}}",
            "quality.limits.accuracy",
            "lies above critical",
        ),
        ("quality: {confidence: 0.3}", "quality.confidence", "0.5"),
        ("quality: {min_coverage: 1.5}", "quality.min_coverage", "1"),
        ("quality: {due_after: 60d}", "quality.due_after", "never seen"),
        ("quality: {due_after: 0s}", "quality.due_after", "more than 0s"),
        ("data_quality: {limits: {missing: {warning: 0.3}}}", "data_quality.limits.missing", "would come first"),
        ("data_quality: {limits: {missing: {warning: 1.5}}}", "data_quality.limits.missing.warning", "between 0 and 1"),
        ("alerts: {traffic_ratio: {critical: 0.6}}", "alerts.traffic_ratio", "lies above warning"),
        ("alerts: {error_ratio: {critical: 0.01}}", "alerts.error_ratio", "lies below warning"),
        ("alerts: {latency_ratio: {warning: 0}}", "alerts.latency_ratio.warning", "greater than 0"),
        ("alerts: {model_age: {warning: 180}}", "alerts.model_age.warning", "needs a unit"),
        ("alerts: {uptime: {warning: 1}}", "alerts.uptime", "unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: str, path: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        model_of(entry)
    assert [problem.path == f"models.m.{path}" for problem in refused.value.problems] == [True]
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("task", "entry", "path", "words"),
    [
        (
            "regression",
            "quality: {limits: {f1: {warning: {loss: 0.1}}}}",
            "quality.limits.f1",
            "the task is regression",
        ),
        ("binary", "quality: {limits: {mae: {warning: {rise: 0.1}}}}", "quality.limits.mae", "the task is binary"),
        ("binary", "quality: {limits: {f1_weighted: null}}", "quality.limits.f1_weighted", "the task is binary"),
        ("regression", "alerts: {low_confidence_share: null}", "alerts.low_confidence_share", "the task is regression"),
        ("binary", "alerts: {model_age: {info: 30d}}", "alerts.model_age", "trained_at is not set"),
        ("binary", "windows: [all]\n    data_quality: {limits: {missing: null}}", "data_quality", "no window has"),
        ("binary", "quality: {due_after: 2d}", "quality.due_after", "for ever"),
    ],
)
def test_what_is_said_in_vain_is_warned_about(task: str, entry: str, path: str, words: str) -> None:
    warnings = parse(TEXT.format(task=task, entry=entry), file="d", folder=Path("/etc")).warnings
    assert [words in str(each) for each in warnings if each.path == f"models.m.{path}"] == [True]


@pytest.mark.parametrize("entry", ["quality: {confidence: 0.9}", "alerts: {label_coverage: null}"])
def test_without_labels_quality_is_not_judged(entry: str) -> None:
    text = TEXT.format(task="binary", entry=entry).replace("    labels: l.jsonl\n", "")
    warnings = parse(text, file="d", folder=Path("/etc")).warnings
    assert ["there are no labels" in str(each) for each in warnings] == [True]
