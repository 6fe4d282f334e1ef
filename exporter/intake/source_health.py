"""What is known of one source of one model: how much came, what was not used, and whether it can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from exporter import catalogue
from exporter.rows.record import Refusals
from exporter.snapshot import Sample
from exporter.sources import EVENTS


@dataclass(slots=True)
class SourceHealth:
    """``rows`` = accepted + late + ignored + rejected, always. Times are microseconds, None before there is one.

    ``delayed`` are accepted rows that were read long after their time stamp; ``lag`` is how old the newest row of the
    last batch was when it was read, 0 at the end of the source. ``failures`` are those of this process.
    """

    model: str
    source: str
    rows: int = 0
    late: int = 0
    ignored: int = 0
    delayed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    up: bool = False
    failures: int = 0
    last_success: int | None = None
    newest: int | None = None
    lag: int | None = None

    @property
    def accepted(self) -> int:
        return self.rows - self.late - self.ignored - self.rejected.total()

    def count(self, read: int, refusals: Refusals) -> None:
        self.rows += read
        self.ignored += refusals.ignored
        self.rejected += refusals.rejected
        self.invalid += refusals.invalid

    def observe(self, newest: int, now: int) -> None:
        """Take note of the newest of some plausible rows."""
        self.newest = newest if self.newest is None else max(newest, self.newest)
        self.lag = max(now - newest, 0)

    def counters(self) -> Iterator[Sample]:
        labels = (self.model, self.source)
        yield Sample(catalogue.ROWS, labels, self.rows)
        yield Sample(catalogue.LATE_ROWS, labels, self.late)
        yield Sample(catalogue.IGNORED_ROWS, labels, self.ignored)
        for reason in sorted({"malformed", *self.rejected}):
            yield Sample(catalogue.REJECTED_ROWS, (*labels, reason), self.rejected[reason])
        for name, rows in sorted(self.invalid.items()):
            yield Sample(catalogue.INVALID_FIELDS, (*labels, name), rows)
        # From the start, so that the first one is an increase.
        for event, times in sorted({**dict.fromkeys(EVENTS, 0), **self.notes}.items()):
            yield Sample(catalogue.SOURCE_EVENTS, (*labels, event), times)

    def gauges(self) -> Iterator[Sample]:
        labels = (self.model, self.source)
        yield Sample(catalogue.SOURCE_UP, labels, int(self.up))
        if self.last_success is not None:
            yield Sample(catalogue.SOURCE_LAST_SUCCESS, labels, self.last_success / 1e6)
        if self.newest is not None:
            yield Sample(catalogue.NEWEST_EVENT, labels, self.newest / 1e6)
        if self.lag is not None:
            yield Sample(catalogue.SOURCE_LAG, labels, self.lag / 1e6)
