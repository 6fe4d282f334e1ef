from __future__ import annotations

from collections import Counter, defaultdict

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


@pytest.mark.parametrize("size", [blocks._SMALLEST, 0], ids=["searched", "with a sieve"])
@given(st.lists(keys, min_size=1, max_size=12), st.lists(keys, max_size=8))
def test_a_block_finds_every_pair(size: int, content: list[int], queries: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_FEW", 0)
        patch.setattr(blocks, "_SMALLEST", size)
        query, rows = Block(0, labels([(0, key) for key in sorted(content)])).find(hashes(*queries))
    expected = [(i, j) for i, each in enumerate(queries) for j, key in enumerate(sorted(content)) if each == key]
    assert sorted(zip(query.tolist(), rows.tolist(), strict=True)) == expected


@pytest.mark.parametrize("shift", [0, 30, 50, 60], ids=lambda shift: f"crowded {shift}")
def test_many_queries_find_every_pair_however_crowded_the_keys_are(shift: int) -> None:
    random = np.random.default_rng(1)
    pool = random.integers(0, 2**64, 6000, dtype=np.uint64) >> np.uint64(shift)
    content, queries = np.sort(random.choice(pool, 4000)), random.choice(pool, 3000)
    places = defaultdict(list)
    for place, key in enumerate(content.tolist()):
        places[key].append(place)
    query, rows = Block(0, labels([(0, key) for key in content.tolist()])).find(queries)
    expected = [(i, j) for i, key in enumerate(queries.tolist()) for j in places[key]]
    assert sorted(zip(query.tolist(), rows.tolist(), strict=True)) == expected


met_batches = st.lists(st.tuples(keys, st.booleans()), max_size=9)
met_steps = st.one_of(
    st.tuples(st.just("add"), met_batches),
    st.tuples(st.just("meet"), st.lists(keys, max_size=4, unique=True)),
    st.tuples(st.just("drop"), st.integers(0, 12)),
)


@given(st.lists(met_steps, max_size=25))
def test_a_row_was_met_once_somebody_met_it(program: list[tuple[str, object]]) -> None:
    store, met, added = BlockStore(EMPTY), set(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_SMALLEST", 4)
        for what, argument in program:
            if what == "add":
                batch: list[tuple[int, bool]] = argument  # type: ignore[assignment]
                store.add(
                    labels([(added + i, key) for i, (key, _) in enumerate(batch)]),
                    np.array([flag for _, flag in batch]),
                )
                met |= {added + i for i, (_, flag) in enumerate(batch) if flag}
                added += len(batch)
            elif what == "drop":
                store.drop_before(added - int(str(argument)))
            else:
                (_, rows), before = store.meet(hashes(*argument))  # type: ignore[misc]
                assert before.tolist() == [time in met for time in rows.time.tolist()]
                met |= set(rows.time.tolist())


def test_nobody_knows_what_was_met_before_a_crash_or_where_it_was_not_said() -> None:
    store = BlockStore(EMPTY)
    store.restore(0, labels([(0, 1)]))
    store.add(labels([(0, 2)]))
    assert store.meet(hashes(1, 2))[1].tolist() == [True, True]


def test_what_is_left_of_a_block_stays_met() -> None:
    store = BlockStore(EMPTY)
    store.add(labels([(1, 1), (2, 2), (3, 3), (4, 4)]), np.array([False, False, True, False]))
    store.drop_before(3)
    assert store.meet(hashes(3, 4))[1].tolist() == [True, False]


def test_a_row_is_moved_once_where_one_merge_would_follow_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_SMALLEST", 4)
    store = BlockStore(EMPTY)
    for i in range(16):
        store.add(labels([(i, 4 * i + j) for j in range(4)]))
    # Sixteen were added; three times four of them were merged, and these with the last four.
    assert [(len(block), block.number) for block in store] == [(64, 16 + 3)]


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
