"""One model from its sources to its figures: source, decoder, panes and label join, windows, statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from exporter import catalogue
from exporter.backlog import Backlog
from exporter.configuration.logs import LabelLog, PredictionLog
from exporter.configuration.schema import Model
from exporter.decoders import DECODERS
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.feed import Delivery, Feed
from exporter.figures import WINDOW_FIGURES, labels, quality, traffic
from exporter.layout import Layout
from exporter.ledger import Ledger
from exporter.record import Flags, Labels, Predictions, Rows
from exporter.reference.profile import Profile
from exporter.snapshot import Sample
from exporter.source_health import SourceHealth
from exporter.sources import SOURCES, Source
from exporter.watermark import Watermark
from exporter.window_view import views

# A step reads so many batches of labels at most, lest figures wait for a long label log.
_LABEL_BATCHES = 16

R = TypeVar("R", bound=Rows)


class Pipeline:
    """Reads a model's logs step by step and says what they show.

    ``seed`` is the key of the hashes of request ids; ``finish`` says that the logs will not grow; ``batch_bytes`` is
    how much is read at a time. No figure depends on it.
    """

    def __init__(
        self, model: Model, profile: Profile | None, seed: int, *, finish: bool = False, batch_bytes: int = 1 << 20
    ) -> None:
        self.model = model
        self.layout = Layout(model, profile)
        self.ledger = Ledger(self.layout)
        self.watermark = Watermark(model.allowed_lateness, model.idle_timeout)
        self.predictions: Feed[Predictions] = Feed(
            _open(model.predictions, f"{model.name} predictions", model, finish=finish, batch_bytes=batch_bytes),
            DECODERS[model.predictions.format](PredictionGatherer(self.layout, seed)),
            SourceHealth(model.name, "predictions"),
        )
        self.prediction_backlog = Backlog(model.allowed_lateness)
        self.label_backlog = Backlog(model.allowed_lateness)
        self.labels: Feed[Labels] | None = None
        if model.labels is not None:
            self.labels = Feed(
                _open(model.labels, f"{model.name} labels", model, finish=finish, batch_bytes=batch_bytes),
                DECODERS[model.labels.format](LabelGatherer(self.layout, model.labels, seed)),
                SourceHealth(model.name, "labels"),
            )

    @property
    def feeds(self) -> tuple[Feed[Predictions] | Feed[Labels], ...]:
        return (self.predictions,) if self.labels is None else (self.predictions, self.labels)

    @property
    def backlogs(self) -> tuple[Backlog, Backlog]:
        return self.prediction_backlog, self.label_backlog

    def step(self, now: int) -> bool:
        """Read labels until they are as new as the predictions, then a batch of predictions; return whether there was any.

        Both logs are read in step, so that the labels of a long backlog find their predictions while these are
        remembered.
        """
        read = False
        for _ in range(_LABEL_BATCHES):
            if not (self._labels_are_behind() and self._read_labels(now)):
                read = self._read_predictions(now) or self._read_labels(now) or read
                break
            read = True
        self.advance(self.watermark.value, min(backlog.read_to for backlog in self.backlogs))
        return read

    def advance(self, mark: int | None, clock: int) -> None:
        """Move event time to ``mark`` (None before the first row); what is dated before ``clock`` has been read."""
        if mark is not None:
            self.ledger.advance(mark, clock)

    def samples(self, now: int | None) -> Iterator[Sample]:
        """Yield the model's figures as of event time ``now`` (None before the first row)."""
        yield from self._information()
        yield from self._counters()
        if now is not None:
            for window in self.model.windows:
                for view in views(self.ledger, window, now):
                    for figures in WINDOW_FIGURES:
                        yield from figures(view)

    def source_samples(self) -> Iterator[Sample]:
        """Yield what is known of the sources."""
        for feed in self.feeds:
            yield from feed.health.counters()
            yield from feed.health.gauges()
        if self.ledger.join:
            yield Sample(catalogue.PENDING_ROWS, (self.model.name, "predictions"), len(self.ledger.join.predictions))
            yield Sample(catalogue.PENDING_ROWS, (self.model.name, "labels"), len(self.ledger.join.labels))
            yield Sample(catalogue.EVICTED_PREDICTIONS, (self.model.name,), self.ledger.join.evicted)

    def close(self) -> None:
        for feed in self.feeds:
            feed.close()

    def take_predictions(self, delivery: Delivery[Predictions], now: int) -> None:
        """Count a delivery, but for rows that are implausible, late or there already."""
        health = self.predictions.health
        rows = self._plausible(health, delivery.rows, now)
        if self.watermark.caught_up and self.watermark.value is not None:
            late = self.ledger.timeline.is_late(rows.time, self.watermark.value)
            health.late += int(late.sum())
            rows = rows.take(~late)
        rows = _refuse(health, rows, "duplicate_id", self.ledger.duplicates(rows))
        if not len(rows):
            return
        newest = int(rows.time.max())
        health.newest = newest if health.newest is None else max(newest, health.newest)
        self.prediction_backlog.observe(delivery.partition, newest)
        self.watermark.observe(delivery.partition, newest, now)
        mark = self.watermark.advance(now)
        assert mark is not None  # a row has been observed
        self.ledger.add_predictions(rows, mark)

    def take_labels(self, rows: Labels, now: int) -> int | None:
        """Count label lines, but for implausible ones; return the newest time among the others."""
        assert self.labels is not None  # only called while labels are read
        health = self.labels.health
        rows = self._plausible(health, rows, now)
        if not len(rows):
            return None
        newest = int(rows.time.max())
        health.newest = newest if health.newest is None else max(newest, health.newest)
        # Before the first prediction there are no panes that a label could belong to.
        self.ledger.add_labels(rows, self.watermark.value if self.watermark.value is not None else newest)
        return newest

    def _plausible(self, health: SourceHealth, rows: R, now: int) -> R:
        return _refuse(health, rows, "future", rows.time > now + self.model.max_future_skew)  # type: ignore[attr-defined]

    def _read_predictions(self, now: int) -> bool:
        delivery = self.predictions.poll(now)
        if delivery is not None:
            self.take_predictions(delivery, now)
            return True
        self.watermark.drained()
        # The wall clock may move the mark on only when there is nothing that it would leave behind.
        self.prediction_backlog.drained(self.watermark.advance(now))
        return False

    def _read_labels(self, now: int) -> bool:
        delivery = self.labels.poll(now) if self.labels else None
        if delivery is None:
            self.label_backlog.drained(self.watermark.value)
            return False
        newest = self.take_labels(delivery.rows, now)
        if newest is not None:
            self.label_backlog.observe(delivery.partition, newest)
        return True

    def _labels_are_behind(self) -> bool:
        newest, reached = self.predictions.health.newest, self.label_backlog.reached
        return newest is not None and (reached is None or reached < newest)

    def _information(self) -> Iterator[Sample]:
        model, profile = self.model, self.layout.profile
        yield Sample(catalogue.MODEL_INFO, (model.name, model.task, model.info.framework, model.info.owner), 1)
        if profile is not None and model.reference is not None:
            yield Sample(catalogue.REFERENCE_INFO, (model.name, model.reference.name, profile.hash[:12]), 1)
            yield Sample(catalogue.REFERENCE_ROWS, (model.name, model.reference.name), profile.rows)

    def _counters(self) -> Iterator[Sample]:
        layout, ledger = self.layout, self.ledger
        for code in ledger.versions:
            version, totals = layout.versions.text(code), ledger.totals[code]
            yield from traffic.counters(layout, version, totals)
            yield from traffic.prediction_counters(layout, version, totals)
            yield from quality.counters(layout, version, totals)
            yield from labels.counters(layout, version, totals)
        if ledger.join:
            yield from labels.orphan_counter(layout, ledger.join.orphans)
        for dimension, rows in sorted(ledger.overflows().items()):
            yield Sample(catalogue.OVERFLOWING_VALUES, (self.model.name, dimension), rows)


def _refuse(health: SourceHealth, rows: R, reason: str, refused: Flags) -> R:
    if not refused.any():
        return rows
    health.rejected[reason] += int(refused.sum())
    return rows.take(~refused)


def _open(log: PredictionLog | LabelLog, name: str, model: Model, *, finish: bool, batch_bytes: int) -> Source[Any]:
    return SOURCES[log.format](
        name, log.paths, line_bytes=model.limits.line_bytes, batch_bytes=batch_bytes, finish=finish
    )
