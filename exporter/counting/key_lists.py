"""Lists of what rows add, and the tally for each pane that comes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.counting.tally import NO_COUNTS, NO_SUMS, Tally, count, total
from exporter.rows.record import Floats

Indices = NDArray[np.intp]
Keys = NDArray[np.int64]


class CountList:
    """Grows a list of (row, key)."""

    def __init__(self) -> None:
        self._rows: list[Indices] = []
        self._keys: list[Keys] = []

    def add(self, rows: Indices, keys: Keys | int) -> None:
        if len(rows):
            self._rows.append(rows)
            self._keys.append(keys if isinstance(keys, np.ndarray) else np.full(len(rows), keys, np.int64))

    def by_pane(self, pane: Indices, panes: int, size: int) -> list[Tally]:
        """Gather the pairs into a tally for each of ``panes``, given the ``pane`` of each row; keys are below ``size``."""
        if not self._rows:
            return [NO_COUNTS] * panes
        whole = count(pane[np.concatenate(self._rows)] * size + np.concatenate(self._keys))
        return [whole.between(i * size, (i + 1) * size) for i in range(panes)]


class SumList:
    """Grows a list of (row, key, value)."""

    def __init__(self) -> None:
        self._rows: list[Indices] = []
        self._keys: list[Keys] = []
        self._values: list[Floats] = []

    def add(self, rows: Indices, keys: Keys | int, values: Floats) -> None:
        if len(rows):
            self._rows.append(rows)
            self._keys.append(keys if isinstance(keys, np.ndarray) else np.full(len(rows), keys, np.int64))
            self._values.append(values)

    def by_pane(self, pane: Indices, panes: int, size: int) -> list[Tally]:
        """Gather the pairs into a tally for each of ``panes``, given the ``pane`` of each row; keys are below ``size``."""
        if not self._rows:
            return [NO_SUMS] * panes
        keys = pane[np.concatenate(self._rows)] * size + np.concatenate(self._keys)
        whole = total(keys, np.concatenate(self._values))
        return [whole.between(i * size, (i + 1) * size) for i in range(panes)]
