"""Rows that wait to be counted together.

To place a number among a column's edges takes tables that no cache holds for all columns at once: for a few rows most of
the time would go into fetching them.
"""

from __future__ import annotations

from exporter.rows.record import Predictions, concatenate

# So many bytes may wait, with what Python takes for the arrays of a part.
_MOST = 2 << 20
_OVERHEAD = 3 << 9


class WaitingRows:
    """Rows, and ``now``: the latest event time that came with any."""

    def __init__(self) -> None:
        self._parts: list[Predictions] = []
        self._bytes = 0
        self.now = -(1 << 62)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @property
    def are_enough(self) -> bool:
        """Whether it is time to count them."""
        return self._bytes > _MOST

    def add(self, rows: Predictions, now: int) -> None:
        self._parts.append(rows)
        self._bytes += rows.nbytes + _OVERHEAD
        self.now = max(self.now, now)

    @property
    def rows(self) -> Predictions:
        """All rows, at least one."""
        return concatenate(self._parts)

    def clear(self) -> None:
        self._parts, self._bytes = [], 0
