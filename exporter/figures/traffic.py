"""How many requests there were, how they ended, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from exporter import catalogue
from exporter.counting import layout as positions
from exporter.counting.layout import CONFIDENCE_BOUNDS, CategoricalField, Layout
from exporter.ledger.ledger import Totals
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Histogram, Sample
from exporter.statistics import log_buckets

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)


def window_figures(view: WindowView) -> Iterator[Sample]:
    requests = view.count(positions.REQUESTS)
    yield Sample(catalogue.WINDOW_REQUESTS, (*view.labels, view.window), requests)
    if requests:
        ratio = view.count(positions.SERVER_ERRORS) / requests
        yield Sample(catalogue.ERROR_RATIO, (*view.labels, view.window), ratio)
    latency = view.slots(view.layout.latency, log_buckets.SLOTS)
    if latency.any():
        for q in QUANTILES:
            yield Sample(catalogue.LATENCY, (*view.labels, str(q), view.window), log_buckets.quantile(latency, q))
        yield Sample(catalogue.LATENCY, (*view.labels, "max", view.window), log_buckets.largest(latency))


def counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    model = (layout.model.name, version)
    count = totals.counts[layout.traffic.start : layout.traffic.stop].tolist()
    requests = totals.counts[layout.endpoint_requests.start : layout.endpoint_requests.stop]
    for code, number in enumerate(requests.tolist()):
        if number or code < layout.endpoints.known:
            yield Sample(catalogue.REQUESTS, (*model, layout.endpoints.text(code)), number)
    failed = count[positions.CLIENT_ERRORS] + count[positions.SERVER_ERRORS]
    yield Sample(catalogue.FAILED_REQUESTS, model, failed)
    yield Sample(catalogue.ERRORS, (*model, "client"), count[positions.CLIENT_ERRORS])
    yield Sample(catalogue.ERRORS, (*model, "server"), count[positions.SERVER_ERRORS])
    buckets = totals.counts[layout.latency_histogram.start : layout.latency_histogram.stop]
    total = totals.sums[layout.latency_sum.start]
    yield Sample(catalogue.REQUEST_DURATION, model, histogram(layout.latency_bounds, buckets, total))


def prediction_counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    model = (layout.model.name, version)
    count = totals.counts[layout.traffic.start : layout.traffic.stop].tolist()
    if not isinstance(layout.prediction, CategoricalField):
        yield Sample(catalogue.PREDICTIONS, (*model, ""), count[positions.SCORED])
        return
    start = layout.prediction.span.start
    by_class = totals.counts[start : start + layout.prediction.slots]
    for code, rows in enumerate(by_class.tolist()):
        if rows or code < layout.classes.known:
            yield Sample(catalogue.PREDICTIONS, (*model, layout.classes.text(code)), rows)
    confidence = totals.counts[layout.confidence.start : layout.confidence.stop]
    if confidence.any() or has_probabilities(layout):
        yield Sample(catalogue.LOW_CONFIDENCE_PREDICTIONS, model, count[positions.LOW_CONFIDENCE])
        total = totals.sums[layout.confidence_sum.start]
        beyond = np.append(confidence, 0)
        yield Sample(catalogue.PREDICTION_CONFIDENCE, model, histogram(CONFIDENCE_BOUNDS, beyond, total))


def has_probabilities(layout: Layout) -> bool:
    """Say whether the reference has probabilities: then the log will have them, too."""
    baseline = layout.profile.baselines.get(("", "")) if layout.profile else None
    return bool(layout.score_columns) and baseline is not None and "log_loss" in baseline.figures


def histogram(bounds: tuple[float, ...], counts: np.ndarray, total: float) -> Histogram:
    """Return a histogram of ``counts`` (bounds + 1,), the last of them beyond every bound."""
    return Histogram((*bounds, float("inf")), tuple(np.cumsum(counts).tolist()), float(total))
