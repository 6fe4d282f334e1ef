"""How far a source has been read, in event time, while there may be more of it.

Files take turns, so the newest row that was read says little: a month of daily files is read a piece of each day at
a time. What is certain is that each partition has been read as far as its own newest row, and all of them as far as
event time had come when nothing was left to read. A file that was found and not yet looked into may hold anything: until each
has had a turn, it stays at what was certain before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from exporter.counting.timeline import BEGINNING


@dataclass(slots=True)
class Backlog:
    """Times in microseconds. Rows are at most ``lateness`` older than what came before them."""

    lateness: int
    newest: dict[str, int] = field(default_factory=dict)
    complete_to: int = BEGINNING
    # Whether the source was ever read to its end.
    was_drained: bool = False
    # The newest row of the partition that is furthest behind; None when no round of turns ended since the last end.
    reached: int | None = None

    @property
    def read_to(self) -> int:
        """The time before which everything has been read."""
        reached = self.reached
        return self.complete_to if reached is None else max(reached - self.lateness, self.complete_to)

    def observe(self, partition: str, newest: int) -> None:
        self.newest[partition] = max(newest, self.newest.get(partition, newest))

    def had_turn(self, *, others_wait: bool) -> None:
        """Take note that a partition was read from; others that were found with it may still have to be.

        Who had no turn in a whole round is at its end, and holds nothing back: a rotated log has no more to say.
        """
        if not others_wait:
            self.reached = min(self.newest.values(), default=self.reached)
            self.newest.clear()

    def drained(self, mark: int | None) -> None:
        """Take note that there was nothing more to read when event time had come to ``mark``."""
        self.newest.clear()
        self.reached = None
        self.was_drained = True
        if mark is not None:
            self.complete_to = max(mark, self.complete_to)
