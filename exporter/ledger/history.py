"""Since when there are records: windows that reach further back are not complete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from exporter.rows.record import Ints


@dataclass(slots=True)
class History:
    """``first`` and ``newest`` event time, in microseconds; None before the first row.

    A silence longer than ``forgotten_after`` begins history anew, and rows so much older than the newest are no part
    of it: one record dated 1970 must not make every window look complete. Within that span behind the newest row the
    answer does not depend on the order of the rows.
    """

    forgotten_after: int
    first: int | None = None
    newest: int | None = None

    def add(self, times: Ints) -> None:
        """Take note of rows (n,), at least one."""
        low, high = int(times.min()), int(times.max())
        if high - low <= self.forgotten_after:
            times = np.array([low, high])  # No hole between them matters, and most batches are short.
        ends = [each for each in (self.first, self.newest) if each is not None]
        known = np.sort(np.concatenate((times, np.array(ends, dtype=np.int64))))
        holes = np.flatnonzero(np.diff(known) > self.forgotten_after)
        # Between the first and the newest row there was no hole: what looks like one from here is known to be filled.
        if self.first is not None and self.newest is not None:
            holes = holes[(known[holes] >= self.newest) | (known[holes] < self.first)]
        self.first = int(known[holes[-1] + 1] if len(holes) else known[0])
        self.newest = int(known[-1])
