"""Objectives as people write them: every kind, and every way to get one wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.configuration import ConfigurationError, Problem, parse
from exporter.configuration.objectives import Slo
from exporter.durations import UNITS

HEAD = "models:\n  m:\n    task: {task}\n    predictions: p.jsonl\n    reference: r.csv\n{labels}    slos:\n      o: {slo}\n"
LABELS = "    labels: {path: l.jsonl, horizon: 30d}\n"


def parsed(slo: str, task: str = "binary", labels: str = LABELS) -> tuple[Slo, tuple[Problem, ...]]:
    text = HEAD.format(task=task, labels=labels, slo=slo)
    loaded = parse(text, file="d.yaml", folder=Path("/etc"))
    return loaded.configuration.models["m"].slos["o"], loaded.warnings


@pytest.mark.parametrize(
    ("task", "said", "kind"),
    [
        ("binary", "latency: 250ms", "latency"),
        ("binary", "availability: true", "availability"),
        ("binary", "errors: client", "errors"),
        ("binary", "errors: any", "errors"),
        ("binary", "throughput: 100/min", "throughput"),
        ("binary", "throughput: 5000/h", "throughput"),
        ("multiclass", "quality: true", "quality"),
        ("regression", "quality: {error: 5}", "quality"),
        ("regression", "quality: {relative_error: 0.1}", "quality"),
        ("binary", "label_freshness: 24h", "label_freshness"),
        ("binary", "ratio: {good: a.b, total: [a, c]}", "ratio"),
    ],
)
def test_each_kind(task: str, said: str, kind: str) -> None:
    slo, warnings = parsed(f"{{objective: 0.99, {said}}}", task)
    assert slo.kind == kind
    assert warnings == ()
    assert slo.span == 30 * UNITS["d"]
    assert slo.period_name == "30d"


def test_periods() -> None:
    slo, _ = parsed("{objective: 0.99, errors: any, period: 168h}")
    assert (slo.span, slo.period_name) == (7 * UNITS["d"], "168h")
    slo, warnings = parsed("{objective: 0.99, errors: any, calendar: quarter, time_zone: Europe/Berlin}")
    assert (slo.span, slo.period_name, warnings) == (90 * UNITS["d"], "quarter", ())


@pytest.mark.parametrize(
    ("task", "said", "place", "words"),
    [
        ("binary", "", "", "it is not said what the objective is about; write one of latency: 250ms"),
        ("binary", "availability: false", "", "it is not said what the objective is about"),
        ("binary", "latency: 1s, errors: any", "", "an objective is of one kind, not of 2: latency, errors"),
        ("binary", "latency: 0s", ".latency", "must be more than 0s"),
        ("binary", "errors: all", ".errors", "must be one of client, server, any"),
        ("binary", "throughput: 100/s", ".throughput", "requests per min or h"),
        ("binary", "throughput: 0/min", ".throughput", "each whole minute, or hour, is one event"),
        ("binary", "throughput: 100", ".throughput", "not the number 100"),
        ("binary", "quality: false", ".quality", "must be true or a mapping, not false"),
        ("binary", "quality: {error: 1}", ".quality", "a class has no distance from its label; write quality: true"),
        ("regression", "quality: true", ".quality", "a predicted number is never quite right; write {error: 5.0}"),
        ("regression", "quality: {error: -1}", ".quality.error", "greater than 0"),
        ("regression", "quality: {error: .inf}", ".quality.error", "must be a number"),
        ("regression", "quality: {error: 1, relative_error: 0.1}", ".quality.relative_error", "two objectives"),
        ("binary", "label_freshness: 31d", ".label_freshness", "must not be longer than the horizon"),
        ("binary", "ratio: {good: a}", ".ratio", '"total" is missing'),
        ("binary", "ratio: a", ".ratio", "must be a mapping"),
        ("binary", "errors: any, period: 10m", ".period", "1h to 400d"),
        ("binary", "errors: any, period: 30", ".period", "it needs a unit"),
        ("binary", "errors: any, calendar: year", ".calendar", "must be one of week, month, quarter"),
        ("binary", "errors: any, calendar: week, time_zone: Berlin", ".time_zone", "no time zone"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(task: str, said: str, place: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parsed(f"{{objective: 0.99{', ' * bool(said)}{said}}}", task)
    (problem,) = refused.value.problems
    assert problem.path.removeprefix("models.m.slos.o") in (place, place or ".ratio")
    assert words in f"{problem.message}; {problem.hint}"
    assert problem.line == 8 - (task == "x")


@pytest.mark.parametrize("said", ["quality: true", "label_freshness: 1h"])
def test_without_labels(said: str) -> None:
    with pytest.raises(ConfigurationError, match="the model has no labels; say where they are"):
        parsed(f"{{objective: 0.9, {said}}}", labels="")


@pytest.mark.parametrize(
    ("said", "labels", "key", "words"),
    [
        ("errors: any, calendar: week, period: 7d", LABELS, "period", "the period is a week"),
        ("errors: any, time_zone: UTC", LABELS, "time_zone", "there is no calendar"),
        ("errors: any", LABELS + "    fields: {status: null}\n", "errors", "no request fails"),
        ("quality: true", LABELS + "    fields: {score: null, prediction: null}\n", "quality", "neither prediction"),
    ],
)
def test_what_is_said_in_vain(said: str, labels: str, key: str, words: str) -> None:
    _, warnings = parsed(f"{{objective: 0.99, {said}}}", labels=labels)
    (warning,) = [each for each in warnings if each.path == f"models.m.slos.o.{key}"]
    assert words in warning.message


def test_a_burn_rate_that_never_fires_is_warned_about() -> None:
    _, (warning,) = parsed("{objective: 0.9, quality: true}")
    assert warning.path == "models.m.slos.o.objective"
    assert warning.message == "the burn rate 14.4 over 1h and 5m can never fire"
    assert warning.hint == "an objective above 0.9306 would let it fire"
