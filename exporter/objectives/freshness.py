"""Did labels come in time? Each prediction that can have a label is judged once, when the time for it is over.

A prediction is judged by the lines dated up to its limit, once all of them have been read. What comes later changes
nothing: neither a late label, nor a line that was read too late. Predictions that are given up for want of memory
before their time are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from exporter.label_join.join import LabelJoin
from exporter.objectives.events import Column, Events
from exporter.rows.kept_rows import KeptPredictions, kept_of
from exporter.rows.record import Flags, Predictions

_LONG_AGO, _FAR_AHEAD = -(1 << 61), 1 << 61


class Freshness:
    """The objectives on fresh labels: ``limits`` in microseconds, by their place in the layout."""

    def __init__(self, join: LabelJoin, limits: Mapping[int, int]) -> None:
        self._join = join
        self._limits = limits
        # Predictions dated before it have been judged, by objective.
        self.judged_to = dict.fromkeys(limits, _LONG_AGO)

    def arrived(self, rows: Predictions, scored: Flags) -> Iterator[Events]:
        """Judge those of some new predictions whose time was over before they came."""
        for place in self._limits:
            late = rows.time < self.judged_to[place]
            if late.any():
                yield self._judged(place, kept_of(rows.take(late), scored[late]))

    def advance(self, tick: int) -> Iterator[Events]:
        """Judge predictions whose time is over at ``tick``; all lines dated before it have been read."""
        for place, limit in self._limits.items():
            yield from self._advance(place, tick - limit)

    def settle_all(self, now: int) -> Iterator[Events]:
        """Judge everything that can be judged at ``now`` with the lines that there are: a label that is there came."""
        for place, limit in self._limits.items():
            yield from self._advance(place, now - limit)
            waiting = self._join.predictions.between(self.judged_to[place], _FAR_AHEAD)
            yield self._judged(place, waiting.take(self._in_time(waiting, limit)))

    def close(self) -> Iterator[Events]:
        """Judge, after ``settle_all``, the rest as well: no label comes any more."""
        for place, limit in self._limits.items():
            waiting = self._join.predictions.between(self.judged_to[place], _FAR_AHEAD)
            yield self._judged(place, waiting.take(~self._in_time(waiting, limit)))

    def _advance(self, place: int, stop: int) -> Iterator[Events]:
        """Judge the predictions dated before ``stop``."""
        start = self.judged_to[place]
        if stop > start:
            self.judged_to[place] = stop
            yield self._judged(place, self._join.predictions.between(start, stop))

    def _judged(self, place: int, rows: KeptPredictions) -> Events:
        rows = rows.take(rows.scored)
        good = self._in_time(rows, self._limits[place])
        columns = {place: Column(np.ones(len(good), dtype=bool), good)}
        return Events(rows.version, rows.time + self._limits[place], columns)

    def _in_time(self, rows: KeptPredictions, limit: int) -> Flags:
        which, lines = self._join.labels.find(rows.key)
        delay = lines.time - rows.time[which]
        in_time = np.zeros(len(rows), dtype=bool)
        in_time[which[(delay <= limit) & (delay >= -self._join.horizon)]] = True
        return in_time
