"""Tallies in as few bytes as they need: what panes keep of them while nobody asks.

Whole numbers are kept in the smallest type that holds them, keys as the steps from one to the next. Keys are cut into
blocks of even and of odd ones, since a busy pane of a continuous feature has something in every gap (even slots) and
nothing at the edges between them; a block that is nearly full is kept as a row of a table, without its keys. The few
numbers too large for the table's type stand apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from exporter.counting.content import Content
from exporter.counting.gap_places import NO_GAPS, Gaps, add_sums, count_at, places_of
from exporter.counting.score_bins import ScoreTable
from exporter.counting.tally import NO_COUNTS, NO_SUMS, Keys, Tally, Values, lengths, run_starts
from exporter.extensions import extension

native = extension("exporter.counting._packed_tallies")

BLOCK = 128
# What the step to a key takes, but for steps of 32,768 and more.
KEY_BYTES = 2

# How many bytes each of some numbers has, and these.
_Bytes = tuple[int, bytes]

# So few entries fill no block.
_FEW = BLOCK // (KEY_BYTES + 1)
SMALL = (np.int8, np.int16, np.int32)
_LIMITS = [(np.dtype(kind), int(np.iinfo(kind).min), int(np.iinfo(kind).max)) for kind in SMALL]
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
        return self.steps.cumsum(dtype=np.int64)

    @property
    def entries(self) -> int:
        """How many entries there are at most."""
        return len(self.steps) + self.table.size

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.steps, self.values, self.blocks, self.table))


# Most panes have several parts without an entry.
NOTHING = Packed(_NO_BLOCKS, _NO_BLOCKS, _NO_BLOCKS, _NO_TABLE)
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
        sparse(content.scores.counts),
        content.scores.level,
    )


def loose_content(content: Content) -> PackedContent:
    """Return the content in a form that is quick to make: for what is soon to be added to more."""
    return PackedContent(
        sparse(content.counts),
        sparse(content.sums),
        sparse(NO_COUNTS),
        sparse(content.cells),
        sparse(content.quality),
        sparse(content.scores.counts),
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
    vector = unpack(packed.sums).dense(len(gaps.width))
    places = unpack(packed.places)
    add_sums(gaps, count_at(counts, gaps.counted[places.keys]), places, vector)
    keys = np.flatnonzero(vector)
    return Tally(keys, vector[keys])


def _is_empty(packed: Packed) -> bool:
    return not len(packed.steps) and not len(packed.blocks)


def unpack_scores(packed: PackedContent) -> ScoreTable:
    return ScoreTable(unpack(packed.scores), packed.level)


def pack(tally: Tally) -> Packed:
    if len(tally) <= _FEW:
        return sparse(tally)
    if native is not None and tally.values.dtype != np.float64 and tally.keys[0] >= 0:
        return from_bytes(*native.pack_entries(tally.keys, tally.values))
    return _with_blocks(tally)


def _with_blocks(tally: Tally) -> Packed:
    crowded = _crowded(tally.keys)
    if not crowded.any():
        return sparse(tally)
    kind, fits = _kind_of_table(tally.values)
    inside = np.flatnonzero(crowded & fits)
    if not len(inside):
        return sparse(tally)
    block, place = _blocks(tally.keys[inside])
    first = int(block[0]) // 2 * 2
    if int(block.max()) - first > _SPREAD * len(tally):
        return sparse(tally)
    entries = np.bincount(block - first)
    numbers = np.flatnonzero(entries * (KEY_BYTES + kind.itemsize) > BLOCK * kind.itemsize)
    if not len(numbers):
        return sparse(tally)
    row = np.full(len(entries), -1)
    row[numbers] = np.arange(len(numbers))
    row = row[block - first]
    inside, row, place = inside[row >= 0], row[row >= 0], place[row >= 0]
    table = np.zeros((len(numbers), BLOCK), kind)
    table[row, place] = tally.values[inside]
    rest = sparse(Tally(np.delete(tally.keys, inside), np.delete(tally.values, inside)))
    return Packed(rest.steps, rest.values, narrowed(numbers + first), table)


def from_bytes(steps: _Bytes, values: _Bytes, blocks: _Bytes, table: _Bytes) -> Packed:
    """Return whole numbers that compiled code has packed."""
    if blocks[1]:
        return Packed(_whole(steps), _whole(values), _whole(blocks), _whole(table).reshape(-1, BLOCK))
    return Packed(_whole(steps), _whole(values), _NO_BLOCKS, _NO_TABLE) if steps[1] else NOTHING


def _whole(numbers: _Bytes) -> NDArray[Any]:
    size, data = numbers
    return np.frombuffer(data, f"i{size}")


def _crowded(keys: Keys) -> NDArray[np.bool_]:
    """Say which keys (n,) lie in pairs of blocks one of which may be full enough for a table: mostly none, or nearly all."""
    pairs = keys // (2 * BLOCK)
    starts = run_starts(pairs)
    entries = lengths(starts, len(pairs))
    return np.repeat(entries > _FEW, entries)


def _blocks(keys: Keys) -> tuple[Keys, Keys]:
    """Return the number (n,) of each key's block and its place (n,) in there: even keys lie in even blocks, odd in odd."""
    found = positions(keys)
    return found // BLOCK, found & (BLOCK - 1)


def positions(keys: NDArray[np.integer[Any]]) -> Keys:
    """Return where keys (n,) stand when blocks stand one after the other."""
    inside = keys & (2 * BLOCK - 1)
    positions: Keys = keys - inside + (inside & 1) * BLOCK + (inside >> 1)
    return positions


def keys_in(blocks: NDArray[Any]) -> Keys:
    """Return the keys (m, BLOCK) of blocks with these numbers (m,)."""
    pair, odd = np.divmod(blocks.astype(np.int64), 2)
    keys: Keys = (pair * (2 * BLOCK) + odd)[:, None] + 2 * np.arange(BLOCK)
    return keys


def _kind_of_table(values: Values) -> tuple[np.dtype[Any], NDArray[np.bool_]]:
    """Return the smallest type that holds nearly all values, and which ones (n,) it holds."""
    if values.dtype != np.float64:
        for kind, least, most in _LIMITS:
            fits = (values >= least) & (values <= most)
            if np.count_nonzero(fits) * FITTING >= len(values) * (FITTING - 1):
                return kind, fits
    return values.dtype, np.ones(len(values), bool)


def unpack(packed: Packed) -> Tally:
    """Return the tally again; sums that were exactly 0 may be gone."""
    if _is_empty(packed):
        return NO_SUMS if packed.values.dtype == np.float64 else NO_COUNTS
    keys, values = unordered(packed)
    if not len(packed.blocks):
        return Tally(keys, values)
    order = np.argsort(keys, kind="stable")
    return Tally(keys[order], values[order])


def unordered(packed: Packed) -> tuple[Keys, Values]:
    """Return the keys (n,) of the tally in no particular order, and the values (n,)."""
    values = packed.values.astype(_wide(packed.values.dtype))
    if not len(packed.blocks):
        return packed.keys, values
    table = packed.table.reshape(-1)
    there = np.flatnonzero(table != 0)
    keys = np.concatenate((packed.keys, keys_in(packed.blocks).reshape(-1)[there]))
    return keys, np.concatenate((values, table[there].astype(values.dtype)))


def value_at(packed: Packed, key: int) -> float:
    """Return what stands at one key, 0 if nothing does."""
    block, place = _blocks(np.array([key]))
    row = np.flatnonzero(packed.blocks == block)
    if len(row) and packed.table[row[0], place[0]]:
        return float(packed.table[row[0], place[0]])
    found = np.flatnonzero(packed.keys == key)
    return float(packed.values[found[0]]) if len(found) else 0.0


def sparse(tally: Tally) -> Packed:
    if not len(tally):
        return _NO_SUMS if tally.values.dtype == np.float64 else NOTHING
    steps = tally.keys.copy()
    steps[1:] -= tally.keys[:-1]
    return Packed(narrowed(steps), narrowed(tally.values), _NO_BLOCKS, _NO_TABLE)


def narrowed(values: Values) -> Values:
    """Return whole numbers in the smallest type that holds them, others as they are; a copy in any case."""
    if values.dtype == np.float64:
        return values.copy()
    return values.astype(smallest_integer(int(values.min()), int(values.max())) if len(values) else np.int8)


def smallest_integer(low: int, high: int) -> np.dtype[Any]:
    """Return the smallest type that holds every whole number from ``low`` to ``high``."""
    return next((kind for kind, least, most in _LIMITS if least <= low and high <= most), np.dtype(np.int64))


def _wide(dtype: DTypeLike) -> DTypeLike:
    return np.float64 if dtype == np.float64 else np.int64
