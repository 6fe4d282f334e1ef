from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.label_join import blocks
from exporter.label_join.blocks import Block, BlockStore
from exporter.rows.record import Hashes, Labels

EMPTY = Labels(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0))

keys = st.integers(0, 5) | st.sampled_from([2**64 - 1, 2**63])
batch = st.lists(st.tuples(st.integers(0, 50), keys), max_size=6)
steps = st.one_of(
    st.tuples(st.just("add"), batch),
    st.tuples(st.just("drop"), st.integers(0, 50)),
    st.tuples(st.just("commit"), st.none()),
    st.tuples(st.just("crash"), st.none()),
)


def labels(rows: list[tuple[int, int]], value: float = 0.0) -> Labels:
    return Labels(
        np.array([time for time, _ in rows], np.int64),
        np.array([key for _, key in rows], np.uint64),
        np.full(len(rows), value),
    )


def hashes(*values: int) -> Hashes:
    return np.array(values, np.uint64)


def rows_of(store: BlockStore[Labels]) -> Counter[tuple[int, int, float]]:
    return Counter(
        row
        for block in store
        for row in zip(block.rows.time.tolist(), block.keys.tolist(), block.rows.value.tolist(), strict=True)
    )


class Database:
    """What a state keeps of a store, and how."""

    def __init__(self) -> None:
        self._blocks: dict[int, Labels] = {}

    def commit(self, store: BlockStore[Labels]) -> None:
        for number in store.removed:
            del self._blocks[number]
        for block in store:
            if block.number in store.added:
                assert block.number not in self._blocks
                self._blocks[block.number] = block.rows
        store.forget_changes()

    def restored(self) -> BlockStore[Labels]:
        store = BlockStore(EMPTY)
        for number, rows in self._blocks.items():
            store.restore(number, rows)
        return store


@given(st.lists(steps, max_size=25))
def test_any_program_finds_what_a_plain_list_would_and_survives_crashes(program: list[tuple[str, object]]) -> None:
    store, database = BlockStore(EMPTY), Database()
    kept: Counter[tuple[int, int, float]] = Counter()
    saved = kept.copy()
    for step, (what, argument) in enumerate(program):
        if what == "add":
            rows = labels(argument, float(step))  # type: ignore[arg-type]  # a batch
            store.add(rows)
            kept += Counter(zip(rows.time.tolist(), rows.key.tolist(), rows.value.tolist(), strict=True))
        elif what == "drop":
            store.drop_before(int(str(argument)))
            gone = kept - rows_of(store)
            assert all(time < int(str(argument)) for time, _, _ in gone)
            kept -= gone
        elif what == "commit":
            database.commit(store)
            saved = kept.copy()
        elif what == "crash":
            store, kept = database.restored(), saved.copy()
        assert rows_of(store) == kept
        assert len(store) == kept.total()
    queries = [0, 3, 3, 7, 2**64 - 1, 1]
    found = store.find(hashes(*queries))
    pairs = Counter(zip(found.query.tolist(), found.rows.time.tolist(), found.rows.value.tolist(), strict=True))
    expected: Counter[tuple[int, int, float]] = Counter()
    for (time, key, value), times in kept.items():
        for position, query in enumerate(queries):
            expected[(position, time, value)] += times * (key == query)
    assert pairs == +expected
    assert found.rows.key.tolist() == [queries[position] for position in found.query]


@given(st.lists(keys, min_size=1, max_size=12), st.lists(keys, max_size=8))
def test_a_block_finds_every_pair(content: list[int], queries: list[int]) -> None:
    block = Block(0, labels([(0, key) for key in sorted(content)]))
    query, rows = block.find(hashes(*queries))
    expected = [(i, j) for i, each in enumerate(queries) for j, key in enumerate(sorted(content)) if each == key]
    assert sorted(zip(query.tolist(), rows.tolist(), strict=True)) == expected


def test_blocks_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_SMALLEST", 4)
    store = BlockStore(EMPTY)
    for i in range(1000):
        store.add(labels([(i, i)]))
        assert len(store.blocks) <= 3 * 6
    assert rows_of(store) == {(i, i, 0.0): 1 for i in range(1000)}
    assert all((np.diff(block.keys) > 0).all() for block in store)


def test_a_block_goes_once_half_of_it_is_old() -> None:
    store = BlockStore(EMPTY)
    store.add(labels([(1, 1), (2, 2), (3, 3), (4, 4)]))
    store.drop_before(2)
    assert len(store) == 4
    store.drop_before(3)
    assert rows_of(store) == {(3, 3, 0.0): 1, (4, 4, 0.0): 1}
    store.drop_before(5)
    assert (len(store), store.blocks) == (0, [])


def test_what_is_added_and_gone_before_it_is_saved_is_never_written() -> None:
    store = BlockStore(EMPTY)
    store.add(labels([(1, 1)]))
    store.drop_before(2)
    assert (store.added, store.removed) == (set(), set())


def test_nothing_is_found_by_nothing_or_in_nothing() -> None:
    store = BlockStore(EMPTY)
    store.add(EMPTY)
    assert store.blocks == []
    assert len(store.find(hashes(1)).rows) == 0
    store.add(labels([(1, 1)]))
    assert len(store.find(hashes()).query) == len(store.find(hashes(0, 2)).rows) == 0
