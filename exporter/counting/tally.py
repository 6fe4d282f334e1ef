"""Sparse additive vectors: the only thing that panes are made of.

A tally maps integer keys to sums. Tallies add up in any order and any grouping (counts exactly,
floating sums to about twelve digits), so batches, panes, windows and fleets are all the same operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.extensions import extension

native = extension("exporter.counting._packed_tallies")

Keys = NDArray[np.int64]
Counts = NDArray[np.int64]
Sums = NDArray[np.float64]
# int64 counts or float64 sums: a tally is one or the other, and adding up is the same for both.
Values = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """``keys`` (n,) strictly increasing, ``values`` (n,) int64 counts or float64 sums."""

    keys: Keys
    values: Values

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def nbytes(self) -> int:
        return self.keys.nbytes + self.values.nbytes

    def between(self, start: int, stop: int) -> Tally:
        """Return the part with ``start <= key < stop``, its keys counted from ``start``."""
        low, high = np.searchsorted(self.keys, (start, stop))
        # A copy, so that a pane with a few entries does not keep the arrays of a whole batch alive.
        return Tally(self.keys[low:high] - start, self.values[low:high].copy())

    def apart(self, parts: int, size: int) -> list[Tally]:
        """Return the part of each ``size`` keys one after the other, each counted from its own start."""
        limits = np.searchsorted(self.keys, np.arange(parts + 1) * size).tolist()
        # Copies, as above.
        return [
            Tally(self.keys[low:high] - part * size, self.values[low:high].copy())
            for part, (low, high) in enumerate(pairwise(limits))
        ]

    def dense(self, size: int) -> Values:
        """Return the vector (size,) of this tally, whose keys must lie in [0, size)."""
        vector = np.zeros(size, self.values.dtype)
        vector[self.keys] = self.values
        return vector


# With so many possible keys to an entry, sorting the entries costs more than a vector of all keys.
_CROWDED = 8
# The same where the entries are single keys in no order: to count in a vector costs them a random access each.
_DENSE = 2
# To merge more tallies than these takes longer than to sort all of their entries.
_FEW = 4

NO_KEYS: Keys = np.empty(0, np.int64)
NO_COUNTS = Tally(NO_KEYS, np.empty(0, np.int64))
NO_SUMS = Tally(NO_KEYS, np.empty(0, np.float64))


def count(keys: NDArray[Any]) -> Tally:
    """Count how often each key occurs.

    >>> count(np.array([7, 3, 7])).values.tolist()
    [1, 2]
    """
    if not len(keys):
        return NO_COUNTS
    if _are_dense(keys):
        counts = np.bincount(keys)
        found = np.flatnonzero(counts)
        return Tally(found, counts[found])
    # Half as many bytes are sorted in half the time.
    ordered = np.sort(keys if keys.dtype == np.int32 or not _fits(keys, 31) else keys.astype(np.int32))
    starts = run_starts(ordered)
    return Tally(ordered[starts].astype(np.int64), lengths(starts, len(ordered)))


def total(keys: Keys, values: Values) -> Tally:
    """Sum the values of each key; counts whose sum is zero are dropped.

    >>> total(np.array([7, 3, 7]), np.array([1, 5, -1])).keys.tolist()
    [3]
    """
    if not len(keys):
        return Tally(NO_KEYS, values[:0])
    if values.dtype == np.float64 and _are_dense(keys):
        found = np.flatnonzero(np.bincount(keys))
        return Tally(found, np.bincount(keys, values)[found])
    order, ordered = in_order(keys)
    return _summed(ordered, values[order])


def _summed(keys: Keys, values: Values) -> Tally:
    """Sum the values of each key; equal keys are neighbours."""
    starts = run_starts(keys)
    are_distinct = len(starts) == len(keys)
    sums, kept = (values, keys) if are_distinct else (np.add.reduceat(values, starts), keys[starts])
    if sums.dtype == np.int64 and not sums.all():
        return Tally(kept[sums != 0], sums[sums != 0])
    return Tally(kept, sums)


def merge(tallies: Sequence[Tally], empty: Tally) -> Tally:
    """Add tallies up; ``empty`` says what nothing is (``NO_COUNTS`` or ``NO_SUMS``)."""
    filled = [tally for tally in tallies if len(tally)]
    if len(filled) < 2:
        return filled[0] if filled else empty
    size = 1 + max(int(tally.keys[-1]) for tally in filled)
    if size <= _CROWDED * sum(map(len, filled)) and min(int(tally.keys[0]) for tally in filled) >= 0:
        return _merge_densely(filled, size)
    if native is not None and len(filled) == 2 and filled[0].values.dtype == filled[1].values.dtype:
        return _merge_two(*filled)
    keys, values = np.concatenate([each.keys for each in filled]), np.concatenate([each.values for each in filled])
    if len(filled) > _FEW:
        return total(keys, values)
    # What is in order already is only merged.
    order = np.argsort(keys, kind="stable")
    return _summed(keys[order], values[order])


def _merge_two(one: Tally, other: Tally) -> Tally:
    size = len(one) + len(other)
    keys, values = np.empty(size, np.int64), np.empty(size, one.values.dtype)
    are_sums = values.dtype == np.float64
    found = native.merge(one.keys, one.values, other.keys, other.values, keys, values, are_sums)
    return Tally(keys[:found], values[:found])


def _merge_densely(tallies: Sequence[Tally], size: int) -> Tally:
    vector = np.zeros(size, tallies[0].values.dtype)
    for tally in tallies:
        vector[tally.keys] += tally.values
    keys = np.flatnonzero(vector)
    return Tally(keys, vector[keys])


def negate(tally: Tally) -> Tally:
    """Return the tally that undoes this one."""
    return Tally(tally.keys, -tally.values)


def _are_dense(keys: NDArray[Any]) -> bool:
    """Say whether there are about as many keys, none of them negative, as there could be."""
    return int(keys.max()) < _DENSE * len(keys) and int(keys.min()) >= 0


def in_order(keys: Keys) -> tuple[NDArray[np.intp], Keys]:
    """Return the order of keys, and the keys in it.

    To sort numbers is several times faster than to sort places by them: so where there is room, the place is made
    the last digits of the key.
    """
    bits = len(keys).bit_length()
    if not _fits(keys, 63 - bits):
        order = np.argsort(keys)
        return order, keys[order]
    both = np.sort(keys << bits | np.arange(len(keys)))
    return both & ((1 << bits) - 1), both >> bits


def _fits(keys: NDArray[Any], bits: int) -> bool:
    """Say whether no key is negative or needs more than so many bits."""
    return int(keys.min()) >= 0 and int(keys.max()) >> bits == 0


def run_starts(ordered: NDArray[Any]) -> NDArray[np.intp]:
    """Return where each run of equal numbers starts; there is at least one."""
    is_start = np.empty(len(ordered), np.bool_)
    is_start[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_start[1:])
    return np.flatnonzero(is_start)


def lengths(starts: NDArray[np.intp], end: int) -> Counts:
    """Return how long each run is, given where they start and where the last one ends."""
    found = np.empty(len(starts), np.int64)
    np.subtract(starts[1:], starts[:-1], out=found[:-1])
    found[-1] = end - starts[-1]
    return found
