"""Drift scores of 12 numbers and 4 categories from a window's counts; divide by the features for the cost of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import NOW, pipeline_of
from exporter import catalogue
from exporter.figures import drift
from exporter.ledger.window_view import views

_REPEAT = 20


def prepare(folder: Path, edges: str, rows: str) -> Callable[[], float]:
    """Evaluate ``rows`` rows, twenty times."""
    pipeline = pipeline_of(folder, edges)
    while pipeline.predictions.health.rows < int(rows):
        delivery = pipeline.predictions.poll(NOW)
        assert delivery is not None  # the log has rows enough
        pipeline.take_predictions(delivery, NOW)
    assert pipeline.watermark.value is not None
    window = pipeline.model.windows[0]

    def work() -> float:
        for _ in range(_REPEAT):
            assert pipeline.watermark.value is not None
            # There is one version, and its figures are the same.
            together = views(pipeline.ledger, window, pipeline.watermark.value)[0]
            scores = [each for each in drift.window_figures(together) if each.metric is catalogue.DRIFT_SCORE]
        # A window that is not whole has none.
        assert scores
        return float(len(scores))

    return work
