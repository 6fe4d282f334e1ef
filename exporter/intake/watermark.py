"""How far event time has come, given what has been read and when.

Of a log that grows, the mark is the least, over partitions that are being written to, of the newest event minus the
allowed lateness. A partition counts as being written to once it has brought rows after the source had been read to its
end; a file that was complete when it was found never holds the mark back. When nothing has come for the idle time-out,
the wall clock moves the mark on, so that the figures of a log that fell silent fade.

Of a log that comes in drops, every file is complete when it is found, so none holds the mark back; but the mark stays
where it is while a drop is being read, lest windows end within what is half read. The wall clock moves it on when a
drop is overdue by the idle time-out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# While drops are read, windows lag behind by so many periods at most: slices of time that lie ahead of the mark are
# fine ones, and a backlog of weeks would be too many of them.
_PERIODS_HELD = 2


@dataclass(slots=True)
class Partition:
    """``newest`` event time; ``seen`` wall clock of its last rows; ``growing`` as the module says."""

    newest: int
    seen: int
    growing: bool = False


@dataclass(slots=True)
class Watermark:
    """Times in microseconds. ``period`` is the time between drops, 0 for a log that grows.

    ``boundary`` is where the mark stood when the source was last read to its end, None before the first time. What is
    late is judged by it: while there is more to read, one file may be far ahead of another.
    """

    lateness: int
    idle_timeout: int
    period: int = 0
    partitions: dict[str, Partition] = field(default_factory=dict)
    value: int | None = None
    boundary: int | None = None
    caught_up: bool = False

    @property
    def newest(self) -> int | None:
        return max((partition.newest for partition in self.partitions.values()), default=None)

    def observe(self, name: str, newest: int, now: int) -> None:
        """Take note of rows of a partition."""
        partition = self.partitions.setdefault(name, Partition(newest, now))
        partition.newest = max(partition.newest, newest)
        partition.seen = now
        partition.growing |= self.caught_up and not self.period

    def advance(self, now: int) -> int | None:
        """Return the mark as of the wall clock ``now``, with more to read; it never moves back. None before the first row."""
        return self._move(now, _PERIODS_HELD * self.period)

    def drained(self, now: int) -> int | None:
        """Take note that the source has nothing more at the moment, and return the mark."""
        self.caught_up = True
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

    def _forget(self, now: int) -> None:
        """Keep those partitions that may still be live, and the two that the mark of a silent log is reckoned from."""
        newest = max(self.partitions, key=lambda name: self.partitions[name].newest)
        last = max(self.partitions, key=lambda name: self.partitions[name].seen)
        self.partitions = {
            name: partition
            for name, partition in self.partitions.items()
            if name in (newest, last) or now - partition.seen < self.idle_timeout
        }
