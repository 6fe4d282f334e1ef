"""How far event time has come, given what has been read and when.

Of a log that grows, the mark is the least, over partitions that are being written to, of the newest event minus the
allowed lateness. A partition counts as being written to once it has brought rows after the source had been read to its
end; a file that was complete when it was found never holds the mark back. When nothing has come for the idle time-out,
the wall clock moves the mark on, so that the figures of a log that fell silent fade. A file that was rotated, so that a younger
one is read where it was, holds the mark back only until its writer has had the time to open that one.

Of a log that comes in drops, every file is complete when it is found, so none holds the mark back; but the mark stays
where it is while a drop is being read, lest windows end within what is half read. The wall clock moves it on when a
drop is overdue by the idle time-out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# While drops are read, windows lag behind by so many periods at most: slices of time that lie ahead of the mark are
# fine ones, and a backlog of weeks would be too many of them.
_PERIODS_HELD = 2

_REOPENING = 10_000_000
"""Programs open their log anew at the next record, or within a second or two of being told to; microseconds."""


@dataclass(slots=True)
class Partition:
    """``newest`` event time; ``seen`` wall clock of its last rows; ``growing`` as the module says.

    ``place`` is where its first rows were read: of several in one place the last one is there now.
    """

    newest: int
    seen: int
    growing: bool = False
    place: str = ""


@dataclass(slots=True)
class Watermark:
    """Times in microseconds. ``period`` is the time between drops, 0 for a log that grows.

    ``boundary`` is where the mark stood when the source was last read to its end, None before the first time. What is
    late is judged by it: while there is more to read, one file may be far ahead of another. ``reopening`` is for how long after
    its last rows a rotated file holds the mark back.
    """

    lateness: int
    idle_timeout: int
    period: int = 0
    partitions: dict[str, Partition] = field(default_factory=dict)
    value: int | None = None
    boundary: int | None = None
    caught_up: bool = False
    reopening: int = _REOPENING

    @property
    def newest(self) -> int | None:
        return max((partition.newest for partition in self.partitions.values()), default=None)

    def observe(self, name: str, newest: int, now: int, place: str = "") -> None:
        """Take note of rows of a partition, read in a place; without one it is never rotated."""
        partition = self.partitions.setdefault(name, Partition(newest, now, place=place or name))
        partition.newest = max(partition.newest, newest)
        partition.seen = now
        partition.growing |= self.caught_up and not self.period

    def advance(self, now: int) -> int | None:
        """Return the mark as of the wall clock ``now``, with more to read; it never moves back. None before the first row."""
        return self._move(now, _PERIODS_HELD * self.period)

    def drained(self, now: int) -> int | None:
        """Take note that the source has nothing more at the moment, and return the mark."""
        self.caught_up = True
        self._let_go(now)
        self.boundary = self._move(now, 0)
        return self.boundary

    def _move(self, now: int, held: int) -> int | None:
        newest = self.newest
        if newest is not None:
            found = self._reckon(newest, now) - held
            self.value = found if self.value is None else max(self.value, found)
            self._forget(now)
        return self.value

    def _reckon(self, newest: int, now: int) -> int:
        overdue = now - max(partition.seen for partition in self.partitions.values()) - self.period
        if overdue >= self.idle_timeout:
            return newest - self.lateness + overdue
        live = [
            partition.newest
            for partition in self.partitions.values()
            if partition.growing and now - partition.seen < self.idle_timeout
        ]
        return min(live, default=newest) - self.lateness

    def _let_go(self, now: int) -> None:
        """Wait no longer for rotated files that are silent, now that all is read; one that is written to all the same grows."""
        growing = [partition for partition in self.partitions.values() if partition.growing]
        youngest = {partition.place: partition for partition in growing}
        for partition in growing:
            is_rotated = youngest[partition.place] is not partition
            partition.growing = not is_rotated or now - partition.seen < self.reopening

    def _forget(self, now: int) -> None:
        """Keep those partitions that may still be live, and the two that the mark of a silent log is reckoned from."""
        newest = max(self.partitions, key=lambda name: self.partitions[name].newest)
        last = max(self.partitions, key=lambda name: self.partitions[name].seen)
        self.partitions = {
            name: partition
            for name, partition in self.partitions.items()
            if name in (newest, last) or now - partition.seen < self.idle_timeout
        }
