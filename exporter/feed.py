"""One source of one model: polled, decoded and accounted for. The wrapper that owns failure."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from exporter.decoders import Decoder
from exporter.record import Decoded, Refusals, Rows
from exporter.source_health import SourceHealth
from exporter.sources import Cursor, Source, SourceError

R = TypeVar("R", bound=Rows)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery(Generic[R]):
    """Decoded rows of one partition."""

    partition: str
    rows: R


class Feed(Generic[R]):
    """Hands out rows from where the ``cursor`` stands, and keeps the source's books."""

    def __init__(self, source: Source[Any], decoder: Decoder[R], health: SourceHealth) -> None:
        self._source = source
        self._decoder = decoder
        self.health = health
        self.cursor: Cursor = {}
        self._failing = False
        self._names = {"model": health.model, "source": health.source}

    def poll(self, now: int) -> Delivery[R] | None:
        """Return the next rows, or None when there are none now or the source cannot be read."""
        try:
            batch = self._source.poll(self.cursor)
        except SourceError as error:
            self._fail(error)
            return None
        self._succeed(now)
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
        self._failing = False
        self.health.up = True
        self.health.last_success = now

    def _fail(self, error: SourceError) -> None:
        """A source that cannot be read is reported once, and never stops the others."""
        if not self._failing:
            _LOG.error("source cannot be read", extra={"fields": {**self._names, "error": str(error)}})
        self._failing = True
        self.health.up = False


def _with(decoded: Decoded[Any], skipped: Counter[str]) -> Refusals:
    refusals = decoded.refusals
    return Refusals(refusals.rejected + skipped, refusals.invalid, refusals.ignored)
