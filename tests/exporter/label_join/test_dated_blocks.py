from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.label_join.dated_blocks import DatedBlocks
from exporter.rows.kept_rows import NO_LABELS, KeptLabels

BATCHES = st.lists(st.lists(st.integers(0, 50), max_size=20), max_size=30)


def filled(batches: list[list[int]]) -> DatedBlocks[KeptLabels]:
    store = DatedBlocks(NO_LABELS)
    for times in batches:
        store.add(KeptLabels(np.array(times, np.int64), np.array(times, np.uint64) % 7, np.zeros(len(times))))
    return store


@given(BATCHES, st.integers(0, 50), st.integers(0, 50))
def test_rows_are_found_by_their_time(batches: list[list[int]], start: int, stop: int) -> None:
    store = filled(batches)
    times = sorted(time for batch in batches for time in batch)
    assert sorted(store.times.tolist()) == times
    for _ in range(2):  # the second time, what is known of the blocks is used
        assert sorted(store.between(start, stop).time.tolist()) == [time for time in times if start <= time < stop]


@given(BATCHES, st.integers(0, 50))
def test_what_is_kept_can_still_be_found(batches: list[list[int]], limit: int) -> None:
    store = filled(batches)
    store.keep(lambda rows: rows.time >= limit)
    times = sorted(time for batch in batches for time in batch if time >= limit)
    assert sorted(store.times.tolist()) == times
    assert sorted(store.find(np.arange(7, dtype=np.uint64)).rows.time.tolist()) == times
    assert sorted(store.between(0, 99).time.tolist()) == times
    assert all(len(block) for block in store)


def test_a_row_has_a_size() -> None:
    assert filled([[1, 2]]).row_bytes == 24
    assert filled([]).row_bytes == 0
