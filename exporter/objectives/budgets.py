"""How many events of each objective there were when: what compliance and error budgets rest on.

Tallies are as additive as panes, and much smaller: for each slice of time and version two numbers an objective. They
have a timeline of their own, since an objective's period is mostly longer than the longest window.

A window is what it is everywhere, [t - w, t) with t on its grid. A rolling period must say at once that the budget is
burning, so it does not wait for its grid, a step of half a day: it begins on its grid and holds everything since. It
is thus up to a step longer than is said. A period of the calendar holds everything since it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.configuration.objectives import Slo
from exporter.configuration.windows import CANDIDATES, STEPS_PER_WINDOW, Window
from exporter.counting.layout import Objective
from exporter.counting.panes import Slot, distinct, slots_of
from exporter.counting.timeline import Level, Timeline
from exporter.objectives.calendar_periods import CalendarPeriods
from exporter.objectives.events import Column, Events
from exporter.objectives.throughput import NO_VERSION

# Events and good ones by objective (objectives, 2).
Numbers = NDArray[np.float64]
Place = tuple[int, int]  # a version and the start of a period


@dataclass(frozen=True, slots=True, eq=False)
class Extract:
    """The tallies of some stretch of time: ``versions`` (n,), and their ``numbers`` (n, objectives, 2)."""

    versions: NDArray[np.int64]
    numbers: NDArray[np.float64]

    def of(self, objective: int) -> Iterator[tuple[int | None, float, float]]:
        """Yield the events and the good ones of all versions together (None), then of each that has any."""
        numbers = self.numbers[:, objective]
        yield None, *numbers.sum(axis=0).tolist()
        for version in np.unique(self.versions).tolist():
            events, good = numbers[self.versions == version].sum(axis=0).tolist()
            if events and version != NO_VERSION:
                yield version, events, good


class Budgets:
    """The tallies of one model. Moments are in microseconds."""

    def __init__(self, objectives: Sequence[Objective], windows: Iterable[Window]) -> None:
        self.objectives = objectives
        slos = [objective.slo for objective in objectives]
        self.windows = [tuple(windows_of(slo, windows)) for slo in slos]
        self.steps = period_steps(slos, windows)
        self.timeline = Timeline(sorted(set(_levels(slos, self.windows, self.steps)), key=lambda level: level.length))
        self.tallies: dict[Slot, Numbers] = {}
        self.calendars = {
            place: CalendarPeriods(slo.calendar, slo.time_zone) for place, slo in enumerate(slos) if slo.calendar
        }
        # Of each objective with a calendar, by version and start of the period.
        self.periods: dict[int, dict[Place, Numbers]] = {place: {} for place in self.calendars}
        # The steps (microseconds) of tallies that changed since they were last saved.
        self.changed: set[int] = set()
        self._limits: list[int] | None = None

    def add(self, events: Events, now: int) -> Mapping[int, Numbers]:
        """Take events in, with event time at ``now``, and return what they come to by version (objectives, 2)."""
        found: dict[int, Numbers] = {}
        if not len(events.moment) or not events.columns:
            return found
        slots, which = slots_of(self.timeline, events.version, events.moment, now)
        numbers = np.zeros((len(slots), len(self.objectives), 2))
        for place, column in events.columns.items():
            numbers[:, place] = _summed(column, which, len(slots))
            if place in self.calendars:
                self._add_to_periods(place, events, column)
        for slot, added in zip(slots, numbers, strict=True):
            found[slot.version] = found.get(slot.version, 0) + added
            # What is older than everything is in no window, but in the counters.
            if slot.step > 0 and added.any():
                self._add(slot, added)
        return found

    def advance(self, now: int) -> None:
        """Merge tallies as the timeline says, and drop those that no window or period reaches any more."""
        for place, calendar in self.calendars.items():
            start, _ = calendar.bounds(now - 1)
            self.periods[place] = {key: kept for key, kept in self.periods[place].items() if key[1] >= start}
        limits = self.timeline.limits(now)
        if limits == self._limits:
            return
        self._limits = limits
        slots = list(self.tallies)
        starts, steps = self.timeline.panes(np.array([slot.start for slot in slots], np.int64), now)
        for slot, start, step in zip(slots, starts.tolist(), steps.tolist(), strict=True):
            if step != slot.step:
                self._move(slot, Slot(slot.version, start, step) if step > 0 else None)

    def forget(self, version: int) -> None:
        """Forget which version it was: what it burned stays burned."""
        for slot in [slot for slot in self.tallies if slot.version == version]:
            self._move(slot, slot._replace(version=NO_VERSION))
        for kept in self.periods.values():
            for key in [key for key in kept if key[0] == version]:
                place = (NO_VERSION, key[1])
                kept[place] = kept.get(place, 0) + kept.pop(key)

    def within(self, start: int, stop: int) -> Extract:
        """Return what lies in [start, stop)."""
        slots = [slot for slot in self.tallies if slot.start >= start and slot.start + slot.step <= stop]
        return self._extract([(slot.version, self.tallies[slot]) for slot in slots])

    def period(self, objective: int, now: int) -> Extract:
        """Return what lies in an objective's period, as of ``now``."""
        if objective in self.calendars:
            start, _ = self.calendars[objective].bounds(now - 1)
            kept = self.periods[objective].items()
            return self._extract([(version, numbers) for (version, begin), numbers in kept if begin == start])
        length, step = self.objectives[objective].slo.period.length, self.steps[objective]
        start = (now - length) // step * step
        return self._extract([(slot.version, numbers) for slot, numbers in self.tallies.items() if slot.start >= start])

    def _add(self, slot: Slot, numbers: Numbers) -> None:
        self.tallies[slot] = self.tallies.get(slot, 0) + numbers
        self.changed.add(slot.step)

    def _move(self, slot: Slot, target: Slot | None) -> None:
        numbers = self.tallies.pop(slot)
        self.changed.add(slot.step)
        if target is not None:
            self._add(target, numbers)

    def _add_to_periods(self, place: int, events: Events, column: Column) -> None:
        starts = self.calendars[place].starts(events.moment)
        # Versions are told apart by what lies between two whole seconds, at which all periods begin.
        first, which = distinct(starts + events.version)
        keys = zip(events.version[first].tolist(), starts[first].tolist(), strict=True)
        kept = self.periods[place]
        for key, numbers in zip(keys, _summed(column, which, len(first)), strict=True):
            kept[key] = kept.get(key, 0) + self._alone(place, numbers)

    def _alone(self, place: int, numbers: NDArray[np.float64]) -> Numbers:
        """Return an objective's two numbers among those of all objectives."""
        alone = np.zeros((len(self.objectives), 2))
        alone[place] = numbers
        return alone

    def _extract(self, parts: Sequence[tuple[int, Numbers]]) -> Extract:
        versions = np.array([version for version, _ in parts], np.int64)
        numbers = np.array([numbers for _, numbers in parts]).reshape(len(parts), len(self.objectives), 2)
        return Extract(versions, numbers)


def windows_of(slo: Slo, windows: Iterable[Window]) -> Iterator[Window]:
    """Yield the windows of time that an objective's compliance is shown in: those no longer than its period."""
    for window in windows:
        if window.length is not None and window.length <= slo.span and window.name != slo.period_name:
            yield window


def period_steps(slos: Sequence[Slo], windows: Iterable[Window]) -> dict[int, int]:
    """Return the step of each rolling period, by the objective's place: near a sixtieth, and on the windows' grids."""
    known = {window.length: window.step for window in windows if window.length is not None}
    lengths = sorted({slo.period.length for slo in slos if slo.calendar is None})
    for length in lengths:
        known[length] = _fitting_step(length, known)
    return {place: known[slo.period.length] for place, slo in enumerate(slos) if slo.calendar is None}


def _fitting_step(length: int, known: Mapping[int, int]) -> int:
    """Return a step that the steps of all shorter ones divide, and that divides those of all longer ones."""
    if length in known:
        return known[length]
    shorter = [step for other, step in known.items() if other < length]
    longer = [step for other, step in known.items() if other > length]
    fitting = [
        step
        for step in {*CANDIDATES, *shorter, *longer}
        if all(step % other == 0 for other in shorter) and all(other % step == 0 for other in longer)
    ]
    return min(fitting, key=lambda step: (_ratio(step * STEPS_PER_WINDOW, length), step))


def _ratio(one: int, other: int) -> float:
    return max(one, other) / min(one, other)


def _levels(slos: Sequence[Slo], windows: Sequence[Iterable[Window]], steps: Mapping[int, int]) -> Iterator[Level]:
    for window in dict.fromkeys(window for shown in windows for window in shown):
        if window.reach is not None:
            yield Level(window.reach, window.step)
    for place, step in steps.items():
        # To the grid behind it, where a step of other windows does not divide the period.
        yield Level(-(-slos[place].period.length // step) * step, step)


def _summed(column: Column, which: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    """Return events and good ones (size, 2), given the place (n,) of each row."""
    if size == 1:
        return np.array([[column.events.sum(), column.good.sum()]], np.float64)
    sums = [np.bincount(which, weights=part, minlength=size) for part in (column.events, column.good)]
    return np.stack(sums, axis=1)
