"""Panes: what was counted in one slice of event time of one model version."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.counting.content import Content
from exporter.counting.gap_places import NO_GAPS, Gaps
from exporter.counting.packed import PackedContent, loose_content, unpack_content
from exporter.counting.pane_parts import Part, packed_sum
from exporter.counting.slotted_rows import SlottedRows
from exporter.counting.timeline import Timeline
from exporter.rows.record import Codes, Ints

# What may wait to be added up: so many bytes, or as many as there are.
_WAITING = 2 << 20
# What Python takes for the arrays of a content, beside their bytes.
_OVERHEAD = 1 << 10

_SECOND = 1_000_000
_VERSIONS = 1 << 16

# Whatever happens to any pane has a number of its own.
_CHANGES = count(1)


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
    """Contents, added up and packed when somebody asks. ``change`` is the number of its last change."""

    __slots__ = ("_bytes", "_gaps", "_largest", "_packed", "_parts", "change")

    def __init__(self, gaps: Gaps = NO_GAPS) -> None:
        self.change = next(_CHANGES)
        self._gaps = gaps
        self._parts: list[Part] = []
        # The only part, if it is as small as can be.
        self._packed: PackedContent | None = None
        # Of all parts, and of the largest: asked much more often than there is a new one.
        self._bytes = self._largest = 0

    def add(self, part: Part) -> None:
        """Add a content that ``pack_content`` or ``loose_content`` returned, or rows."""
        self._parts.append(part)
        self._packed = None
        size = part.nbytes
        self._note(size, size)
        self.change = next(_CHANGES)

    def absorb(self, pane: Pane) -> None:
        """Add another pane as it stands: packing what is to be unpacked again would be in vain."""
        self._packed = None if self._parts else pane._packed
        self._parts += pane._parts
        self._note(pane._bytes, pane._largest)
        self.change = next(_CHANGES)

    @property
    def nbytes(self) -> int:
        """What the parts take as they stand."""
        return self._bytes + _OVERHEAD * len(self._parts)

    def tidy(self) -> None:
        """Add up what is mostly small parts; whatever else lies beside a big one is left to grow first."""
        if 2 * self._largest < self._bytes:
            self._pack()

    @property
    def packed(self) -> PackedContent:
        return self._pack() if self._packed is None else self._packed

    @property
    def content(self) -> Content:
        return unpack_content(self.packed, self._gaps)

    def _pack(self) -> PackedContent:
        self._packed = packed_sum(self._parts, self._gaps)
        self._parts = [self._packed]
        self._bytes = self._largest = self._packed.nbytes
        return self._packed

    def _note(self, more: int, largest: int) -> None:
        self._bytes += more
        self._largest = max(self._largest, largest)


class PaneStore:
    """All panes of a model, cut as a timeline says."""

    def __init__(self, timeline: Timeline, gaps: Gaps = NO_GAPS) -> None:
        self._timeline = timeline
        self.gaps = gaps
        self._panes: dict[Slot, Pane] = {}
        # What the timeline said when every pane was last where it belongs.
        self._limits: list[int] | None = None
        # What has to be deleted and then written where panes are saved: a slot may be in both.
        self.changed: set[Slot] = set()
        self.removed: set[Slot] = set()
        # The bytes that have come since the panes were last tidied, and how many may.
        self._waiting, self._may_wait = 0, _WAITING

    def __len__(self) -> int:
        return len(self._panes)

    def __getitem__(self, slot: Slot) -> Content:
        return self._panes[slot].content

    @property
    def slots(self) -> list[Slot]:
        return list(self._panes)

    def add(self, slot: Slot, content: Content, numbers: SlottedRows | None = None) -> None:
        """Add a content, and rows that go with it."""
        pane = self._changing(slot)
        # Beside rows that wait there is little else, and it waits as it is.
        parts: list[Part] = [loose_content(content)] if numbers is None else [content, numbers]
        before = pane.nbytes
        for part in parts:
            pane.add(part)
        self._wait_for(pane.nbytes - before)

    def restore(self, slot: Slot, content: PackedContent) -> None:
        self._panes[slot] = Pane(self.gaps)
        self._panes[slot].add(content)

    def packed(self, slot: Slot) -> PackedContent:
        return self._panes[slot].packed

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
                pane = self._take(slot)
                if step >= 0:
                    self._changing(Slot(slot.version, start, step)).absorb(pane)
                    self._wait_for(pane.nbytes)

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

    def changes(self, start: int | None, end: int | None) -> tuple[tuple[Slot, int], ...]:
        """Return the place and the last change of each such pane: while they are the same, so is what the panes hold."""
        return tuple((slot, pane.change) for slot, pane in self._panes.items() if _lies_in(slot, start, end))

    def _changing(self, slot: Slot) -> Pane:
        self.changed.add(slot)
        return self._panes.setdefault(slot, Pane(self.gaps))

    def _wait_for(self, more: int) -> None:
        self._waiting += more
        if self._waiting > self._may_wait:
            for pane in self._panes.values():
                pane.tidy()
            # Adding up takes time in proportion to what there is, so as much as that has to be new.
            self._waiting, self._may_wait = 0, max(_WAITING, sum(pane.nbytes for pane in self._panes.values()))

    def _take(self, slot: Slot) -> Pane:
        self.changed.discard(slot)
        self.removed.add(slot)
        return self._panes.pop(slot)


def _lies_in(slot: Slot, start: int | None, end: int | None) -> bool:
    return (start is None or slot.start >= start) and (end is None or slot.start + slot.step <= end)
