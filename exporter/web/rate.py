"""A token bucket: so many requests at once, and one more for each interval that passes."""

from __future__ import annotations

from exporter.web.terms import Rate


class Bucket:
    """``now`` is in microseconds of a clock that does not go back. It starts full."""

    def __init__(self, rate: Rate, now: int) -> None:
        self.rate = rate
        self._tokens = float(rate.burst)
        self._filled_at = now

    def take(self, now: int) -> bool:
        """Return whether a request may pass.

        >>> bucket = Bucket(Rate(interval=1_000_000, burst=2), now=0)
        >>> [bucket.take(now) for now in (0, 0, 0, 1_000_000, 1_500_000)]
        [True, True, False, True, False]
        """
        self._tokens = min(self._tokens + (now - self._filled_at) / self.rate.interval, float(self.rate.burst))
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
