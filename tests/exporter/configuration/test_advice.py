"""Warnings: what a valid configuration says in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.configuration import Problem, Severity, parse

QUIET = "models:\n  m:\n    task: {task}\n    predictions: p.jsonl\n    reference: r.csv\n    labels: l.jsonl\n"


def warnings_of(text: str) -> tuple[Problem, ...]:
    return parse(text, file="d.yaml", folder=Path("/etc")).warnings


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_plain_configuration_is_quiet(task: str) -> None:
    assert warnings_of(QUIET.format(task=task)) == ()


@pytest.mark.parametrize(
    ("task", "entry", "path", "words"),
    [
        ("regression", "positive_class: 1", "positive_class", "the task is regression"),
        ("multiclass", "positive_class: a", "positive_class", "the task is multiclass"),
        ("regression", "classes: [a, b]", "classes", "the task is regression"),
        ("regression", "low_confidence: 0.5", "low_confidence", "the task is regression"),
        ("multiclass", "threshold: 0.4", "threshold", "the task is multiclass"),
        ("binary", "fields: {score: null}\n    threshold: 0.4", "threshold", "fields.score is null"),
        ("binary", "fields: {scores: p}", "fields.scores", "the task is binary"),
        ("multiclass", "fields: {score: p}", "fields.score", "the task is multiclass"),
        ("binary", "fields: {score: null, prediction: null}", "labels", "neither prediction nor score"),
        ("binary", "classes: [True, False]\n    positive_class: True", "classes[0]", "a boolean of a JSON log is true"),
        ("binary", "model_id: x", "model_id", "fields.model is not set"),
        ("binary", "time_zone: UTC\n    time_format: epoch_s", "time_zone", "carry no zone"),
        ("binary", "fields: {latency: null}\n    latency_unit: s", "latency_unit", "fields.latency is null"),
        ("binary", "fields: {latency: null}\n    latency_buckets: [1]", "latency_buckets", "fields.latency is null"),
        ("binary", "fields: {features: null}\n    ignore_features: [a]", "ignore_features", "fields.features is null"),
        ("binary", "features: {a: numeric}\n    ignore_features: [a]", "features.a", "ignore_features names it too"),
        ("binary", "features: {a: {}}", "features.a", "neither kind nor path"),
        ("regression", "limits: {classes: 5}", "limits.classes", "the task is regression"),
        ("binary", "limits: {segments: 5}", "limits.segments", "there are no segments"),
        ("binary", "fields: {endpoint: null}\n    limits: {endpoints: 5}", "limits.endpoints", "endpoint is null"),
        ("binary", "fields: {version: null}\n    limits: {versions: 5}", "limits.versions", "version is null"),
        ("binary", "fields: {version: null}\n    version_ttl: 5d", "version_ttl", "version is null"),
        (
            "binary",
            "drift: {numeric: [ks], categorical: [chi2], psi: {bins: 5}}",
            "drift.psi",
            "not one of the methods",
        ),
        ("binary", "drift: {numeric: [ks], psi: {bins: 5}}", "drift.psi.bins", "numeric methods"),
    ],
)
def test_what_is_said_in_vain_is_warned_about(task: str, entry: str, path: str, words: str) -> None:
    found = [warning for warning in warnings_of(QUIET.format(task=task) + f"    {entry}\n")
             if warning.path == f"models.m.{path}"]  # fmt: skip
    assert len(found) == 1
    assert words in str(found[0])
    assert found[0].severity is Severity.WARNING
    assert found[0].line >= 6


@pytest.mark.parametrize(
    ("entry", "path", "words"),
    [
        ("", "models.m", "there is no reference, so no drift is measured"),
        ("drift: {min_rows: 5}", "models.m.drift", "there is no reference"),
        ("limits: {edges: 50}", "models.m.limits.edges", "there is no reference"),
        ("limits: {memory: 5MiB}", "models.m.limits.memory", "no labels to join"),
        ("exemplars: true\n    fields: {request_id: ~}", "models.m.exemplars", "fields.request_id is null"),
        ("reference: {path: r.json, fields: {label: y}}", "models.m.reference.fields", "a ready profile"),
        ("labels: {path: l, time_format: epoch_s, time_zone: UTC}", "models.m.labels.time_zone", "carry no zone"),
        ("labels: {path: l, time_zone: UTC, fields: {timestamp: ~}}", "models.m.labels.time_zone", "timestamp is null"),
    ],
)
def test_what_is_missing_is_warned_about(entry: str, path: str, words: str) -> None:
    warnings = warnings_of(f"models:\n  m:\n    task: binary\n    predictions: p\n    {entry}\n")
    assert [words in str(warning) for warning in warnings if warning.path == path] == [True]


def test_one_log_for_two_models_needs_a_field_that_tells_them_apart() -> None:
    one = "models:\n  a: {task: binary, predictions: p, reference: r, fields: {model: %s}}\n"
    text = one + "  b: {task: binary, predictions: [q, p], reference: r, fields: {model: name}}\n"
    assert warnings_of(text % "name") == ()
    (warning,) = warnings_of(text % "null")
    assert str(warning) == (
        'd.yaml:3:21: warning: models.b.predictions: the model "a" reads the same log, and not both have fields.model;'
        " set fields.model, or each record counts for both"
    )


def test_a_time_zone_still_matters_for_labels_with_their_own_format() -> None:
    text = QUIET.format(task="binary").replace("l.jsonl", "{path: l, time_format: rfc3339}")
    assert warnings_of(text + "    time_format: epoch_s\n    time_zone: UTC\n") == ()


def test_how_cells_are_separated_is_vain_where_there_are_none() -> None:
    text = QUIET.format(task="binary").replace("labels: l.jsonl", "labels: {path: l.jsonl, csv: {delimiter: ;}}")
    (warning,) = warnings_of(text)
    assert (warning.path, warning.message) == ("models.m.labels.csv", "has no effect: the format is jsonl")
    assert warnings_of(text.replace("l.jsonl", "l.csv")) == ()


def test_a_zone_is_not_vain_for_typed_times() -> None:
    text = (
        QUIET.format(task="binary").replace("p.jsonl", "p.parquet") + "    time_format: epoch_s\n    time_zone: UTC\n"
    )
    assert warnings_of(text) == ()
