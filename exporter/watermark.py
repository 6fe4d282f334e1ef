"""How far event time has come, given what has been read and when.

The mark is the least, over partitions that are being written to, of the newest event minus the allowed lateness.
A partition counts as being written to once it has brought rows after the source had been read to its end; a file
that was complete when it was found never holds the mark back. When nothing has come for the idle time-out, the
wall clock moves the mark on, so that the figures of a log that fell silent fade.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Partition:
    """``newest`` event time; ``seen`` wall clock of its last rows; ``growing`` as the module says."""

    newest: int
    seen: int
    growing: bool = False


@dataclass(slots=True)
class Watermark:
    """Times in microseconds. ``caught_up`` once the source has been read to its end."""

    lateness: int
    idle_timeout: int
    partitions: dict[str, Partition] = field(default_factory=dict)
    value: int | None = None
    caught_up: bool = False

    @property
    def newest(self) -> int | None:
        return max((partition.newest for partition in self.partitions.values()), default=None)

    def observe(self, name: str, newest: int, now: int) -> None:
        """Take note of rows of a partition."""
        partition = self.partitions.setdefault(name, Partition(newest, now))
        partition.newest = max(partition.newest, newest)
        partition.seen = now
        partition.growing |= self.caught_up

    def drained(self) -> None:
        """Take note that the source has nothing more at the moment."""
        self.caught_up = True

    def advance(self, now: int) -> int | None:
        """Return the mark as of the wall clock ``now``; it never moves back. None before the first row."""
        found = self._reckon(now)
        if found is not None:
            self.value = found if self.value is None else max(self.value, found)
            self._forget(now)
        return self.value

    def _reckon(self, now: int) -> int | None:
        newest = self.newest
        if newest is None:
            return None
        seen = max(partition.seen for partition in self.partitions.values())
        if now - seen >= self.idle_timeout:
            return newest - self.lateness + (now - seen)
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
