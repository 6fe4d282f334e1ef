"""Bins for probabilities that are fine where scores crowd, and grow coarser only when there are too many.

The bin of a probability is read off its binary digits: 2**24 bins in every halving of the distance to the
nearer of 0 and 1, down to 2**-30, so that scores logged with seven decimals never share one. Bins are in
ascending order and nest: ``bin >> level`` is the bin ``level`` halvings of the resolution lower. A table of counts
keeps the finest level at which it has no more than ``LIMIT`` entries; that level depends on the set of bins alone,
so order, batches and merges do not change a result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.counting.tally import NO_COUNTS, Keys, Tally, merge, total

BITS = 31
LIMIT = 65_536

_MANTISSA = 24
_SHIFT = 52 - _MANTISSA
_LOWEST = (1023 - 30) << _MANTISSA
_HALF = ((1022 << _MANTISSA) - _LOWEST) + 1


def bin_of(scores: NDArray[np.float64]) -> Keys:
    """Return the finest bin (n,) of probabilities (n,) in [0, 1]; monotone, and symmetric around one half."""
    distance = np.minimum(scores, 1.0 - scores)
    fine = np.maximum((distance.view(np.int64) >> _SHIFT) - _LOWEST, 0)
    bins: Keys = np.where(scores < 0.5, fine, 2 * _HALF - fine)
    return bins


def score_of(bins: Keys, level: int = 0) -> NDArray[np.float64]:
    """Return the middle (n,) of each bin of a level, in [0, 1]: what ``bin_of`` cannot tell apart from its scores.

    >>> bool(abs(score_of(bin_of(np.array([0.3])))[0] - 0.3) < 1e-8)
    True
    """
    first = bins << level
    last = np.minimum(((bins + 1) << level) - 1, 2 * _HALF)
    middle: NDArray[np.float64] = (_border(first) + _border(last + 1)) / 2
    return middle


def _border(fine: Keys) -> NDArray[np.float64]:
    """Return the least score (n,) of the finest bins, 1 for what lies behind the last of them."""
    mirrored = fine > _HALF
    # A bin of the upper half is the mirror image of one whose greatest distance from 1 it begins with.
    steps = np.where(mirrored, 2 * _HALF - fine + 1, fine)
    distance = np.where(steps > 0, ((np.maximum(steps, 0) + _LOWEST) << _SHIFT).view(np.float64), 0.0)
    border: NDArray[np.float64] = np.where(mirrored, 1.0 - np.minimum(distance, 0.5), np.minimum(distance, 0.5))
    return border


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """Counts by ``group << BITS | bin``, with bins at ``level`` (0 is the finest)."""

    counts: Tally
    level: int = 0

    def group(self, group: int) -> Tally:
        """Return the counts of one group by bin."""
        return self.counts.between(group << BITS, (group + 1) << BITS)


EMPTY = ScoreTable(NO_COUNTS)


def add(tables: list[ScoreTable], limit: int = LIMIT) -> ScoreTable:
    """Add tables up at the coarsest level among them, or coarser when the sum has more than ``limit`` entries."""
    level = max(table.level for table in tables)
    counts = merge([_coarsened(table.counts, level - table.level) for table in tables], NO_COUNTS)
    levels = 0
    while _entries(counts, levels) > limit and level + levels < BITS:
        levels += 1
    return ScoreTable(_coarsened(counts, levels), level + levels)


def _entries(counts: Tally, levels: int) -> int:
    """Return how many entries there would be after so many more levels; a group's bins stay in order."""
    return len(counts) if not levels else int(np.count_nonzero(np.diff(_coarser_keys(counts, levels)))) + 1


def _coarsened(counts: Tally, levels: int) -> Tally:
    return total(_coarser_keys(counts, levels), counts.values) if levels and len(counts) else counts


def _coarser_keys(counts: Tally, levels: int) -> Keys:
    bins = counts.keys & ((1 << BITS) - 1)
    coarser: Keys = (counts.keys - bins) | (bins >> levels)
    return coarser
