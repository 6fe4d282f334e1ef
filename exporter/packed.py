"""Tallies in as few bytes as they need: what panes keep of them while nobody asks.

Numbers are kept in the smallest type that holds them. Keys are cut into blocks; a block that is nearly full is kept
as a row of a table, without its keys, since a busy pane of a numeric feature has something in nearly every slot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from exporter.content import Content
from exporter.score_bins import ScoreTable
from exporter.tally import Tally, Values, merge

BLOCK = 256
KEY_BYTES = 4

# So few entries fill no block.
_FEW = BLOCK // (KEY_BYTES + 1)
_SMALL = (np.int8, np.int16, np.int32)
_NO_TABLE = np.empty((0, BLOCK), np.int8)
_NO_BLOCKS = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """``keys`` (n,) and ``values`` (n,) of sparse blocks; ``table`` (m, BLOCK) holds the full ones, numbered ``blocks`` (m,)."""

    keys: NDArray[Any]
    values: Values
    blocks: NDArray[np.int32]
    table: Values

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.keys, self.values, self.blocks, self.table))


@dataclass(frozen=True, slots=True, eq=False)
class PackedContent:
    """A content, packed part by part; the score table's ``level`` stands beside its counts."""

    counts: Packed
    sums: Packed
    cells: Packed
    quality: Packed
    scores: Packed
    level: int

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.counts, self.sums, self.cells, self.quality, self.scores))


def pack_content(content: Content) -> PackedContent:
    return PackedContent(
        pack(content.counts),
        pack(content.sums),
        pack(content.cells),
        pack(content.quality),
        # Scores are too many, and too far apart, for a block ever to fill.
        _sparse(content.scores.counts),
        content.scores.level,
    )


def unpack_content(packed: PackedContent) -> Content:
    return Content(
        unpack(packed.counts),
        unpack(packed.sums),
        unpack(packed.cells),
        unpack(packed.quality),
        unpack_scores(packed),
    )


def unpack_scores(packed: PackedContent) -> ScoreTable:
    return ScoreTable(unpack(packed.scores), packed.level)


def pack(tally: Tally) -> Packed:
    if len(tally) <= _FEW:
        return _sparse(tally)
    values = _narrowed(tally.values)
    block = tally.keys // BLOCK
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    numbers, entries = block[starts], np.diff(starts, append=len(block))
    is_full = entries * (KEY_BYTES + values.itemsize) > BLOCK * values.itemsize
    if not is_full.any():
        return _sparse(tally)
    inside = np.repeat(is_full, entries)
    table = np.zeros((int(is_full.sum()), BLOCK), values.dtype)
    row = np.repeat(np.arange(len(table)), entries[is_full])
    table[row, tally.keys[inside] % BLOCK] = values[inside]
    return Packed(_narrowed(tally.keys[~inside]), values[~inside], numbers[is_full].astype(np.int32), table)


def unpack(packed: Packed) -> Tally:
    """Return the tally again; sums that were exactly 0 may be gone."""
    values = packed.values.astype(_wide(packed.values.dtype))
    keys = packed.keys.astype(np.int64)
    if not len(packed.blocks):
        return Tally(keys, values)
    row, column = np.nonzero(packed.table)
    full = Tally(packed.blocks.astype(np.int64)[row] * BLOCK + column, packed.table[row, column].astype(values.dtype))
    return merge([Tally(keys, values), full], Tally(keys, values))


def value_at(packed: Packed, key: int) -> float:
    """Return what stands at one key, 0 if nothing does."""
    row = np.flatnonzero(packed.blocks == key // BLOCK)
    if len(row):
        return float(packed.table[row[0], key % BLOCK])
    place = np.flatnonzero(packed.keys == key)
    return float(packed.values[place[0]]) if len(place) else 0.0


def dense_sum(parts: Iterable[Packed], size: int, dtype: DTypeLike) -> Values:
    """Return the sum of tallies as a vector (size,)."""
    blocks = np.zeros((-(-size // BLOCK), BLOCK), dtype)
    vector = blocks.reshape(-1)
    for part in parts:
        vector[part.keys] += part.values
        blocks[part.blocks] += part.table
    return vector[:size]


def sum_by(parts: Iterable[Packed], number: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return the whole numbers of tallies added up by the ``number`` (size,) of their keys, from 0 to ``count`` - 1: (count,).

    Takes time for what is there, not for the size of the vectors.
    """
    # Weights are floats, which hold whole numbers exactly up to 2 ** 53.
    found = np.zeros(count)
    inside, last = np.arange(BLOCK, dtype=np.int32), len(number) - 1
    for part in parts:
        found += np.bincount(number[part.keys], part.values, count)
        if len(part.blocks):
            # The last block may reach beyond the end; nothing is counted there.
            keys = np.minimum(part.blocks[:, None] * BLOCK + inside, last)
            found += np.bincount(number[keys].reshape(-1), part.table.reshape(-1), count)
    return found.astype(np.int64)


def _sparse(tally: Tally) -> Packed:
    return Packed(_narrowed(tally.keys), _narrowed(tally.values), _NO_BLOCKS, _NO_TABLE)


def _narrowed(values: Values) -> Values:
    """Return whole numbers in the smallest type that holds them, others as they are; a copy in any case."""
    if values.dtype == np.float64:
        return values.copy()
    return values.astype(smallest_integer(int(values.min()), int(values.max())) if len(values) else np.int8)


def smallest_integer(low: int, high: int) -> np.dtype[Any]:
    """Return the smallest type that holds every whole number from ``low`` to ``high``."""
    fitting = (kind for kind in _SMALL if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    return np.dtype(next(fitting, np.int64))


def _wide(dtype: DTypeLike) -> DTypeLike:
    return np.float64 if dtype == np.float64 else np.int64
