"""One model from its sources to its figures: source, decoder, panes and label join, windows, statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter import catalogue
from exporter.configuration.logs import LabelLog, PredictionLog
from exporter.configuration.schema import Model
from exporter.decoders import DECODERS
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.feed import Delivery, Feed
from exporter.figures import WINDOW_FIGURES, labels, quality, traffic
from exporter.layout import Layout
from exporter.ledger import Ledger
from exporter.record import Flags, Labels, Predictions
from exporter.reference.profile import Profile
from exporter.snapshot import Sample
from exporter.source_health import SourceHealth
from exporter.sources import SOURCES, Source
from exporter.timeline import BEGINNING
from exporter.watermark import Watermark
from exporter.window_view import views


class Pipeline:
    """Reads a model's logs step by step and says what they show.

    ``seed`` is the key of the hashes of request ids; ``finish`` says that the logs will not grow.
    """

    def __init__(self, model: Model, profile: Profile | None, seed: int, *, finish: bool = False) -> None:
        self.model = model
        self.layout = Layout(model, profile)
        self.ledger = Ledger(self.layout)
        self.watermark = Watermark(model.allowed_lateness, model.idle_timeout)
        self.predictions: Feed[Predictions] = Feed(
            _open(model.predictions, f"{model.name} predictions", model, finish=finish),
            DECODERS[model.predictions.format](PredictionGatherer(self.layout, seed)),
            SourceHealth(model.name, "predictions"),
        )
        self.labels: Feed[Labels] | None = None
        if model.labels is not None:
            self.labels = Feed(
                _open(model.labels, f"{model.name} labels", model, finish=finish),
                DECODERS[model.labels.format](LabelGatherer(self.layout, model.labels, seed)),
                SourceHealth(model.name, "labels"),
            )

    @property
    def feeds(self) -> tuple[Feed[Predictions] | Feed[Labels], ...]:
        return (self.predictions,) if self.labels is None else (self.predictions, self.labels)

    def step(self, now: int) -> bool:
        """Read one batch of predictions and the labels that were there by then; return whether there was anything.

        Both logs are read in step, so that a long backlog finds its predictions while they are remembered.
        """
        delivery = self.predictions.poll(now)
        if delivery is not None:
            self.take_predictions(delivery, now)
        elif self.predictions.drained:
            self.watermark.drained()
        read_labels = self._catch_up_on_labels(now)
        mark = self.watermark.advance(now)
        self.advance(mark, BEGINNING if mark is None else self._join_clock(mark))
        return delivery is not None or read_labels

    def advance(self, mark: int | None, clock: int) -> None:
        """Move event time to ``mark`` (None before the first row); labels dated before ``clock`` have been read."""
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

    def close(self) -> None:
        for feed in self.feeds:
            feed.close()

    def take_predictions(self, delivery: Delivery[Predictions], now: int) -> None:
        """Count a delivery, but for rows that are implausible, late or there already."""
        health, rows = self.predictions.health, delivery.rows
        rows = self._reject(rows, "future", rows.time > now + self.model.max_future_skew)
        if self.watermark.caught_up and self.watermark.value is not None:
            late = self.ledger.timeline.is_late(rows.time, self.watermark.value)
            health.late += int(late.sum())
            rows = rows.take(~late)
        rows = self._reject(rows, "duplicate_id", self.ledger.duplicates(rows))
        if not len(rows):
            return
        newest = int(rows.time.max())
        health.newest = newest if health.newest is None else max(newest, health.newest)
        self.watermark.observe(delivery.partition, newest, now)
        mark = self.watermark.advance(now)
        self.ledger.add_predictions(rows, newest if mark is None else mark)

    def _reject(self, rows: Predictions, reason: str, refused: Flags) -> Predictions:
        if not refused.any():
            return rows
        self.predictions.health.rejected[reason] += int(refused.sum())
        return rows.take(~refused)

    def _catch_up_on_labels(self, now: int) -> bool:
        """Read labels until they are as new as the predictions."""
        feed = self.labels
        if feed is None:
            return False
        read = False
        while (delivery := feed.poll(now)) is not None:
            read = True
            self.take_labels(delivery.rows, now)
            if self._labels_are_ahead():
                break
        return read

    def _labels_are_ahead(self) -> bool:
        newest = self.predictions.health.newest
        assert self.labels is not None  # only called while labels are read
        reached = self.labels.health.newest
        return newest is not None and reached is not None and reached >= newest

    def take_labels(self, rows: Labels, now: int) -> None:
        """Count label lines, but for implausible ones."""
        assert self.labels is not None  # only called while labels are read
        health = self.labels.health
        future = rows.time > now + self.model.max_future_skew
        if future.any():
            health.rejected["future"] += int(future.sum())
            rows = rows.take(~future)
        if not len(rows):
            return
        newest = int(rows.time.max())
        health.newest = newest if health.newest is None else max(newest, health.newest)
        self.ledger.add_labels(rows, self.watermark.value if self.watermark.value is not None else newest)

    def _join_clock(self, mark: int) -> int:
        """Labels dated before this have been read."""
        if self.labels is None or self.labels.drained:
            return mark
        newest = self.labels.health.newest
        return BEGINNING if newest is None else min(mark, newest - self.model.allowed_lateness)

    def _information(self) -> Iterator[Sample]:
        model, profile = self.model, self.layout.profile
        yield Sample(catalogue.MODEL_INFO, (model.name, model.task, model.info.framework, model.info.owner), 1)
        if profile is not None and model.reference is not None:
            yield Sample(catalogue.REFERENCE_INFO, (model.name, model.reference.name, profile.hash[:12]), 1)
            yield Sample(catalogue.REFERENCE_ROWS, (model.name, model.reference.name), profile.rows)

    def _counters(self) -> Iterator[Sample]:
        layout, ledger = self.layout, self.ledger
        for code in ledger.versions:
            if code in ledger.totals:
                version, totals = layout.versions.text(code), ledger.totals[code]
                yield from traffic.counters(layout, version, totals)
                yield from traffic.prediction_counters(layout, version, totals)
                yield from quality.counters(layout, version, totals)
                yield from labels.counters(layout, version, totals)
        yield from labels.orphan_counter(layout, ledger.orphans)
        yield from self._overflows()

    def _overflows(self) -> Iterator[Sample]:
        for field in self.layout.categorical:
            start = field.span.start
            rows = sum(int(totals.counts[start + field.dictionary.other]) for totals in self.ledger.totals.values())
            if rows:
                yield Sample(catalogue.OVERFLOWING_VALUES, (self.model.name, f"feature {field.name}"), rows)


def _open(log: PredictionLog | LabelLog, name: str, model: Model, *, finish: bool) -> Source[Any]:
    return SOURCES[log.format](name, log.paths, line_bytes=model.limits.line_bytes, finish=finish)
