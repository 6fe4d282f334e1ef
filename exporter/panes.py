"""Panes: what was counted in one slice of event time of one model version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from exporter.score_bins import EMPTY, ScoreTable, add
from exporter.tally import NO_COUNTS, NO_SUMS, Tally, merge
from exporter.timeline import Timeline

_COMPACT_AT = 32


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """``counts`` and ``sums`` by the layout's positions, ``cells`` and ``quality`` by group, ``scores`` by bin.

    ``cells`` holds confusion cells (or labelled rows), ``quality`` sums of errors; see ``exporter.contributions``.
    """

    counts: Tally = NO_COUNTS
    sums: Tally = NO_SUMS
    cells: Tally = NO_COUNTS
    quality: Tally = NO_SUMS
    scores: ScoreTable = EMPTY


def add_contents(contents: list[Content]) -> Content:
    """Add contents up, at least one."""
    if len(contents) == 1:
        return contents[0]
    return Content(
        merge([content.counts for content in contents], NO_COUNTS),
        merge([content.sums for content in contents], NO_SUMS),
        merge([content.cells for content in contents], NO_COUNTS),
        merge([content.quality for content in contents], NO_SUMS),
        add([content.scores for content in contents]),
    )


class Slot(NamedTuple):
    """Where a pane stands: its version, its start and its step (microseconds; step 0 has no limits)."""

    version: int
    start: int
    step: int


@dataclass(slots=True, eq=False)
class Pane:
    """``settled`` once its labels have gone into the cumulative counters."""

    settled: bool = False
    _parts: list[Content] = field(default_factory=list)

    def add(self, content: Content) -> None:
        self._parts.append(content)
        if len(self._parts) >= _COMPACT_AT:
            self._parts = [add_contents(self._parts)]

    @property
    def content(self) -> Content:
        if len(self._parts) != 1:
            self._parts = [add_contents([*self._parts, Content()])]
        return self._parts[0]


class PaneStore:
    """All panes of a model, cut as a timeline says. ``settle`` is called with a pane that goes or mixes unsettled."""

    def __init__(self, timeline: Timeline, settle: Callable[[Slot, Pane], None]) -> None:
        self._timeline = timeline
        self._settle = settle
        self._panes: dict[Slot, Pane] = {}
        # What has to be written and deleted where panes are saved.
        self.changed: set[Slot] = set()
        self.removed: set[Slot] = set()

    def __len__(self) -> int:
        return len(self._panes)

    def items(self) -> Iterable[tuple[Slot, Pane]]:
        return self._panes.items()

    def add(self, slot: Slot, content: Content) -> Pane:
        pane = self._panes.get(slot)
        if pane is None:
            # Before everything there is nothing left to settle: labels there go straight to the counters.
            pane = self._panes[slot] = Pane(settled=slot.step == 0)
            self.removed.discard(slot)
        pane.add(content)
        self.changed.add(slot)
        return pane

    def restore(self, slot: Slot, content: Content, *, settled: bool) -> None:
        self._panes[slot] = Pane(settled, [content])

    def forget_changes(self) -> None:
        self.changed, self.removed = set(), set()

    def settle(self, slot: Slot) -> None:
        self._settle(slot, self._panes[slot])
        self._panes[slot].settled = True
        self.changed.add(slot)

    def advance(self, now: int) -> None:
        """Merge panes into the ones that hold them as seen from ``now``, and drop those behind everything."""
        slots = list(self._panes)
        starts, steps = self._timeline.panes(np.array([slot.start for slot in slots], np.int64), now)
        for slot, start, step in zip(slots, starts.tolist(), steps.tolist(), strict=True):
            if step != slot.step:
                self._move(slot, Slot(slot.version, start, step))

    def forget(self, version: int) -> None:
        for slot in [slot for slot in self._panes if slot.version == version]:
            self._take(slot)

    def within(self, version: int | None, start: int | None, end: int | None) -> Iterator[Content]:
        """Yield the content of the panes of a version (None: of all) that lie in [start, end); None is no limit."""
        for slot, pane in self._panes.items():
            if (version is None or slot.version == version) and _lies_in(slot, start, end):
                yield pane.content

    def _move(self, old: Slot, new: Slot) -> None:
        if not self._panes[old].settled and (new.step <= 0 or (new in self._panes and self._panes[new].settled)):
            self._settle(old, self._panes[old])
            self._panes[old].settled = True
        pane = self._take(old)
        if new.step < 0:
            return
        if pane.settled and new in self._panes and not self._panes[new].settled:
            self.settle(new)
        self.add(new, pane.content).settled = pane.settled

    def _take(self, slot: Slot) -> Pane:
        self.changed.discard(slot)
        self.removed.add(slot)
        return self._panes.pop(slot)


def _lies_in(slot: Slot, start: int | None, end: int | None) -> bool:
    return (start is None or slot.start >= start) and (end is None or slot.start + slot.step <= end)
