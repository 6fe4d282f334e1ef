from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from exporter.counting import key_lists
from exporter.counting.key_lists import CountList, SumList
from exporter.counting.tally import Tally

ROWS, SIZE = 40, 1000

# Stretches of keys: narrow ones are counted place by place, the others sorted.
_columns = st.tuples(
    st.none() | st.lists(st.integers(0, ROWS - 1), unique=True).map(sorted),
    st.integers(0, SIZE - 1),
    st.sampled_from([1, 2, 7, SIZE]),
)


def by_pane(tallies: list[Tally]) -> dict[int, Mapping[int, float]]:
    return {i: dict(zip(each.keys.tolist(), each.values.tolist(), strict=True)) for i, each in enumerate(tallies)}


@pytest.fixture(params=[0, 4, 10**9], ids=["sorted", "mixed", "counted"], autouse=True)
def _whatever_is_dense(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_lists, "_DENSE", request.param)


@given(
    st.lists(_columns, max_size=5),
    st.lists(st.integers(0, SIZE - 1), max_size=2),
    st.integers(1, 5),
    st.sampled_from([np.int32, np.int64]),
    st.randoms(use_true_random=False),
)
def test_keys_are_counted_by_pane(columns: list[Any], single: list[int], panes: int, kind: Any, random: Any) -> None:
    pane = np.array([random.randrange(panes) for _ in range(ROWS)], np.intp)
    counts = CountList()
    expected: dict[int, Counter[int]] = defaultdict(Counter)
    for rows, first, width in columns:
        which = None if rows is None else np.array(rows, np.intp)
        there = range(ROWS) if rows is None else rows
        keys = np.array([min(first + random.randrange(width), SIZE - 1) for _ in there], kind)
        counts.add(which, keys)
        for row, key in zip(there, keys.tolist(), strict=True):
            expected[int(pane[row])][key] += 1
    for key in single:
        counts.add(None, key)
        for row in range(ROWS):
            expected[int(pane[row])][key] += 1
    found = counts.by_pane(pane, panes, SIZE)
    assert by_pane(found) == {i: dict(expected[i]) for i in range(panes)}
    assert all((np.diff(tally.keys) > 0).all() for tally in found)


@given(st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(-9, 9)), max_size=ROWS), st.integers(1, 5))
def test_values_are_summed_by_pane(pairs: list[tuple[int, int]], panes: int) -> None:
    rows: NDArray[np.intp] = np.arange(len(pairs))
    pane = rows % panes
    sums = SumList()
    sums.add(rows, np.array([key for key, _ in pairs], np.int64), np.array([float(value) for _, value in pairs]))
    sums.add(None, 3, np.ones(len(pairs)))
    expected: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row, (key, value) in enumerate(pairs):
        expected[row % panes][key] += value
        expected[row % panes][3] += 1.0
    found = by_pane(sums.by_pane(pane, panes, SIZE))
    # Sums that are exactly 0 may be there or not.
    assert [_not_zero(found[i]) for i in range(panes)] == [_not_zero(expected[i]) for i in range(panes)]


def _not_zero(sums: Mapping[int, float]) -> dict[int, float]:
    return {key: value for key, value in sums.items() if value}


def test_nothing_adds_nothing() -> None:
    pane = np.zeros(0, np.intp)
    counts, sums = CountList(), SumList()
    counts.add(None, np.empty(0, np.int64))
    counts.add(None, 5)
    sums.add(None, 5, np.empty(0))
    assert by_pane(counts.by_pane(pane, 2, SIZE)) == by_pane(sums.by_pane(pane, 2, SIZE)) == {0: {}, 1: {}}


def test_positions_beyond_32_bits_are_kept_apart() -> None:
    counts, size = CountList(), 1 << 31
    counts.add(None, np.array([5, size - 1, size - 1], np.int64))
    assert by_pane(counts.by_pane(np.array([0, 1, 1]), 2, size)) == {0: {5: 1}, 1: {size - 1: 2}}
