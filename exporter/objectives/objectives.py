"""The service level objectives of one model: from rows, labels and event time to counters and budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import Layout
from exporter.label_join.join import LabelJoin
from exporter.objectives import events
from exporter.objectives.budgets import Budgets
from exporter.objectives.events import Events
from exporter.objectives.freshness import Freshness
from exporter.objectives.throughput import NO_VERSION, Throughput
from exporter.rows.outcomes import Settled
from exporter.rows.record import Flags, Predictions

# Events and good ones by objective (objectives, 2).
Numbers = NDArray[np.float64]


class Objectives:
    """Counts events since the beginning, by version, and keeps their budgets. Times are event times."""

    def __init__(self, layout: Layout, join: LabelJoin | None) -> None:
        self._layout = layout
        self.budgets = Budgets(layout.objectives, layout.model.windows)
        self.freshness = _freshness_of(layout, join)
        self.throughputs = _throughputs_of(layout)
        # Whether silence is silence. Not while the log cannot be read, nor until what it holds then has been.
        self.hears = True
        # Of versions that are not forgotten, and of none.
        self.counts: dict[int, Numbers] = {NO_VERSION: self.nothing}

    @property
    def nothing(self) -> Numbers:
        return np.zeros((len(self._layout.objectives), 2))

    def add_predictions(self, rows: Predictions, scored: Flags, now: int) -> None:
        """Count prediction rows, at least one, with event time at ``now``."""
        if not self._layout.objectives:
            return
        self._add([events.of_requests(self._layout, rows)], now)
        for throughput in self.throughputs.values():
            throughput.add(rows.time)
        if self.freshness:
            self._add(self.freshness.arrived(rows, scored), now)

    def add_settled(self, settled: Settled, now: int) -> None:
        """Count predictions that settle."""
        self._add([events.of_settled(self._layout, settled)], now)

    def advance(self, now: int, clock: int, tick: int | None) -> None:
        """Move event time to ``now``; what is dated before ``clock`` has been read.

        ``tick`` is where the label join is about to go, None without one: what it forgets has to be judged before.
        """
        if not self._layout.objectives:
            return
        self.budgets.advance(now)
        if self.freshness and tick is not None:
            self._add(self.freshness.advance(tick), now)
        if self.hears:
            self._judge_traffic(min(now, clock), now)

    def listen(self, *, is_up: bool, is_at_end: bool) -> None:
        """Take note of whether the log of predictions can be read, and whether all of it has been."""
        self.hears = is_up and (self.hears or is_at_end)

    def settle_all(self, now: int) -> None:
        """Count what can be said at ``now``, now that nothing more is read."""
        if self.freshness:
            self._add(self.freshness.settle_all(now), now)
        self._judge_traffic(now, now)

    def close(self, now: int) -> None:
        """Count predictions without a label, now that no more labels come."""
        if self.freshness:
            self._add(self.freshness.close(), now)

    def forget(self, version: int) -> None:
        self.budgets.forget(version)
        self.counts.pop(version, None)

    def of(self, version: int) -> Numbers:
        """Return the events and good ones (objectives, 2) of a version since the beginning."""
        found = self.counts.get(version)
        return self.nothing if found is None else found

    def _judge_traffic(self, until: int, now: int) -> None:
        self._add([throughput.advance(until) for throughput in self.throughputs.values()], now)

    def _add(self, parts: Iterable[Events], now: int) -> None:
        for part in parts:
            for version, numbers in self.budgets.add(part, now).items():
                self.counts[version] = self.of(version) + numbers


def _freshness_of(layout: Layout, join: LabelJoin | None) -> Freshness | None:
    limits = {place: objective.slo.label_freshness for place, objective in enumerate(layout.objectives)}
    stated = {place: limit for place, limit in limits.items() if limit is not None}
    return Freshness(join, stated) if join and stated else None


def _throughputs_of(layout: Layout) -> Mapping[int, Throughput]:
    return {
        place: Throughput(place, slo.throughput.requests, slo.throughput.every, slo.span)
        for place, slo in enumerate(objective.slo for objective in layout.objectives)
        if slo.throughput is not None
    }
