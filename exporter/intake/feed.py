"""One source of one model: polled, decoded and accounted for. The wrapper that owns failure."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from exporter.decoders import Decoder
from exporter.intake.source_health import SourceHealth
from exporter.rows.record import Decoded, Refusals, Rows
from exporter.sources import Cursor, Source, SourceError

R = TypeVar("R", bound=Rows)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery(Generic[R]):
    """Decoded rows of one partition."""

    partition: str
    rows: R


class Feed(Generic[R]):
    """Hands out rows from where the ``cursor`` stands, and keeps the source's books.

    ``is_at_end`` says whether the last poll found nothing because there is nothing. A source that could not be read
    so far may hold anything, so that failing is no end, until it has failed for ``patience`` microseconds; one that
    was read before and fails now is at its end for the time being.
    """

    def __init__(self, source: Source[Any], decoder: Decoder[R], health: SourceHealth, patience: int = 0) -> None:
        self._source = source
        self._decoder = decoder
        self.health = health
        self.cursor: Cursor = {}
        # Where sources of other formats stand; remembered, lest a log that was read be read again when it comes back.
        self.other_cursors: dict[str, Cursor] = {}
        self.is_at_end = False
        self._patience = patience
        self._failing = False
        self._failing_from: int | None = None
        self._was_read = False
        self._names = {"model": health.model, "source": health.source}

    def poll(self, now: int) -> Delivery[R] | None:
        """Return the next rows, or None when there are none now or the source cannot be read."""
        try:
            batch = self._source.poll(self.cursor)
        except SourceError as error:
            self._fail(error, now)
            return None
        self._succeed(now)
        self.is_at_end = batch is None
        if batch is None:
            return None
        decoded = self._decoder.decode(batch.payload, now)
        skipped = Counter(batch.rejected)
        self.health.count(decoded.read + skipped.total(), _with(decoded, skipped))
        self.health.notes += Counter(batch.notes)
        self.cursor = batch.cursor
        return Delivery(batch.partition, decoded.rows)

    def close(self) -> None:
        self._source.close()

    def _succeed(self, now: int) -> None:
        if self._failing:
            _LOG.info("source can be read again", extra={"fields": self._names})
        self._failing, self._was_read = False, True
        self.health.up = True
        self.health.last_success = now

    @property
    def is_failing(self) -> bool:
        return self._failing

    def _fail(self, error: SourceError, now: int) -> None:
        """A source that cannot be read is reported once, and never stops the others."""
        if not self._failing:
            _LOG.error("source cannot be read", extra={"fields": {**self._names, "error": str(error)}})
        if self._failing_from is None:
            self._failing_from = now
        self._failing = True
        self.health.up = False
        # The wall clock may have been set back meanwhile.
        self.is_at_end = self._was_read or abs(now - self._failing_from) >= self._patience


def _with(decoded: Decoded[Any], skipped: Counter[str]) -> Refusals:
    refusals = decoded.refusals
    return Refusals(refusals.rejected + skipped, refusals.invalid, refusals.ignored)
