"""Panes: what was counted in one slice of event time of one model version."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Contents, added up when somebody asks."""

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
    """All panes of a model, cut as a timeline says."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._panes: dict[Slot, Pane] = {}
        # What the timeline said when every pane was last where it belongs.
        self._limits: list[int] | None = None
        # What has to be deleted and then written where panes are saved: a slot may be in both.
        self.changed: set[Slot] = set()
        self.removed: set[Slot] = set()

    def __len__(self) -> int:
        return len(self._panes)

    def __getitem__(self, slot: Slot) -> Content:
        return self._panes[slot].content

    @property
    def slots(self) -> list[Slot]:
        return list(self._panes)

    def add(self, slot: Slot, content: Content) -> None:
        self._panes.setdefault(slot, Pane()).add(content)
        self.changed.add(slot)

    def restore(self, slot: Slot, content: Content) -> None:
        self._panes[slot] = Pane([content])

    def forget_changes(self) -> None:
        self.changed, self.removed = set(), set()

    def advance(self, now: int) -> None:
        """Merge panes into the ones that hold them as seen from ``now``, and drop those behind everything."""
        limits = self._timeline.limits(now)
        if limits == self._limits:
            return
        self._limits = limits
        slots = self.slots
        starts, steps = self._timeline.panes(np.array([slot.start for slot in slots], np.int64), now)
        for slot, start, step in zip(slots, starts.tolist(), steps.tolist(), strict=True):
            if step != slot.step:
                content = self._take(slot)
                if step >= 0:
                    self.add(Slot(slot.version, start, step), content)

    def forget(self, version: int) -> None:
        for slot in self.slots:
            if slot.version == version:
                self._take(slot)

    def within(self, start: int | None, end: int | None) -> Iterator[tuple[int, Content]]:
        """Yield the version and the content of each pane that lies in [start, end); None is no limit."""
        for slot, pane in self._panes.items():
            if _lies_in(slot, start, end):
                yield slot.version, pane.content

    def _take(self, slot: Slot) -> Content:
        self.changed.discard(slot)
        self.removed.add(slot)
        return self._panes.pop(slot).content


def _lies_in(slot: Slot, start: int | None, end: int | None) -> bool:
    return (start is None or slot.start >= start) and (end is None or slot.start + slot.step <= end)
