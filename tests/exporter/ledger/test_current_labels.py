from __future__ import annotations

import numpy as np
import pytest

from exporter.label_join.join import LabelJoin
from exporter.ledger.current_labels import current_labels
from exporter.rows.record import Labels, Predictions

HORIZON = 1000 * 1_000_000
SECOND = 1_000_000


def predictions(rows: list[tuple[int, int, int]]) -> Predictions:
    """Return rows of a time in seconds, a key (0 for none) and a version."""
    times, keys, versions = (list(column) for column in zip(*rows, strict=True))
    count = len(rows)
    return Predictions(
        time=np.array(times, np.int64) * SECOND,
        key=np.array(keys, np.uint64),
        has_key=np.array(keys) != 0,
        version=np.array(versions, np.int32),
        endpoint=np.zeros(count, np.int32),
        status=np.full(count, 200, np.int32),
        latency=np.zeros(count),
        numeric=np.empty((count, 0)),
        categorical=np.empty((count, 0), np.int32),
        predicted=np.arange(count, dtype=np.float64),
        scores=np.empty((count, 0)),
        groups=np.empty((count, 0), np.int32),
        amounts=np.empty((count, 0)),
    )


def lines(rows: list[tuple[int, int, float]]) -> Labels:
    """Return lines of a time in seconds, a key and a value."""
    times, keys, values = (list(column) for column in zip(*rows, strict=True))
    return Labels(np.array(times, np.int64) * SECOND, np.array(keys, np.uint64), np.array(values, np.float64))


@pytest.fixture
def join() -> LabelJoin:
    return LabelJoin(HORIZON, 0, 0, settle=None)


def found(join: LabelJoin, rows: Predictions) -> dict[tuple[int, int], float]:
    """Return the label by the number of the prediction and its version."""
    labelled = current_labels(join, rows)
    assert labelled.first.all()
    places = zip(labelled.rows.predicted.tolist(), labelled.rows.version.tolist(), strict=True)
    return {(int(row), version): value for (row, version), value in zip(places, labelled.value.tolist(), strict=True)}


def test_the_latest_line_counts_and_of_equals_the_greatest_value(join: LabelJoin) -> None:
    rows = predictions([(0, 1, 0), (1, 2, 0), (2, 0, 0), (3, 4, 0)])
    join.add_predictions(rows, np.ones(4, dtype=bool))
    join.add_labels(lines([(50, 1, 7), (20, 1, 9), (60, 2, 1), (60, 2, 3), (60, 2, 2)]))
    assert found(join, rows) == {(0, 0): 7, (1, 0): 3}
    join.add_labels(lines([(70, 1, 5)]))
    assert found(join, rows) == {(0, 0): 5, (1, 0): 3}


def test_each_version_of_a_request_has_its_label_and_unscored_ones_have_none(join: LabelJoin) -> None:
    rows = predictions([(0, 1, 0), (5, 1, 1), (6, 2, 0)])
    join.add_predictions(rows, np.array([True, True, False]))
    join.add_labels(lines([(9, 1, 1), (9, 2, 1)]))
    assert found(join, rows) == {(0, 0): 1, (1, 1): 1}
    assert found(join, rows.take(slice(1, 2))) == {(1, 1): 1}


def test_a_request_that_came_again_after_the_horizon_has_labels_of_its_own(join: LabelJoin) -> None:
    rows = predictions([(0, 1, 0), (1500, 1, 0)])
    join.add_predictions(rows, np.ones(2, dtype=bool))
    join.add_labels(lines([(400, 1, 1), (1600, 1, 2), (2501, 1, 3)]))
    assert found(join, rows) == {(0, 0): 1, (1, 0): 2}


def test_predictions_behind_the_horizon_have_none_whatever_is_still_kept(join: LabelJoin) -> None:
    rows = predictions([(0, 1, 0), *((500 + i, 2 + i, 0) for i in range(5))])
    join.add_predictions(rows, np.ones(6, dtype=bool))
    join.add_labels(lines([(10, 1, 1), (510, 2, 1)]))
    join.advance((1000 + 400) * SECOND)
    # The block is kept for the others' sake.
    assert len(join.predictions) == 6
    assert found(join, rows) == {(1, 0): 1}


def test_no_predictions_have_no_labels(join: LabelJoin) -> None:
    assert found(join, predictions([(0, 1, 0)])) == {}
    assert found(join, predictions([(0, 1, 0)]).take(slice(0, 0))) == {}
