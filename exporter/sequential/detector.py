"""Cumulative sums of a model's residuals, slice by slice of event time, for each version and for all together.

A slice is finished once all of its predictions have settled: their labels are known as far as they came within
`labels.settle`. A label that came later would make a slice depend on when one looks at it, so it is left out, and counted.
Since a prediction settles once, at a moment that its times alone decide, neither batches nor restarts change a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from exporter.counting.drift_family import tests_of, watched_residuals
from exporter.counting.layout import Layout
from exporter.rows.outcomes import Settled
from exporter.rows.record import Codes, Floats, Ints
from exporter.sequential.cusum import Cusum
from exporter.sequential.residuals import STREAMS, TWO_SIDED, floor_of, residuals
from exporter.sequential.run_length import limit_for
from exporter.significance.family import PERIOD, level

# The version that stands for all together.
EVERY = -1
_NEVER = -(1 << 61)


@dataclass(slots=True)
class Slice:
    """Rows and sums of residuals; slices with too few rows are carried over to the next one."""

    rows: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0] * len(STREAMS))

    def add(self, rows: int, sums: Iterable[float]) -> None:
        self.rows += rows
        self.sums = [one + other for one, other in zip(self.sums, sums, strict=True)]


@dataclass(slots=True)
class Watch:
    """What is known of one version: the ``rows`` judged, those that came ``late``, a slice in the making, and the sums."""

    rows: int = 0
    late: int = 0
    carried: Slice = field(default_factory=Slice)
    cusums: list[Cusum] = field(default_factory=lambda: [Cusum(two_sided=name in TWO_SIDED) for name in STREAMS])


class Detector:
    """The sums of one model. Times are event times in microseconds."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        # Of each residual that is watched.
        self.limits = _limits(layout)
        self.length = layout.model.drift.sequential.slice
        self._settle = layout.model.labels.settle if layout.model.labels else 0
        self._relearn = max(-(-PERIOD // self.length), 1)
        self._floor = floor_of(layout)
        self.open: dict[tuple[int, int], Slice] = {}
        self.watches: dict[int, Watch] = {}
        self.finished_to = _NEVER
        # Rows of versions that have been forgotten: what was counted stays counted.
        self.past_late = 0

    def add(self, settled: Settled) -> None:
        """Take predictions that have settled; those of finished slices, or with a later label, are counted as late."""
        there, terms = residuals(self._layout, settled)
        if not self.limits or not len(there):
            return
        time, version = settled.rows.time[there], settled.rows.version[there]
        late = (settled.moment[there] > time + self._settle) | (time < self.finished_to)
        for code, rows in zip(*np.unique(version[late], return_counts=True), strict=True):
            self.watches.setdefault(int(code), Watch()).late += int(rows)
        self._gather(time[~late], version[~late], terms[~late])

    def advance(self, settled_to: int) -> None:
        """Judge the slices that end at or before ``settled_to``, up to which predictions have settled."""
        limit = settled_to // self.length * self.length
        if limit <= self.finished_to:
            return
        self.finished_to = limit
        due = sorted(key for key in self.open if key[0] < limit)
        for start in dict.fromkeys(start for start, _ in due):
            slices = {version: self.open.pop((start, version)) for key, version in due if key == start}
            whole = Slice()
            for version, one in slices.items():
                whole.add(one.rows, one.sums)
                self._judge(version, one)
            self._judge(EVERY, whole)

    def forget(self, version: int) -> None:
        """Forget a version; what it has added to the sums of all together stays there."""
        if version in self.watches:
            self.past_late += self.watches.pop(version).late
        self.open = {key: value for key, value in self.open.items() if key[1] != version}

    def scores(self, version: int) -> Iterator[tuple[str, float]]:
        """Yield the sum of each stream that has learnt what is usual."""
        watch = self.watches.get(version)
        for name in self.limits if watch else ():
            assert watch is not None  # or there are no streams to go through
            cusum = watch.cusums[STREAMS.index(name)]
            if cusum.is_watching:
                yield name, cusum.score

    def _gather(self, time: Ints, version: Codes, terms: Floats) -> None:
        if not len(time):
            return
        starts = time // self.length * self.length
        keys, place = np.unique(np.column_stack((starts, version)), axis=0, return_inverse=True)
        place = place.reshape(-1)
        rows = np.bincount(place)
        sums = np.column_stack([np.bincount(place, column) for column in terms.T])
        for key, number, total in zip(keys.tolist(), rows.tolist(), sums.tolist(), strict=True):
            self.open.setdefault((key[0], key[1]), Slice()).add(number, total)

    def _judge(self, version: int, one: Slice) -> None:
        watch = self.watches.setdefault(version, Watch())
        watch.carried.add(one.rows, one.sums)
        if watch.carried.rows < self._layout.model.drift.min_rows:
            return
        whole, watch.carried = watch.carried, Slice()
        watch.rows += whole.rows
        for name, limit in self.limits.items():
            mean = whole.sums[STREAMS.index(name)] / whole.rows
            watch.cusums[STREAMS.index(name)].add(mean, limit, floor=self._floor, relearn=self._relearn)


def _limits(layout: Layout) -> dict[str, float]:
    """Return limits at which each residual has its share of the expected false warnings, a slice being a window."""
    model = layout.model
    risk = level(model.thresholds.false_warnings, model.drift.sequential.slice, tests_of(layout))
    return {name: limit_for((2 if name in TWO_SIDED else 1) / risk) for name in watched_residuals(layout)}
