"""When to try again what has failed: soon at first, then ever later, and never all at the same moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Backoff:
    """Pauses in microseconds that double from ``first`` to ``longest``, each shortened by up to a half by chance.

    >>> pause = Backoff(first=1000, longest=3000, random=Random(1))
    >>> pause.fail(now=0)
    >>> pause.is_due(now=499), pause.is_due(now=1000)
    (False, True)
    """

    first: int
    longest: int
    # Exporters of a fleet that lose one file server should not come back to it in step.
    random: Random = field(default_factory=Random)
    failures: int = 0
    _failed_at: int = 0
    _pause: int = 0

    def fail(self, now: int) -> None:
        """Take note of a failure in a row."""
        # A shift of more bits than this says nothing new, and grows for ever.
        pause = min(self.first << min(self.failures, 30), self.longest)
        self._pause = round(pause * (1 - self.random.random() / 2))
        self.failures += 1
        self._failed_at = now

    def succeed(self) -> None:
        self.failures = self._pause = 0

    def is_due(self, now: int) -> bool:
        """Whether it is time to try again; a wall clock that was set back is no reason to wait for it."""
        return abs(now - self._failed_at) >= self._pause
