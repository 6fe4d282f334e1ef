from __future__ import annotations

from typing import Any

import pytest

from tests.exporter.decoders.models import MOMENT, NOW, TIME, Log


def label(**values: Any) -> dict[str, Any]:
    return {"request_id": "a", "label": 1, "timestamp": TIME, **values}


def test_an_ordinary_label() -> None:
    log = Log()
    decoded = log.labels(label())
    assert (decoded.rows.time.tolist(), decoded.rows.value.tolist(), decoded.read) == ([MOMENT], [1.0], 1)
    assert decoded.rows.key.tolist() == log.records({}).rows.key.tolist()


def test_labels_and_predictions_share_their_classes() -> None:
    log = Log(classes=["no", "yes"], positive_class="yes")
    values = log.labels(*(label(label=value) for value in ("yes", True, 1, "new"))).rows.value
    assert values[0] == log.records({"prediction": "yes"}).rows.predicted[0] == 1.0
    assert values[3] == log.records({"prediction": "new"}).rows.predicted[0]
    assert len(set(values.tolist())) == 4


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (label(label=None), "missing_label"),
        (label(label=float("nan")), "missing_label"),
        (label(label=[]), "bad_label"),
        (label(label=float("inf")), "bad_label"),
        ({"request_id": "a", "timestamp": TIME}, "missing_label"),
        (label(request_id=None), "missing_request_id"),
        (label(request_id=""), "missing_request_id"),
        (label(request_id={}), "bad_request_id"),
        (label(timestamp=None), "missing_timestamp"),
        (label(timestamp="soon"), "bad_timestamp"),
        ([], "not_an_object"),
        (b"x", "malformed"),
    ],
)
def test_a_label_of_no_use_is_rejected(record: Any, reason: str) -> None:
    decoded = Log().labels(record, label())
    assert (len(decoded.rows), decoded.read, decoded.refusals.rejected) == (1, 2, {reason: 1})


def test_labels_of_a_regression_are_numbers() -> None:
    decoded = Log(task="regression").labels(label(label=2), label(label=-0.5), label(label="2"), label(label=True))
    assert (decoded.rows.value.tolist(), decoded.refusals.rejected) == ([2.0, -0.5], {"bad_label": 2})


def test_a_label_that_is_a_number_may_be_the_request_id() -> None:
    settings = {"path": "l.jsonl", "fields": {"label": "request_id"}}
    decoded = Log(task="regression", labels=settings).labels(label(request_id=7), label(request_id="a"))
    assert (decoded.rows.value.tolist(), decoded.refusals.rejected) == ([7.0], {"bad_label": 1})


def test_without_a_field_for_it_the_time_is_that_of_reading() -> None:
    settings = {"path": "l.jsonl", "fields": {"timestamp": None}}
    decoded = Log(labels=settings).labels(label(timestamp="whatever"), label(request_id=""))
    assert (decoded.rows.time.tolist(), decoded.refusals.rejected) == ([NOW], {"missing_request_id": 1})


def test_a_time_out_of_all_reason() -> None:
    log = Log(time_format="epoch_s")
    decoded = log.labels(label(timestamp=1e300), label(timestamp=10**400), label(timestamp=1.5))
    assert (decoded.rows.time.tolist(), decoded.refusals.rejected) == ([1_500_000], {"bad_timestamp": 2})


def test_no_lines_are_no_rows() -> None:
    decoded = Log().labels()
    assert (decoded.rows.value.shape, str(decoded.rows.value.dtype)) == ((0,), "float64")
