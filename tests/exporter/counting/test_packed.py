"""Packing loses nothing, adds up, and is worth it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.content import Content
from exporter.counting.packed import (
    BLOCK,
    Packed,
    pack,
    pack_content,
    smallest_integer,
    unpack,
    unpack_content,
    value_at,
)
from exporter.counting.packed_vectors import dense_sum
from exporter.counting.score_bins import ScoreTable
from exporter.counting.tally import NO_COUNTS, NO_SUMS, Tally

KEYS = st.lists(st.integers(0, 3 * BLOCK), unique=True, max_size=3 * BLOCK)


def tally_of(entries: dict[int, int]) -> Tally:
    keys = np.array(sorted(entries), np.int64)
    return Tally(keys, np.array([entries[key] for key in keys.tolist()], np.int64))


def crowded(first: int, entries: int, value: int = 1) -> Tally:
    return Tally(np.arange(first, first + entries), np.full(entries, value, np.int64))


def same(one: Tally, other: Tally) -> None:
    assert one.keys.tolist() == other.keys.tolist()
    assert one.values.tolist() == other.values.tolist()
    assert (one.keys.dtype, one.values.dtype) == (other.keys.dtype, other.values.dtype)


@given(st.dictionaries(st.integers(0, 1 << 40), st.integers(-(1 << 40), 1 << 40).filter(bool), max_size=50))
def test_sparse_counts_come_back(entries: dict[int, int]) -> None:
    tally = tally_of(entries)
    same(unpack(pack(tally)), tally)


@given(KEYS, st.integers(0, 1 << 40), st.sampled_from((1, -1, 200, 40_000, 1 << 33)))
def test_crowded_counts_come_back(found: list[int], offset: int, value: int) -> None:
    keys = np.sort(np.array(found, np.int64)) + min(offset, 1 << 36)
    tally = Tally(keys, np.full(len(keys), value, np.int64))
    same(unpack(pack(tally)), tally)


@given(KEYS, st.floats(-1e9, 1e9).filter(bool))
def test_sums_come_back(found: list[int], value: float) -> None:
    keys = np.sort(np.array(found, np.int64))
    tally = Tally(keys, np.full(len(keys), value))
    same(unpack(pack(tally)), tally)


def test_nothing_stays_nothing_of_its_kind() -> None:
    same(unpack(pack(NO_COUNTS)), NO_COUNTS)
    same(unpack(pack(NO_SUMS)), NO_SUMS)


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [(0, 127, "int8"), (0, 128, "int16"), (-129, 0, "int16"), (0, 40_000, "int32"), (0, 1 << 31, "int64")],
)
def test_the_smallest_type_that_holds_all(low: int, high: int, name: str) -> None:
    assert smallest_integer(low, high).name == name


def test_a_full_block_needs_no_keys_and_a_sparse_one_no_table() -> None:
    packed = pack(Tally(np.append(2 * np.arange(BLOCK), 5 * BLOCK), np.ones(BLOCK + 1, np.int64)))
    assert (packed.blocks.tolist(), packed.table.shape, packed.keys.tolist()) == ([0], (1, BLOCK), [5 * BLOCK])
    assert packed.nbytes < BLOCK + 16
    assert pack(crowded(0, BLOCK // 8)).table.size == 0


def test_sums_of_packed_tallies() -> None:
    parts = [crowded(10, 700), crowded(650, 100, 1000), tally_of({3: -4, 999: 70_000})]
    expected = np.zeros(1000, np.int64)
    for part in parts:
        expected += part.dense(1000)
    found = dense_sum((pack(part) for part in parts), 1000, np.int64)
    assert found.tolist() == expected.tolist()
    assert (found.dtype.name, found.shape) == ("int64", (1000,))


def test_small_counts_that_add_up_to_large_ones_do_not_overflow() -> None:
    found = dense_sum((pack(crowded(0, BLOCK, 100)) for _ in range(300)), BLOCK, np.int64)
    assert set(found.tolist()) == {30_000}


def test_a_content_comes_back() -> None:
    scores = ScoreTable(tally_of({(5 << 31) | 77: 3}), 2)
    content = Content(crowded(0, 600), Tally(np.array([4]), np.array([0.25])), tally_of({9: 1}), NO_SUMS, scores)
    back = unpack_content(pack_content(content))
    for name in ("counts", "sums", "cells", "quality"):
        same(getattr(back, name), getattr(content, name))
    same(back.scores.counts, scores.counts)
    assert back.scores.level == 2


def test_a_busy_pane_takes_a_fraction_of_its_entries() -> None:
    content = Content(crowded(0, 20_000, 90), Tally(np.arange(10_000), np.full(10_000, 0.1)))
    packed = pack_content(content)
    assert isinstance(packed.counts, Packed)
    assert packed.counts.nbytes < 0.08 * content.counts.nbytes
    assert packed.sums.nbytes < 0.55 * content.sums.nbytes


def test_one_value_is_found_in_a_block_and_between_blocks() -> None:
    full, sparse = np.arange(256, 512), np.array([3, 70_000])
    packed = pack(Tally(np.sort(np.concatenate((full, sparse))), np.arange(1, 259)))
    assert packed.blocks.tolist() == [2, 3]
    dense = dense_sum([packed], 70_001, np.int64)
    for key in (3, 256, 300, 511, 512, 4, 70_000):
        assert value_at(packed, key) == dense[key]
