"""Panes: what was counted in one slice of event time of one model version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.content import Content, add_contents
from exporter.packed import PackedContent, pack_content, unpack_content
from exporter.record import Codes, Ints
from exporter.timeline import Timeline

# What may wait to be packed: so many bytes, or as many as are packed.
_WAITING = 4 << 20
# What Python takes for the arrays of a content, beside their bytes.
_OVERHEAD = 1 << 10

_NOTHING = pack_content(Content())

_SECOND = 1_000_000
_VERSIONS = 1 << 16


class Slot(NamedTuple):
    """Where a pane stands: its version, its start and its step (microseconds; step 0 has no limits)."""

    version: int
    start: int
    step: int


def slots_of(timeline: Timeline, versions: Codes, times: Ints, now: int) -> tuple[list[Slot], NDArray[np.intp]]:
    """Return the distinct panes of some rows, and which of them each row (n,) belongs to."""
    starts, steps = timeline.panes(times, now)
    # Steps are whole seconds, so a pane is told by its second and its version.
    names = starts // _SECOND * _VERSIONS + versions
    first, which = distinct(names)
    slots = zip(versions[first].tolist(), starts[first].tolist(), steps[first].tolist(), strict=True)
    return [Slot(*slot) for slot in slots], which


def distinct(names: Ints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each distinct name first stands, and which of them each row (n,) has; there is at least one row."""
    # Neighbours are mostly alike: only the first row of each run is sorted.
    runs = np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1])))
    _, first, which = np.unique(names[runs], return_index=True, return_inverse=True)
    return runs[first], np.repeat(which, np.diff(runs, append=len(names)))


class Pane:
    """Contents, added up and packed when somebody asks."""

    __slots__ = ("_packed", "_parts")

    def __init__(self, content: Content | None = None) -> None:
        self._packed = _NOTHING if content is None else pack_content(content)
        # What has come since.
        self._parts: list[Content] = []

    def add(self, content: Content) -> None:
        self._parts.append(content)

    @property
    def packed(self) -> PackedContent:
        if self._parts:
            parts = self._parts if self._packed is _NOTHING else [unpack_content(self._packed), *self._parts]
            self._packed, self._parts = pack_content(add_contents(parts)), []
        return self._packed

    @property
    def content(self) -> Content:
        return unpack_content(self.packed)


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
        # The bytes that have come since all was packed, and how many may.
        self._waiting, self._may_wait = 0, _WAITING

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
        self._waiting += content.nbytes + _OVERHEAD
        if self._waiting > self._may_wait:
            # Packing takes time in proportion to what is packed, so as much as that has to be new.
            self._waiting, self._may_wait = 0, max(_WAITING, self.nbytes)

    def restore(self, slot: Slot, content: Content) -> None:
        self._panes[slot] = Pane(content)

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

    @property
    def nbytes(self) -> int:
        """What all panes take once they are packed, apart from what Python needs for each array."""
        return sum(pane.packed.nbytes for pane in self._panes.values())

    def within(self, start: int | None, end: int | None) -> Iterator[tuple[Slot, PackedContent]]:
        """Yield the place and the content of each pane that lies in [start, end); None is no limit."""
        for slot, pane in self._panes.items():
            if _lies_in(slot, start, end):
                yield slot, pane.packed

    def _take(self, slot: Slot) -> Content:
        self.changed.discard(slot)
        self.removed.add(slot)
        return self._panes.pop(slot).content


def _lies_in(slot: Slot, start: int | None, end: int | None) -> bool:
    return (start is None or slot.start >= start) and (end is None or slot.start + slot.step <= end)
