"""Packed tallies and whole vectors: to add many of them up, and to pack what is nearly everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from exporter.counting.gap_places import NO_GAPS, Gaps, add_sums
from exporter.counting.packed import (
    BLOCK,
    FITTING,
    KEY_BYTES,
    NOTHING,
    SMALL,
    Packed,
    PackedContent,
    from_bytes,
    narrowed,
    positions,
    sparse,
    unordered,
)
from exporter.counting.tally import Counts, Sums, Tally, Values
from exporter.extensions import extension

native = extension("exporter.counting._packed_tallies")

# When at least one block in so many is there, all are gone through.
_MOSTLY = 8


def dense_content(parts: Sequence[PackedContent], gaps: Gaps, size: int, sums_size: int) -> tuple[Counts, Sums]:
    """Return the counts (size,) and the sums (sums_size,) of contents added up."""
    sums = dense_sum((part.sums for part in parts), sums_size, np.float64)
    if all(is_loose(part) for part in parts):
        return dense_sum((part.counts for part in parts), size, np.int64), sums
    if native is not None:
        counts = np.zeros(size, np.int64)
        contents = [(_bare(part.counts), _bare(part.places)) for part in parts]
        native.add_contents((gaps.counted, gaps.middle, gaps.width), contents, counts, sums)
        return counts, sums
    # In the order of the blocks until the end, so that of each part only what is there is touched.
    blocks = np.zeros((_padded(size) // BLOCK, BLOCK), np.int64)
    counts, counted = blocks.reshape(-1), positions(gaps.counted)
    for part in parts:
        places = Tally(*unordered(part.places))
        at = counted[places.keys]
        before = counts[at]
        _add_table(part.counts, blocks)
        np.add.at(counts, positions(part.counts.keys), part.counts.values.astype(np.int64))
        add_sums(gaps, counts[at] - before, places, sums)
    return _interleaved(blocks)[:size], sums


def _bare(packed: Packed) -> tuple[object, ...]:
    """Return the arrays of a tally of whole numbers as compiled code takes them."""
    return packed.blocks, packed.table, len(packed.blocks), packed.steps, packed.values, len(packed.steps)


def _add_table(packed: Packed, blocks: Counts) -> None:
    """Add the table to blocks (m, BLOCK)."""
    if len(packed.blocks) * _MOSTLY < len(blocks):
        blocks[packed.blocks] += packed.table
        return
    # To fill up small numbers and to add all of them costs less than to pick large ones.
    table = np.zeros(blocks.shape, packed.table.dtype)
    table[packed.blocks] = packed.table
    blocks += table


def is_loose(content: PackedContent) -> bool:
    """Say whether counts are in no blocks and sums in no places: what was not packed, or has hardly anything."""
    return not len(content.counts.blocks) and not content.places.entries


def dense_sum(parts: Iterable[Packed], size: int, dtype: DTypeLike) -> Values:
    """Return the sum of tallies as a vector (size,)."""
    if native is not None and dtype == np.int64:
        return _sum_quickly(parts, size)
    vector, tables = np.zeros(_padded(size), dtype), []
    # Most panes have no more than a few sums.
    for part in parts:
        if len(part.steps):
            vector[part.keys] += part.values
        if len(part.blocks):
            tables.append(part)
    if tables:
        blocks = np.zeros((len(vector) // BLOCK, BLOCK), dtype)
        for part in tables:
            blocks[part.blocks] += part.table
        vector += _interleaved(blocks)
    return vector[:size]


def _sum_quickly(parts: Iterable[Packed], size: int) -> Counts:
    counts, nothing = np.zeros(size, np.int64), _bare(NOTHING)
    contents = [(_bare(part), nothing) for part in parts]
    native.add_contents((NO_GAPS.counted, NO_GAPS.middle, NO_GAPS.width), contents, counts, np.empty(0))
    return counts


def sums_by(groups: Iterable[Iterable[Packed]], number: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return, for each group of tallies, their whole numbers added up by the ``number`` (size,) of the keys: (groups, count).

    Numbers go from 0 to ``count`` - 1. Takes time for what is there, not for the size of the vectors.
    """
    if native is None:
        # Behind the end of the last block nothing is counted.
        of_blocks = _in_blocks(number)
        found = [_sum_by(group, number, of_blocks, count) for group in groups]
        return np.array(found).reshape(-1, count).astype(np.int64)
    parts = [[_bare(part) for part in group] for group in groups]
    sums = np.zeros((len(parts), count), np.int64)
    for group, own in zip(parts, sums, strict=True):
        native.sum_by_number(number, group, own)
    return sums


def _sum_by(
    parts: Iterable[Packed], number: NDArray[np.int32], of_blocks: NDArray[np.int32], count: int
) -> NDArray[np.float64]:
    # Weights are floats, which hold whole numbers exactly up to 2 ** 53.
    found = np.zeros(count)
    for part in parts:
        found += np.bincount(number[part.keys], part.values, count)
        if len(part.blocks):
            found += np.bincount(of_blocks[part.blocks].reshape(-1), part.table.reshape(-1), count)
    return found


def pack_vector(vector: Counts) -> Packed:
    """Pack a tally of whole numbers that is given as its vector (size,), of which a good part is not 0."""
    if native is not None:
        return from_bytes(*native.pack_vector(vector))
    small = _narrow(vector)
    blocks = _in_blocks(small)
    size = small.itemsize
    numbers = np.flatnonzero(np.count_nonzero(blocks, axis=1) * (KEY_BYTES + size) > BLOCK * size)
    kept = np.zeros_like(blocks)
    kept[numbers] = table = blocks[numbers]
    keys = np.flatnonzero(_interleaved(kept)[: len(vector)] != vector)
    rest = sparse(Tally(keys, vector[keys]))
    return Packed(rest.steps, rest.values, narrowed(numbers), table) if len(numbers) else rest


def _narrow(vector: Counts) -> Values:
    """Return a vector in the smallest type that holds nearly all its entries, 0 for those that it does not hold."""
    entries = np.count_nonzero(vector)
    for kind in SMALL:
        small = vector.astype(kind)
        wrong = np.flatnonzero(small != vector)
        if (entries - len(wrong)) * FITTING >= entries * (FITTING - 1):
            small[wrong] = 0
            return small
    return vector


def _padded(size: int) -> int:
    """Return the size of the blocks, even and odd ones, that hold so many keys."""
    return -(-size // (2 * BLOCK)) * 2 * BLOCK


def _in_blocks(vector: Values) -> Values:
    """Return a vector (size,) as blocks (2 m, BLOCK), the last ones filled up with 0."""
    padded = np.zeros(_padded(len(vector)), vector.dtype)
    padded[: len(vector)] = vector
    return padded.reshape(-1, BLOCK, 2).swapaxes(1, 2).reshape(-1, BLOCK)


def _interleaved(blocks: Values) -> Values:
    """Return blocks (2 m, BLOCK) in the order of the keys: even ones and odd ones in turn."""
    vector = np.empty(blocks.size, blocks.dtype)
    # To copy one after the other is several times faster than to swap axes.
    vector[0::2], vector[1::2] = blocks[0::2].reshape(-1), blocks[1::2].reshape(-1)
    return vector
