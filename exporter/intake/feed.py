"""One source of one model: polled, decoded and accounted for. The wrapper that owns failure."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, TypeVar

from exporter.decoders import Decoder
from exporter.intake.aside import Aside, UnansweredError
from exporter.intake.backoff import Backoff
from exporter.intake.dead_letters import DeadLetters
from exporter.intake.source_health import SourceHealth
from exporter.rows.record import Decoded, Refusals, Rows
from exporter.sources import Cursor, Source, SourceError

R = TypeVar("R", bound=Rows)

_LOG = logging.getLogger(__name__)

# A source that fails is left alone for so long, in microseconds: at first, and after many failures in a row. The other
# files of a log with a damaged one among them wait as long at most.
_FIRST_PAUSE = 500_000
_LONGEST_PAUSE = 5_000_000
# One that does not answer for so long fails.
_HANGS_AFTER = 10_000_000
# At most so often a source's failures are in the log: one that comes and goes would fill it.
_LOG_INTERVAL = 60_000_000
# Of thousands of files each may have its own to say.
_LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class Delivery(Generic[R]):
    """Decoded rows of one partition; ``place`` and ``others_wait`` as in the batch that they come from."""

    partition: str
    rows: R
    place: str = ""
    others_wait: bool = False


class Feed(Generic[R]):
    """Hands out rows from where the ``cursor`` stands, and keeps the source's books.

    ``is_at_end`` says whether the last poll found nothing because there is nothing. A source that could not be read
    so far may hold anything, so that failing is no end, until it has failed for ``patience`` microseconds; one that
    was read before and fails now is at its end for the time being.

    A source that fails is tried again after a pause that grows with each failure in a row, up to some seconds;
    ``random`` shortens the pauses. Whatever goes wrong while it is read or decoded stays with this source: it is
    counted and logged, and the same records are tried again.
    """

    def __init__(
        self,
        source: Source[Any],
        decoder: Decoder[R],
        health: SourceHealth,
        patience: int = 0,
        random: Random | None = None,
    ) -> None:
        self._source = source
        self._decoder = decoder
        self.health = health
        self.cursor: Cursor = {}
        # Where sources of other formats stand; remembered, lest a log that was read be read again when it comes back.
        self.other_cursors: dict[str, Cursor] = {}
        self.is_at_end = False
        # Where some of the rejected records go; None: nowhere.
        self.dead_letters: DeadLetters | None = None
        self._patience = patience
        self._backoff = Backoff(_FIRST_PAUSE, _LONGEST_PAUSE, random or Random())  # noqa: S311 - no secret hangs on it
        self._unanswered_from: int | None = None
        self._failing = False
        self._failing_from: int | None = None
        self._was_read = False
        self._report = _Report({"model": health.model, "source": health.source})

    def read_aside(self) -> None:
        """From now on do not wait for a source that hangs; see ``Aside``."""
        if not isinstance(self._source, Aside):
            self._source = Aside(self._source)

    def poll(self, now: int) -> Delivery[R] | None:
        """Return the next rows, or None when there are none now, or the source cannot be read or does not answer."""
        if self._failing and not self._backoff.is_due(now):
            self._give_up_in_time(now)
            return None
        try:
            batch = self._source.poll(self.cursor)
            decoded = None if batch is None else self._decoder.decode(batch.payload, now)
        except UnansweredError:
            self._await(now)
            return None
        except SourceError as error:
            self._fail(error, now)
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted, in the log, and this source's alone
            # What it holds open may be in disorder. The same records are tried again, from the same place.
            self._source.close()
            self._fail(error, now)
            return None
        self._succeed(now)
        self.is_at_end = batch is None
        if batch is None or decoded is None:
            return None
        skipped = Counter(batch.rejected)
        self.health.count(decoded.read + skipped.total(), _with(decoded, skipped))
        self.health.notes += Counter(batch.notes)
        self.cursor = batch.cursor
        if self.dead_letters is not None:
            self.dead_letters.look(batch.payload, decoded, self._decoder.decode, now)
        return Delivery(batch.partition, decoded.rows, batch.place, batch.others_wait)

    def close(self) -> None:
        self._source.close()

    @property
    def is_failing(self) -> bool:
        return self._failing

    @property
    def is_awaited(self) -> bool:
        """Whether the source was asked and has not answered yet, though it does not fail so far."""
        return self._unanswered_from is not None and not self._failing

    def _succeed(self, now: int) -> None:
        self._report.succeeded()
        self._backoff.succeed()
        self._unanswered_from = None
        self._failing, self._was_read = False, True
        self.health.up = True
        self.health.last_success = now

    def _await(self, now: int) -> None:
        """Take note that the source was asked and says nothing: there may be more, or not."""
        since = now if self._unanswered_from is None else self._unanswered_from
        if abs(now - since) >= _HANGS_AFTER:
            self._fail(SourceError("does not answer: does its file system hang?"), now)
        elif not self._failing:
            self.is_at_end = False
        self._unanswered_from = since

    def _fail(self, error: Exception, now: int) -> None:
        """A source that cannot be read is reported, left alone for a while, and never stops the others."""
        self.health.failures += 1
        self._unanswered_from = None
        self._report.failed(error, now)
        self._backoff.fail(now)
        if self._failing_from is None:
            self._failing_from = now
        self._failing = True
        self.health.up = False
        self._give_up_in_time(now)

    def _give_up_in_time(self, now: int) -> None:
        """One that fails is at its end when it was read before, or when it was waited for long enough."""
        assert self._failing_from is not None  # it fails
        # The wall clock may have been set back meanwhile.
        self.is_at_end = self._was_read or abs(now - self._failing_from) >= self._patience


class _Report:
    """Says in the log that a source fails and why, and that it can be read again: each a few times an hour at most."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._told: str | None = None
        self._told_at: int | None = None

    def failed(self, error: Exception, now: int) -> None:
        text = str(error) if isinstance(error, SourceError) else repr(error)
        is_early = self._told_at is not None and abs(now - self._told_at) < _LOG_INTERVAL
        if text == self._told or is_early:
            return
        self._told, self._told_at = text, now
        shown = text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}..."
        # Of an error that nobody expected, where it came from is of interest, too.
        trace = None if isinstance(error, SourceError) else error
        _LOG.error("source cannot be read", extra={"fields": {**self._names, "error": shown}}, exc_info=trace)

    def succeeded(self) -> None:
        if self._told is not None:
            _LOG.info("source can be read again", extra={"fields": dict(self._names)})
        self._told = None


def _with(decoded: Decoded[Any], skipped: Counter[str]) -> Refusals:
    refusals = decoded.refusals
    return Refusals(refusals.rejected + skipped, refusals.invalid, refusals.ignored)
