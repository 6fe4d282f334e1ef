from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from exporter.counting import layout as positions
from exporter.figures import traffic
from exporter.ledger.ledger import Totals
from exporter.snapshot import Histogram
from exporter.statistics import log_buckets
from tests.exporter.small_models import check_catalogue, figures_of, layout_of, view_of


def test_a_window(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    view = view_of(layout, traffic={positions.REQUESTS: 8, positions.CLIENT_ERRORS: 3, positions.SERVER_ERRORS: 2})
    seconds = np.array([0.1] * 7 + [2.0])
    np.add.at(view.counts, layout.latency.start + log_buckets.bucket_of(seconds), 1)
    found = figures_of(traffic.window_figures(view))
    assert found["ml_window_requests", "1h"] == 8
    assert found["ml_error_ratio", "1h"] == 0.25
    assert found["ml_latency_seconds", "0.5", "1h"] == pytest.approx(0.1, rel=0.01)
    assert found["ml_latency_seconds", "max", "1h"] == pytest.approx(2.0, rel=0.01)
    assert sum(key[0] == "ml_latency_seconds" for key in found) == 6
    check_catalogue(lambda: traffic.window_figures(view))


def test_an_empty_window_says_that_it_is_empty(tmp_path: Path) -> None:
    view = view_of(layout_of(tmp_path, "binary"))
    assert figures_of(traffic.window_figures(view)) == {("ml_window_requests", "1h"): 0}


def test_counters(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "latency_buckets: [0.1, 1]")
    totals = Totals(layout)
    totals.counts[layout.traffic.start + positions.CLIENT_ERRORS] = 2
    totals.counts[layout.traffic.start + positions.SERVER_ERRORS] = 1
    totals.counts[layout.endpoint_requests.start + layout.endpoints.code("/predict")] = 12
    totals.counts[layout.latency_histogram.start : layout.latency_histogram.stop] = [5, 0, 7]
    totals.sums[layout.latency_sum.start] = 99.0
    found = figures_of(traffic.counters(layout, "v1", totals))
    assert found == {
        ("ml_requests_total", "/predict"): 12,
        ("ml_failed_requests_total",): 3,
        ("ml_errors_total", "client"): 2,
        ("ml_errors_total", "server"): 1,
        ("ml_request_duration_seconds",): Histogram((0.1, 1.0, math.inf), (5, 5, 12), 99.0),
    }
    check_catalogue(lambda: traffic.counters(layout, "v1", totals))


def test_counters_of_a_classifier(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    totals = Totals(layout)
    totals.counts[layout.prediction.span.start + layout.classes.code("1")] = 9
    totals.counts[layout.traffic.start + positions.LOW_CONFIDENCE] = 4
    totals.counts[layout.confidence.start + 19] = 9
    totals.sums[layout.confidence_sum.start] = 8.7
    found = figures_of(traffic.prediction_counters(layout, "v1", totals))
    assert found["ml_predictions_total", "0"] == 0
    assert found["ml_predictions_total", "1"] == 9
    assert found["ml_low_confidence_predictions_total",] == 4
    confidence = found["ml_prediction_confidence",]
    assert isinstance(confidence, Histogram)
    assert confidence.cumulative[-3:] == (0, 9, 9)
    assert confidence.total == 8.7
    check_catalogue(lambda: traffic.prediction_counters(layout, "v1", totals))


def test_a_regression_has_no_classes_to_count(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "regression")
    totals = Totals(layout)
    totals.counts[layout.traffic.start + positions.SCORED] = 9
    assert figures_of(traffic.prediction_counters(layout, "v1", totals)) == {("ml_predictions_total", ""): 9}
