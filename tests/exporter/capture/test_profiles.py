from __future__ import annotations

import logging
from pathlib import Path

import pytest

from exporter.capture.profiles import options_of, profile_of
from exporter.configuration.schema import Model
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from tests.exporter.small_models import model_of


def options(model: Model) -> ProfileOptions:
    assert model.reference is not None
    return options_of(model, model.reference)


def test_a_model_without_a_reference_has_no_profile(tmp_path: Path) -> None:
    assert profile_of(model_of(tmp_path, "binary", reference=False), None) is None


def test_a_profile_is_built_and_kept(tmp_path: Path) -> None:
    model, cache = model_of(tmp_path, "binary"), tmp_path / "cache"
    first, second = profile_of(model, cache), profile_of(model, cache)
    assert first is not None
    assert second is not None
    assert first.rows == 10
    assert first.hash == second.hash
    assert len(list(cache.iterdir())) == 1


def test_warnings_name_the_model(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        profile_of(model_of(tmp_path, "binary", "features: {y: numeric}"), None)
    (record,) = caplog.records
    assert "'y'" in record.getMessage()
    assert record.__dict__["fields"]["model"] == "small"


def test_paths_become_names_of_columns(tmp_path: Path) -> None:
    said = "fields: {prediction: out.class, score: out.p, features: in}\nfeatures: {x: {path: [a, b]}, y: numeric}"
    found = options(model_of(tmp_path, "binary", said))
    assert (found.prediction, found.score, found.label) == ("out.class", "out.p", "label")
    assert found.features_prefix == "in."
    assert found.columns == {"x": "a.b"}
    assert found.kinds == {"y": "numeric"}


def test_what_a_reference_rarely_has_is_optional_unless_the_reference_is_said_to_have_it(tmp_path: Path) -> None:
    found = options(model_of(tmp_path, "binary", "segments: [segment]"))
    assert {"prediction", "score", "label", "segment"} <= found.optional
    said = "reference: {path: reference.csv, fields: {prediction: guess}}"
    model = model_of(tmp_path, "binary", said, reference=False)
    assert "guess" not in options(model).optional
    with pytest.raises(ReferenceProblem, match="'guess'"):
        profile_of(model, None)


def test_columns_of_other_fields_are_no_features(tmp_path: Path) -> None:
    found = options(model_of(tmp_path, "binary", "ignore_features: [colour]"))
    assert {"colour", "timestamp", "request_id", "latency_ms", "status", "version", "endpoint"} == found.ignored


def test_only_the_scores_of_the_task_are_looked_for(tmp_path: Path) -> None:
    assert options(model_of(tmp_path, "binary")).scores is None
    assert options(model_of(tmp_path, "multiclass")).scores == "scores"
    assert options(model_of(tmp_path, "multiclass")).score is None
    assert options(model_of(tmp_path, "regression")).score is None


def test_paths_of_scores_that_the_reference_lacks_are_no_problem(tmp_path: Path) -> None:
    model = model_of(tmp_path, "multiclass", "fields: {scores: {a: p.a, b: p.b, c: p.c}}")
    assert {"p.a", "p.b", "p.c"} <= options(model).optional
    assert options(model).classes == ("a", "b", "c")
    profile = profile_of(model, None)
    assert profile is not None
    assert "roc_auc" not in profile.baselines["", ""].figures
