"""Tallies in as few bytes as they need: what panes keep of them while nobody asks.

Whole numbers are kept in the smallest type that holds them, keys as the steps from one to the next. Keys are cut into
blocks of even and of odd ones, since a busy pane of a continuous feature has something in every gap (even slots) and
nothing at the edges between them; a block that is nearly full is kept as a row of a table, without its keys. The few
numbers too large for the table's type stand apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from exporter.counting.content import Content
from exporter.counting.gap_places import NO_GAPS, Gaps, add_sums, count_at, places_of
from exporter.counting.score_bins import ScoreTable
from exporter.counting.tally import NO_COUNTS, Counts, Keys, Sums, Tally, Values

BLOCK = 128
# What the step to a key takes, but for steps of 32,768 and more.
KEY_BYTES = 2

# So few entries fill no block.
_FEW = BLOCK // (KEY_BYTES + 1)
_SMALL = (np.int8, np.int16, np.int32)
# Entries with more blocks to each than this fill hardly any.
_SPREAD = 8
# A table's type may leave out one number in so many.
FITTING = 16
_NO_TABLE = np.empty((0, BLOCK), np.int8)
_NO_BLOCKS = np.empty(0, np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Sparse ``values`` (n,) with the ``steps`` (n,) to their keys; ``table`` (m, BLOCK) holds full blocks, numbered ``blocks`` (m,)."""

    steps: NDArray[Any]
    values: Values
    blocks: NDArray[Any]
    table: Values

    @property
    def keys(self) -> Keys:
        """The keys (n,) of ``values``."""
        return np.cumsum(self.steps, dtype=np.int64)

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.steps, self.values, self.blocks, self.table))


# Most panes have several parts without an entry.
_NO_COUNTS = Packed(_NO_BLOCKS, _NO_BLOCKS, _NO_BLOCKS, _NO_TABLE)
_NO_SUMS = Packed(_NO_BLOCKS, np.empty(0), _NO_BLOCKS, _NO_TABLE)


@dataclass(frozen=True, slots=True, eq=False)
class PackedContent:
    """A content, packed part by part; the score table's ``level`` stands beside its counts.

    ``places`` are the sums of narrow gaps in the form of ``exporter.counting.gap_places``, ``sums`` all others.
    """

    counts: Packed
    sums: Packed
    places: Packed
    cells: Packed
    quality: Packed
    scores: Packed
    level: int

    @property
    def nbytes(self) -> int:
        parts = (self.counts, self.sums, self.places, self.cells, self.quality, self.scores)
        return sum(part.nbytes for part in parts)


def pack_content(content: Content, gaps: Gaps = NO_GAPS) -> PackedContent:
    """Return the content packed; it is unpacked with the same ``gaps``."""
    places, sums = places_of(gaps, content.counts, content.sums)
    return PackedContent(
        pack(content.counts),
        pack(sums),
        pack(places),
        pack(content.cells),
        pack(content.quality),
        # Scores are too many, and too far apart, for a block ever to fill.
        _sparse(content.scores.counts),
        content.scores.level,
    )


def loose_content(content: Content) -> PackedContent:
    """Return the content in a form that is quick to make: for what is soon to be added to more."""
    return PackedContent(
        _sparse(content.counts),
        _sparse(content.sums),
        _sparse(NO_COUNTS),
        _sparse(content.cells),
        _sparse(content.quality),
        _sparse(content.scores.counts),
        content.scores.level,
    )


def unpack_content(packed: PackedContent, gaps: Gaps = NO_GAPS) -> Content:
    counts = unpack(packed.counts)
    return Content(
        counts,
        unpack(packed.sums) if _is_empty(packed.places) else _sums_of(packed, counts, gaps),
        unpack(packed.cells),
        unpack(packed.quality),
        unpack_scores(packed),
    )


def _sums_of(packed: PackedContent, counts: Tally, gaps: Gaps) -> Tally:
    vector = dense_sum([packed.sums], len(gaps.width), np.float64)
    places = unpack(packed.places)
    add_sums(gaps, count_at(counts, gaps.counted[places.keys]), places, vector)
    keys = np.flatnonzero(vector)
    return Tally(keys, vector[keys])


def dense_content(parts: Sequence[PackedContent], gaps: Gaps, size: int, sums_size: int) -> tuple[Counts, Sums]:
    """Return the counts (size,) and the sums (sums_size,) of contents added up."""
    sums = dense_sum((part.sums for part in parts), sums_size, np.float64)
    # In the order of the blocks until the end, so that of each part only what is there is touched.
    blocks = np.zeros((2 * -(-size // (2 * BLOCK)), BLOCK), np.int64)
    counts, counted = blocks.reshape(-1), _positions(gaps.counted)
    for part in parts:
        places = unpack(part.places)
        at = counted[places.keys]
        before = counts[at]
        blocks[part.counts.blocks] += part.counts.table
        counts[_positions(part.counts.keys)] += part.counts.values
        add_sums(gaps, counts[at] - before, places, sums)
    return _interleaved(blocks)[:size], sums


def _is_empty(packed: Packed) -> bool:
    return not len(packed.steps) and not len(packed.blocks)


def unpack_scores(packed: PackedContent) -> ScoreTable:
    return ScoreTable(unpack(packed.scores), packed.level)


def pack(tally: Tally) -> Packed:
    if len(tally) <= _FEW:
        return _sparse(tally)
    kind, fits = _kind_of_table(tally.values)
    block, place = _blocks(tally.keys)
    first = int(tally.keys[0]) // (2 * BLOCK) * 2
    if int(block[-1]) - first > _SPREAD * len(tally):
        return _sparse(tally)
    entries = np.bincount(block[fits] - first)
    numbers = np.flatnonzero(entries * (KEY_BYTES + kind.itemsize) > BLOCK * kind.itemsize)
    if not len(numbers):
        return _sparse(tally)
    row = np.full(int(block.max()) - first + 1, -1)
    row[numbers] = np.arange(len(numbers))
    row = row[block - first]
    inside = (row >= 0) & fits
    table = np.zeros((len(numbers), BLOCK), kind)
    table[row[inside], place[inside]] = tally.values[inside]
    rest = _sparse(Tally(tally.keys[~inside], tally.values[~inside]))
    return Packed(rest.steps, rest.values, _narrowed(numbers + first), table)


def _blocks(keys: Keys) -> tuple[Keys, Keys]:
    """Return the number (n,) of each key's block and its place (n,) in there: even keys lie in even blocks, odd in odd."""
    return np.divmod(_positions(keys), BLOCK)


def _positions(keys: NDArray[np.integer[Any]]) -> Keys:
    """Return where keys (n,) stand when blocks stand one after the other."""
    inside = keys & (2 * BLOCK - 1)
    positions: Keys = keys - inside + (inside & 1) * BLOCK + (inside >> 1)
    return positions


def _interleaved(blocks: Values) -> Values:
    """Return blocks (2 m, BLOCK) in the order of the keys: even ones and odd ones in turn."""
    return blocks.reshape(-1, 2, BLOCK).swapaxes(1, 2).reshape(-1)


def _keys(blocks: NDArray[Any]) -> Keys:
    """Return the keys (m, BLOCK) of blocks with these numbers (m,)."""
    pair, odd = np.divmod(blocks.astype(np.int64), 2)
    keys: Keys = (pair * (2 * BLOCK) + odd)[:, None] + 2 * np.arange(BLOCK)
    return keys


def _kind_of_table(values: Values) -> tuple[np.dtype[Any], NDArray[np.bool_]]:
    """Return the smallest type that holds nearly all values, and which ones (n,) it holds."""
    if values.dtype != np.float64:
        for kind in _SMALL:
            fits = (values >= np.iinfo(kind).min) & (values <= np.iinfo(kind).max)
            if np.count_nonzero(fits) * FITTING >= len(values) * (FITTING - 1):
                return np.dtype(kind), fits
    return values.dtype, np.ones(len(values), bool)


def unpack(packed: Packed) -> Tally:
    """Return the tally again; sums that were exactly 0 may be gone."""
    values = packed.values.astype(_wide(packed.values.dtype))
    keys = packed.keys
    if not len(packed.blocks):
        return Tally(keys, values)
    there = np.nonzero(packed.table)
    keys = np.concatenate((keys, _keys(packed.blocks)[there]))
    values = np.concatenate((values, packed.table[there].astype(values.dtype)))
    order = np.argsort(keys, kind="stable")
    return Tally(keys[order], values[order])


def value_at(packed: Packed, key: int) -> float:
    """Return what stands at one key, 0 if nothing does."""
    block, place = _blocks(np.array([key]))
    row = np.flatnonzero(packed.blocks == block)
    if len(row) and packed.table[row[0], place[0]]:
        return float(packed.table[row[0], place[0]])
    found = np.flatnonzero(packed.keys == key)
    return float(packed.values[found[0]]) if len(found) else 0.0


def dense_sum(parts: Iterable[Packed], size: int, dtype: DTypeLike) -> Values:
    """Return the sum of tallies as a vector (size,)."""
    pairs = -(-size // (2 * BLOCK))
    blocks, vector = np.zeros((2 * pairs, BLOCK), dtype), np.zeros(2 * pairs * BLOCK, dtype)
    for part in parts:
        vector[part.keys] += part.values
        blocks[part.blocks] += part.table
    vector += _interleaved(blocks)
    return vector[:size]


def sum_by(parts: Iterable[Packed], number: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return the whole numbers of tallies added up by the ``number`` (size,) of their keys, from 0 to ``count`` - 1: (count,).

    Takes time for what is there, not for the size of the vectors.
    """
    # Weights are floats, which hold whole numbers exactly up to 2 ** 53.
    found = np.zeros(count)
    last = len(number) - 1
    for part in parts:
        found += np.bincount(number[part.keys], part.values, count)
        if len(part.blocks):
            # The last block may reach beyond the end; nothing is counted there.
            keys = np.minimum(_keys(part.blocks), last)
            found += np.bincount(number[keys].reshape(-1), part.table.reshape(-1), count)
    return found.astype(np.int64)


def _sparse(tally: Tally) -> Packed:
    if not len(tally):
        return _NO_SUMS if tally.values.dtype == np.float64 else _NO_COUNTS
    return Packed(_narrowed(np.diff(tally.keys, prepend=0)), _narrowed(tally.values), _NO_BLOCKS, _NO_TABLE)


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
