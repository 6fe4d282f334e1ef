"""What the HTTP server has refused since the process began, counted by reason."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum

from exporter import catalogue
from exporter.snapshot import Sample

_LOG = logging.getLogger(__name__)
# Whoever guesses passwords must not fill the log with it.
_QUIET_SECONDS = 60.0


class Reason(StrEnum):
    MALFORMED = "malformed"
    """No HTTP, too long, or a request that a proxy may have understood in another way."""
    SLOW = "slow"
    """The request, or the TLS handshake, was not complete in time, or the answer was not read."""
    CROWDED = "crowded"
    """It had to make room for newer connections."""
    HANDSHAKE = "handshake"
    """No TLS, or no certificate that is good."""
    PASSWORD = "password"  # noqa: S105 - the word, not one
    """No user's name and password."""
    BUSY = "busy"
    """Too many passwords are waiting to be checked."""
    RATE = "rate"
    """More requests than ``rate_limit`` allows."""


class Refusals:
    """Counts; to be told from one thread, read from any. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._counts: Counter[Reason] = Counter()
        self._clock = clock
        self._logged_at: float | None = None

    def note(self, reason: Reason) -> None:
        self._counts[reason] += 1
        if reason is Reason.PASSWORD:
            self._warn()

    def samples(self) -> Iterator[Sample]:
        for reason in Reason:
            yield Sample(catalogue.REFUSED_REQUESTS, (reason.value,), self._counts[reason])

    def _warn(self) -> None:
        now = self._clock()
        if self._logged_at is None or now - self._logged_at >= _QUIET_SECONDS:
            self._logged_at = now
            # Not the name: people type their password in its place.
            _LOG.warning(
                "a request had a wrong password, or the name of nobody",
                extra={"fields": {"refused": self._counts[Reason.PASSWORD]}},
            )
