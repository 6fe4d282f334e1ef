"""Was there enough traffic? Each whole minute (or hour) of event time is judged once, when event time has passed it.

The first one is the one that begins with or after the first row. A row that comes after its minute was judged changes
nothing. Minutes of silence are bad ones, as long as event time moves on: it does so only while the log can be read.
A silence longer than the objective's period counts no further, since by then all of the budget is gone: so neither a
single record of 1970 nor a model that has gone for good makes ever more of them.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from exporter.counting.panes import distinct
from exporter.objectives.events import Column, Events
from exporter.rows.record import Ints

# Minutes are those of the model, not of one of its versions.
NO_VERSION = -1


class Throughput:
    """One objective, at its ``place`` in the layout: so many ``requests`` in ``every`` so many microseconds."""

    def __init__(self, place: int, requests: int, every: int, longest_silence: int) -> None:
        self._place = place
        self._requests = requests
        self._every = every
        self._longest_silence = longest_silence
        # Requests by minute, of minutes that are not judged yet.
        self.open: Counter[int] = Counter()
        # The first row, up to where minutes have been judged, and the last minute with a row of those.
        self.first: int | None = None
        self.judged_to: int | None = None
        self.last = 0

    def add(self, times: Ints) -> None:
        """Count requests (n,), at least one."""
        if self.judged_to is None:
            low = int(times.min())
            self.first = low if self.first is None else min(self.first, low)
        minutes = times // self._every * self._every
        first, which = distinct(minutes)
        for minute, count in zip(minutes[first].tolist(), np.bincount(which).tolist(), strict=True):
            if self.judged_to is None or minute >= self.judged_to:
                self.open[minute] += count

    def advance(self, now: int) -> Events:
        """Judge the minutes that ended by ``now``; all rows dated before it have been read."""
        stop = now // self._every * self._every
        start = self._start(stop)
        if start is None or stop <= start:
            return self._events(np.empty(0, np.int64))
        passed = sorted(minute for minute in self.open if minute < stop)
        parts, begin = [], start
        for minute in passed:
            if minute > begin:
                parts.append(self._silence(begin, minute))
            begin, self.last = minute + self._every, minute
            if minute >= start:
                parts.append(np.array([minute]))
        parts.append(self._silence(begin, stop))
        self.judged_to = stop
        events = self._events(np.concatenate(parts))
        for minute in passed:
            del self.open[minute]
        return events

    def _start(self, stop: int) -> int | None:
        """Return where judging goes on, or begins if a whole minute has passed by ``stop``."""
        if self.judged_to is not None or self.first is None:
            return self.judged_to
        start = -(-self.first // self._every) * self._every
        # What began before the first row is not whole.
        self.last = start - self._every
        return start if stop > start else None

    def _silence(self, start: int, stop: int) -> Ints:
        """Return the minutes [start, stop) that count, given the last one that had rows."""
        stop = min(stop, self.last + self._every + self._longest_silence // self._every * self._every)
        return np.arange(start, max(start, stop), self._every, dtype=np.int64)

    def _events(self, minutes: Ints) -> Events:
        requests = np.fromiter((self.open.get(minute, 0) for minute in minutes.tolist()), np.int64, len(minutes))
        column = Column(np.ones(len(minutes), dtype=bool), requests >= self._requests)
        return Events(np.full(len(minutes), NO_VERSION, np.int32), minutes, {self._place: column})
