"""Lists of what rows add, and the tally for each pane that comes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.counting.tally import NO_COUNTS, NO_SUMS, Tally, count, merge, total
from exporter.rows.record import Floats

Indices = NDArray[np.intp]
Keys = NDArray[np.int64]
# Some of the rows of a batch; None: all of them.
Some = Indices | None

# With no more places than so many times the keys it takes less time to count in each place than to sort the keys.
_DENSE = 4


class CountList:
    """Grows a list of (row, key)."""

    def __init__(self) -> None:
        self._rows: list[Some] = []
        self._keys: list[NDArray[Any]] = []
        self._single: list[tuple[Some, int]] = []

    def add(self, rows: Some, keys: NDArray[Any] | int) -> None:
        """Add a key for each of some rows, or one key for all of them."""
        if isinstance(keys, int):
            self._single.append((rows, keys))
        elif len(keys):
            self._rows.append(rows)
            self._keys.append(keys)

    def by_pane(self, pane: Indices, panes: int, size: int) -> list[Tally]:
        """Gather the pairs into a tally for each of ``panes``, given the ``pane`` of each row; keys are below ``size``."""
        tallies = [_counted(_of(pane, rows), panes, size, key) for rows, key in self._single]
        scattered = []
        for rows, keys in zip(self._rows, self._keys, strict=True):
            first, width = _stretch(keys)
            if panes * width <= _DENSE * len(keys):
                tallies.append(_counted_in(_of(pane, rows), panes, size, keys, first, width))
            else:
                scattered.append((rows, keys))
        if scattered:
            # Half as many bytes are sorted in half the time.
            kind = np.int32 if panes * size <= np.iinfo(np.int32).max else np.int64
            beginning = (pane * size).astype(kind)
            tallies.append(
                count(np.concatenate([_of(beginning, rows) + keys.astype(kind) for rows, keys in scattered]))
            )
        return _parts(merge(tallies, NO_COUNTS), panes, size)


class SumList:
    """Grows a list of (row, key, value)."""

    def __init__(self) -> None:
        self._rows: list[Some] = []
        self._keys: list[Keys] = []
        self._values: list[Floats] = []
        self._single: list[tuple[Some, int, Floats]] = []

    def add(self, rows: Some, keys: Keys | int, values: Floats) -> None:
        """Add a key and a value for each of some rows; all keys may be the same."""
        if isinstance(keys, int):
            self._single.append((rows, keys, values))
        elif len(keys):
            self._rows.append(rows)
            self._keys.append(keys)
            self._values.append(values)

    def by_pane(self, pane: Indices, panes: int, size: int) -> list[Tally]:
        """Gather the pairs into a tally for each of ``panes``, given the ``pane`` of each row; keys are below ``size``."""
        tallies = [_summed(_of(pane, rows), panes, size, key, values) for rows, key, values in self._single]
        if self._keys:
            keys = [_of(pane, rows) * size + keys for rows, keys in zip(self._rows, self._keys, strict=True)]
            tallies.append(total(np.concatenate(keys), np.concatenate(self._values)))
        return _parts(merge(tallies, NO_SUMS), panes, size)


def _of(column: NDArray[Any], rows: Some) -> NDArray[Any]:
    return column if rows is None else column[rows]


def _counted(pane: Indices, panes: int, size: int, key: int) -> Tally:
    """Count the rows of one key, given the pane of each."""
    counts = np.bincount(pane, minlength=panes)
    there = np.flatnonzero(counts)
    return Tally(there * size + key, counts[there])


def _counted_in(pane: Indices, panes: int, size: int, keys: NDArray[Any], first: int, width: int) -> Tally:
    """Count rows whose keys lie in a stretch of so many, given the pane of each."""
    counts = np.bincount(pane * width + (keys - first), minlength=panes * width)
    there = np.flatnonzero(counts)
    panes_there, places = np.divmod(there, width)
    return Tally(panes_there * size + first + places, counts[there])


def _stretch(keys: NDArray[Any]) -> tuple[int, int]:
    """Return where the keys begin, and how many there could be up to the last one."""
    first = int(keys.min())
    return first, int(keys.max()) - first + 1


def _summed(pane: Indices, panes: int, size: int, key: int, values: Floats) -> Tally:
    """Sum the values of one key, given the pane of each."""
    there = np.flatnonzero(np.bincount(pane, minlength=panes))
    return Tally(there * size + key, np.bincount(pane, values, panes)[there])


def _parts(whole: Tally, panes: int, size: int) -> list[Tally]:
    if panes == 1:
        return [whole]
    return whole.apart(panes, size)
