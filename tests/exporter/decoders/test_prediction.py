from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exporter.decoders.record_type import PathClashError
from exporter.reference.profile import Profile
from exporter.rows.record import INVALID, MISSING
from tests.exporter.decoders.models import TIME, Log, column, line, profile_of


def test_an_ordinary_record() -> None:
    log = Log(features={"x": "numeric", "c": "categorical"}, segments={"region": "region"})
    decoded = log.records(
        {
            "features": {"x": 1.5, "c": "Mon"},
            "score": 0.75,
            "prediction": 1,
            "latency_ms": 20,
            "status": 201,
            "endpoint": "/v1",
            "version": "1.0",
            "region": "eu",
        }
    )
    rows = decoded.rows
    assert (decoded.read, decoded.refusals.rejected, decoded.refusals.invalid) == (1, {}, {})
    assert (rows.numeric.tolist(), log.names(rows.categorical)) == ([[1.5]], ["Mon"])
    assert (rows.scores.tolist(), rows.predicted.tolist()) == ([[0.75]], [1.0])
    assert (rows.latency.tolist(), rows.status.tolist()) == ([0.02], [201])
    assert log.layout.versions.text(rows.version[0]) == "1.0"
    assert log.layout.endpoints.text(rows.endpoint[0]) == "/v1"
    assert (rows.groups.tolist(), rows.has_key.tolist()) == ([[1]], [True])


def test_a_record_with_nothing_but_its_time() -> None:
    log = Log(features={"x": "numeric", "c": "categorical"}, segments=["region"])
    rows = log.lines(f'{{"timestamp":"{TIME}"}}'.encode()).rows
    assert np.isnan([rows.numeric[0, 0], rows.scores[0, 0], rows.predicted[0], rows.latency[0]]).all()
    assert (rows.categorical.tolist(), rows.groups.tolist()) == ([[MISSING]], [[MISSING]])
    assert (rows.status.tolist(), rows.has_key.tolist()) == ([200], [False])
    assert log.layout.versions.text(rows.version[0]) == "unknown"
    assert log.layout.endpoints.text(rows.endpoint[0]) == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [(200, 200), ("200", 200), (" 404 ", 404), (500.0, 500), (None, 200), (float("nan"), 200), (100, 100), (599, 599)],
)
def test_statuses(written: Any, read: int) -> None:
    assert Log().records({"status": written}).rows.status.tolist() == [read]


@pytest.mark.parametrize("status", [99, 600, -200, 0, 200.5, "ok", "", "2000", True, [200], {}, 10**400, float("inf")])
def test_a_status_that_is_none_rejects_its_record(status: Any) -> None:
    decoded = Log().records({"status": status}, {"status": 200})
    assert (len(decoded.rows), decoded.refusals.rejected) == (1, {"bad_status": 1})


@pytest.mark.parametrize(("unit", "seconds"), [("s", 20.0), ("ms", 0.02), ("us", 2e-5), ("ns", 2e-8)])
def test_latency_units(unit: str, seconds: float) -> None:
    decoded = Log(latency_unit=unit).records({"latency_ms": 20})
    assert decoded.rows.latency == pytest.approx([seconds], rel=1e-12)


@pytest.mark.parametrize("latency", [-1, float("inf"), 10**400, "20", True, []])
def test_a_latency_of_no_use_is_counted_and_left_out(latency: Any) -> None:
    decoded = Log().records({"latency_ms": latency}, {"latency_ms": None})
    assert np.isnan(decoded.rows.latency).all()
    assert decoded.refusals.invalid == {"latency": 1}


@pytest.mark.parametrize("score", [-0.01, 1.01, float("inf"), "0.5", True, {}])
def test_a_score_of_no_use_is_counted_and_left_out(score: Any) -> None:
    decoded = Log().records({"score": score, "prediction": 1}, {"score": None}, {"score": 0}, {"score": 1})
    np.testing.assert_array_equal(decoded.rows.scores[:, 0], [np.nan, np.nan, 0.0, 1.0])
    assert decoded.refusals.invalid == {"score": 1}


@pytest.mark.parametrize("missing", [{}, {"prediction": None}, {"prediction": float("nan")}])
def test_a_class_that_is_not_said_follows_from_score_and_threshold(missing: dict[str, Any]) -> None:
    log = Log(threshold=0.3, classes=["no", "yes"], positive_class="no")
    predicted = log.records(*({"score": score, **missing} for score in (0.29, 0.3, None))).rows.predicted
    np.testing.assert_array_equal(predicted, [1.0, 0.0, np.nan])


def test_a_class_of_no_use_is_not_replaced() -> None:
    decoded = Log().records({"score": 0.9, "prediction": [1]})
    assert decoded.rows.predicted.tolist() == [np.inf]
    assert decoded.refusals.invalid == {"prediction": 1}


def test_classes_are_told_by_their_text() -> None:
    log = Log(classes=["false", "true"])
    records = [{"prediction": value} for value in (True, False, 1, "true", 1.0, "1", 0)]
    predicted = log.records(*records).rows.predicted.astype(int)
    assert [log.layout.classes.text(code) for code in predicted] == ["true", "false", "1", "true", "1", "1", "0"]


def test_a_reference_with_one_class_leaves_the_other_one_unsaid() -> None:
    log = Log(Profile("hash", 1, "binary", ("yes",), "yes", {}, None, None, None))
    predicted = log.records({"score": 0.9}, {"score": 0.1}, {"prediction": "no", "score": 0.1}).rows.predicted
    np.testing.assert_array_equal(predicted, [0.0, np.nan, 1.0])


MULTICLASS: dict[str, Any] = {"task": "multiclass", "classes": ["a", "b", "1"]}


@pytest.mark.parametrize(
    ("scores", "read"),
    [
        ({"b": 0.7, "a": 0.2, "1": 0.1}, [0.2, 0.7, 0.1]),
        ([0.2, 0.7, 0.1], [0.2, 0.7, 0.1]),
        ({"b": 1, "a": 0, "1": 0, "other": "x"}, [0.0, 1.0, 0.0]),
        ([0, 1, 0], [0.0, 1.0, 0.0]),
    ],
)
def test_probabilities_of_classes_and_the_class_that_follows(scores: Any, read: list[float]) -> None:
    decoded = Log(**MULTICLASS).records({"scores": scores}, {"scores": scores, "prediction": "a"})
    assert decoded.rows.scores.tolist() == [read, read]
    assert decoded.rows.predicted.tolist() == [1.0, 0.0]
    assert not decoded.refusals.invalid


@pytest.mark.parametrize(
    ("scores", "invalid"),
    [
        (None, 0),
        ([0.2, None, 0.8], 0),
        ([0.2, float("nan"), 0.8], 0),
        ({"a": 0.5, "b": 0.5}, 1),
        ([0.5, 0.5], 1),
        ([0.5, 0.6, -0.1], 1),
        ([0.5, "x", 0.5], 1),
        ({"a": 0.5, "b": 0.5, "1": {}}, 1),
        ([], 1),
        ({}, 1),
        (0.5, 1),
        ("x", 1),
    ],
)
def test_probabilities_count_only_together(scores: Any, invalid: int) -> None:
    decoded = Log(**MULTICLASS).records({"scores": scores})
    assert np.isnan(decoded.rows.scores).all()
    assert np.isnan(decoded.rows.predicted).all()
    assert decoded.refusals.invalid["score"] == invalid


def test_probabilities_by_path() -> None:
    paths = {"a": "p.a", "b": "p.b", "1": ["p", "one.1"]}
    log = Log(**MULTICLASS, fields={"scores": paths})
    decoded = log.records({"p": {"a": 0.1, "b": 0.2, "one.1": 0.7}}, {"p": {"a": 0.1}}, {"p": {"a": "x"}})
    np.testing.assert_array_equal(decoded.rows.scores[0], [0.1, 0.2, 0.7])
    assert np.isnan(decoded.rows.scores[1:]).all()
    np.testing.assert_array_equal(decoded.rows.predicted, [2.0, np.nan, np.nan])
    assert decoded.refusals.invalid["score"] == 1


def test_a_regression_predicts_numbers() -> None:
    log = Log(task="regression")
    decoded = log.records(*({"prediction": value} for value in (1.5, -2, None, "3", float("inf"))))
    np.testing.assert_array_equal(decoded.rows.predicted, [1.5, -2.0, np.nan, np.inf, np.inf])
    assert decoded.refusals.invalid == {"prediction": 2}
    assert decoded.rows.scores.shape == (5, 0)


def test_a_predicted_number_may_be_the_request_id() -> None:
    log = Log(task="regression", fields={"prediction": "request_id"})
    decoded = log.records({"request_id": 7}, {"request_id": "a"})
    np.testing.assert_array_equal(decoded.rows.predicted, [7.0, np.inf])
    assert decoded.rows.has_key.tolist() == [True, False]
    assert decoded.refusals.invalid == {"prediction": 1, "request_id": 1}


def test_records_of_other_models_are_ignored() -> None:
    log = Log(fields={"model": "model"}, model_id=7)
    decoded = log.records(*({"model": name} for name in ("7", 7, 7.0, "m", None, True, [7])), {}, {"status": "bad"})
    assert (len(decoded.rows), decoded.refusals.ignored, decoded.read) == (3, 6, 9)
    assert not decoded.refusals.rejected


def test_features_at_the_top_level_and_at_paths_of_their_own() -> None:
    features = {"x": "numeric", "y": {"kind": "numeric", "path": "deep.er.y"}, "z.z": "numeric"}
    log = Log(fields={"features": ""}, features=features)
    rows = log.records({"x": 1, "deep": {"er": {"y": 2}}, "z.z": 3}).rows
    found = dict(zip([field.name for field in log.layout.numeric], rows.numeric[0].tolist(), strict=True))
    assert found == {"x": 1.0, "y": 2.0, "z.z": 3.0}


NAMES = ["two words", "a.b", "a-b", "a:b", 'a"b', "a\\b", "a'b", "größe", "f0", "{x}", "class", "a\u2028b", "$"]


@pytest.mark.parametrize("names", [NAMES, [name for name in NAMES if not set(name) & set('"\\\u2028')]])
def test_names_may_hold_anything(names: list[str]) -> None:
    log = Log(features=dict.fromkeys(names, "numeric"))
    values = {name: float(i) for i, name in enumerate(names)}
    decoded = log.records({"features": values})
    found = dict(zip([field.name for field in log.layout.numeric], decoded.rows.numeric[0].tolist(), strict=True))
    assert (found, decoded.refusals.rejected) == (values, {})


def test_a_segment_may_be_a_feature_or_any_other_field() -> None:
    fields = ["features.x", "features.c", "status", "version", "prediction", "latency_ms"]
    log = Log(features={"x": "numeric", "c": "categorical"}, segments={name: name for name in fields})
    record = {"features": {"x": 3, "c": True}, "status": 201, "version": "v", "prediction": 1, "latency_ms": 2}
    decoded = log.records(record, {"features": {"x": "bad"}, "latency_ms": None})
    assert [dictionary.texts for dictionary in log.layout.segments.values()] == [
        ["3"],
        ["true"],
        ["201"],
        ["v"],
        ["1"],
        ["2"],
    ]
    assert decoded.rows.groups[1].tolist() == [MISSING] * 6
    assert decoded.refusals.invalid == {"segment": 1}


def test_a_feature_may_be_any_other_field() -> None:
    features = dict.fromkeys(("status", "latency_ms", "prediction", "score"), "numeric")
    log = Log(fields={"features": ""}, features=features)
    decoded = log.records({"status": 201, "latency_ms": 2, "prediction": 1, "score": 0.5}, {"prediction": "x"})
    found = dict(zip([field.name for field in log.layout.numeric], decoded.rows.numeric.T.tolist(), strict=True))
    np.testing.assert_array_equal(found["prediction"], [1.0, np.inf])
    np.testing.assert_array_equal(found["status"], [201.0, np.nan])
    assert log.layout.classes.text(int(decoded.rows.predicted[0])) == "1"


@pytest.mark.parametrize(
    "settings",
    [
        {"segments": {"t": "timestamp"}},
        {"fields": {"features": ""}, "features": {"timestamp": "numeric"}},
        {**MULTICLASS, "segments": {"s": "scores"}},
        {"fields": {"version": "features"}, "features": {"x": "numeric"}},
        {"fields": {"version": "status.code"}},
    ],
)
def test_fields_that_cannot_be_in_one_place_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(PathClashError):
        Log(**settings)


@pytest.mark.parametrize("domain", ["text", "number", "boolean"])
def test_a_known_domain_only_makes_it_faster(domain: str) -> None:
    log = Log(profile_of(c=column("1", "true", domain=domain)))
    values: list[Any] = [1, True, "1", 1.0, "true", False, 0, None, []]
    decoded = log.records(*({"features": {"c": value}} for value in values))
    expected = ["1", "true", "1", "1", "true", "false", "0", MISSING, INVALID]
    assert log.names(decoded.rows.categorical) == expected


def test_groups_of_segments_do_not_overlap() -> None:
    log = Log(segments=["one", "two"], limits={"segments": 2})
    records = [{"one": name, "two": name} for name in ("a", "b", "c", "", None)] + [{"one": [], "two": "a"}]
    decoded = log.records(*records)
    assert decoded.rows.groups.tolist() == [[1, 4], [2, 5], [3, 6], [-1, -1], [-1, -1], [-1, 4]]
    assert decoded.refusals.invalid == {"segment": 1}


def test_versions_without_a_name_are_unknown() -> None:
    """An empty version would be taken for the figures over all versions."""
    log = Log()
    versions: list[Any] = ["", None, {}, 2, 2.0, "2", True]
    decoded = log.records(*({"version": version} for version in versions))
    names = [log.layout.versions.text(code) for code in decoded.rows.version]
    assert names == ["unknown", "unknown", "unknown", "2", "2", "2", "true"]
    assert decoded.refusals.invalid == {"version": 1}


def test_request_ids() -> None:
    ids = ["a", "a", 7, "7", 7.0, "", None, [], "\ud800", "\ud801", True]
    log = Log()
    decoded = log.lines(*(line({"request_id": identifier}) for identifier in ids))
    keys = decoded.rows.key.tolist()
    assert decoded.rows.has_key.tolist() == [True] * 5 + [False] * 5 + [True]
    assert keys[0] == keys[1] != keys[2] == keys[3] == keys[4]
    assert keys[5:10] == [0] * 5
    assert decoded.refusals.invalid == {"request_id": 5}


def test_without_labels_a_request_id_is_not_missed() -> None:
    assert not Log(labels=None).records({"request_id": None}).refusals.invalid


def test_a_time_stamp_out_of_all_reason_rejects_its_record_once() -> None:
    log = Log(time_format="epoch_s")
    decoded = log.records({"timestamp": 1e300}, {"timestamp": 2**64, "status": "bad"}, {"timestamp": 1})
    assert (decoded.rows.time.tolist(), decoded.refusals.rejected) == ([1_000_000], {"bad_timestamp": 2})
