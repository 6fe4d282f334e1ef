"""One-shot evaluation: read all logs that are there, and say what they showed at a moment of event time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

import numpy as np

from exporter.counting.timeline import BEGINNING
from exporter.intake.feed import Delivery
from exporter.intake.source_health import SourceHealth
from exporter.pipeline import Pipeline
from exporter.rows.record import Hashes, Labels, Predictions
from exporter.snapshot import Sample

KnownLabels = Literal["known", "all"]


class Backtest:
    """Reads a pipeline's logs to their end, with nothing kept on disk and nothing late: logs need not be in order.

    Predictions at or after ``at`` (microseconds; None: none) and, unless ``labels`` is "all", labels after it are
    treated as if they had not been written yet; ``left_out`` says how many of each source.
    """

    def __init__(self, pipeline: Pipeline, at: int | None, labels: KnownLabels) -> None:
        self._pipeline = pipeline
        self._at = at
        self._all_labels = labels == "all"
        self.left_out = Counter[str]()
        self._elsewhere: list[Hashes] = [np.empty(0, np.uint64)]

    def run(self, now: int) -> Iterator[Sample]:
        """Yield what there is to say; ``now`` is the wall clock, beyond which a time stamp is not plausible."""
        pipeline = self._pipeline
        if pipeline.ledger.join:
            # A wrong answer is worse than a large one: every prediction is remembered to the end.
            pipeline.ledger.join.limit = None
        while (delivery := pipeline.predictions.poll(now)) is not None:
            pipeline.take_predictions(Delivery(delivery.partition, self._written(delivery.rows)), now)
            pipeline.advance(pipeline.watermark.advance(now), BEGINNING)
        newest = pipeline.predictions.health.newest
        end = self._at if self._at is not None or newest is None else newest + 1
        while pipeline.labels is not None and (labels := pipeline.labels.poll(now)) is not None:
            rows = labels.rows if self._all_labels else self._known(labels.rows, end)
            pipeline.take_labels(rows, now)
        pipeline.advance(end, BEGINNING if self._all_labels or end is None else end)
        pipeline.ledger.settle_all()
        if self._all_labels:
            pipeline.ledger.close(np.concatenate(self._elsewhere))
        if end is not None:
            pipeline.ledger.forget(end)
        self._close_books()
        yield from pipeline.samples(end)
        yield from pipeline.source_samples()

    @property
    def is_complete(self) -> bool:
        """Whether every log could be read."""
        return all(feed.health.up for feed in self._pipeline.feeds)

    def _close_books(self) -> None:
        """When a backtest happens to read its rows says nothing about delays."""
        self._pipeline.watermark.boundary = self._pipeline.watermark.value
        self._pipeline.count_strays()
        for feed in self._pipeline.feeds:
            feed.health.delayed, feed.health.lag = 0, None

    def _written(self, rows: Predictions) -> Predictions:
        if self._at is None:
            return rows
        later = rows.time >= self._at
        self._elsewhere.append(rows.key[later & rows.has_key])
        self._leave_out(self._pipeline.predictions.health, int(later.sum()))
        return rows.take(~later)

    def _known(self, rows: Labels, end: int | None) -> Labels:
        if end is None or self._pipeline.labels is None:
            return rows
        later = rows.time > end
        self._leave_out(self._pipeline.labels.health, int(later.sum()))
        return rows.take(~later)

    def _leave_out(self, health: SourceHealth, rows: int) -> None:
        health.rows -= rows
        self.left_out[health.source] += rows
