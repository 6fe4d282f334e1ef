from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.ledger.history import History

FORGOTTEN = 100


def first_of(batches: list[list[int]]) -> int | None:
    history = History(FORGOTTEN)
    for batch in batches:
        history.add(np.array(batch, np.int64))
    return history.first


def test_it_begins_with_the_first_row() -> None:
    assert first_of([]) is None
    assert first_of([[500, 400], [450, 550]]) == 400
    assert first_of([[500], [401]]) == 401


def test_an_absurdly_old_row_is_no_part_of_it() -> None:
    for batches in ([[3, 5000, 5050]], [[3], [5000, 5050]], [[5000, 5050], [3]], [[5000], [3], [5050]]):
        assert first_of(batches) == 5000


def test_a_long_silence_begins_it_anew_and_a_short_one_does_not() -> None:
    assert first_of([[100], [200], [300]]) == 100
    assert first_of([[100], [201], [300]]) == 201


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_what_matters_of_it_does_not_depend_on_the_order(times: list[int]) -> None:
    """No window that is shorter than the silence that is forgotten after takes another row for the first one."""
    oldest = min(time for time in times if time >= max(times) - FORGOTTEN)
    for batches in ([times], [[time] for time in times], [times[:9], times[9:]] if times[9:] else [times]):
        first = first_of(batches)
        assert first is not None
        assert first in times
        assert first <= oldest


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_in_order_it_is_the_row_behind_the_last_silence(times: list[int]) -> None:
    expected = min(times)
    ordered = sorted(times)
    for one, other in itertools.pairwise(ordered):
        expected = other if other - one > FORGOTTEN else expected
    assert first_of([[time] for time in ordered]) == expected
    assert first_of([times]) == expected
