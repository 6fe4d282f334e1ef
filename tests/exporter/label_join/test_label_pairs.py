from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.layout import DUPLICATE, JOINED
from exporter.label_join.label_pairs import Pairs, distinct, places_of

lines = st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 3), st.booleans()), max_size=9)


def pairs_of(prediction: list[int], rows: list[tuple[int, int, bool]]) -> Pairs:
    time, value, new = np.array(rows, np.int64).reshape(-1, 3).T
    return Pairs(np.array(prediction, np.intp), time, value.astype(np.float64), new.astype(np.bool_))


@given(lines, st.data())
def test_a_line_alone_counts_in_any_order(rows: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    """In order nothing is sorted; out of order everything is."""
    order = data.draw(st.permutations(range(len(rows))))
    pairs = pairs_of([2 * i for i in order], [rows[i] for i in order])
    is_new = pairs.new.tolist()
    assert [outcome for outcome, new in zip(pairs.outcomes().tolist(), is_new, strict=True) if new] == [JOINED] * sum(
        is_new
    )
    lost, gained, first = pairs.changes()
    assert (lost.tolist(), first.tolist()) == ([], [True] * sum(is_new))
    assert pairs.prediction[gained].tolist() == sorted(2 * i for i, row in enumerate(rows) if row[2])
    everyone = [2 * i for i in range(len(rows))]
    assert pairs.prediction[pairs.winners()].tolist() == everyone
    assert pairs.prediction[pairs.settled(np.full(len(rows), 5))].tolist() == everyone


def test_two_lines_of_a_prediction_are_not_alone() -> None:
    pairs = pairs_of([0, 1, 1], [(0, 0, True), (1, 5, True), (2, 5, True)])
    assert pairs.outcomes().tolist() == [JOINED, JOINED, DUPLICATE]
    assert pairs.winners().tolist() == [0, 2]


@given(st.lists(st.integers(0, 5)).map(sorted))
def test_keys_come_once_with_their_bounds(keys: list[int]) -> None:
    found, bounds = distinct(np.array(keys, np.uint64))
    assert found.tolist() == sorted(set(keys))
    assert bounds.tolist() == [keys.index(key) for key in sorted(set(keys))] + [len(keys)]


@given(st.lists(st.booleans()))
def test_places_pick_what_flags_mark(flags: list[bool]) -> None:
    numbers, mask = np.arange(len(flags)), np.array(flags, np.bool_)
    assert numbers[places_of(mask)].tolist() == [i for i, flag in enumerate(flags) if flag]
