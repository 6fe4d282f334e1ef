from __future__ import annotations

import numpy as np
import pytest

from exporter.rows.record import Labels, Refusals, concatenate


def labels(*values: float) -> Labels:
    count = len(values)
    return Labels(np.arange(count), np.arange(count, dtype=np.uint64) + 10, np.array(values, np.float64))


@pytest.mark.parametrize("chosen", [np.array([True, False, True]), slice(0, 3, 2), np.array([0, 2])])
def test_some_of_the_rows(chosen: object) -> None:
    rows = labels(0.5, 1.5, 2.5).take(chosen)
    assert (rows.time.tolist(), rows.key.tolist(), rows.value.tolist()) == ([0, 2], [10, 12], [0.5, 2.5])
    assert (type(rows), len(rows)) == (Labels, 2)


def test_batches_are_joined_in_order() -> None:
    joined = concatenate([labels(1.0), labels(), labels(2.0, 3.0)])
    assert (joined.value.tolist(), str(joined.key.dtype)) == ([1.0, 2.0, 3.0], "uint64")


def test_refusals_count_rows_and_name_only_what_happened() -> None:
    refusals = Refusals()
    refusals.reject("bad", np.array([True, False, True]))
    refusals.reject("bad", np.array([True]))
    refusals.reject("never", np.array([False]))
    refusals.blank("field", np.array([True, True]))
    refusals.blank("never", np.array([], bool))
    assert (dict(refusals.rejected), dict(refusals.invalid)) == ({"bad": 3}, {"field": 2})
