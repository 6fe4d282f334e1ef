"""Drift scores of 12 numbers and 4 categories from a window's counts; divide by the features for the cost of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import NOW, pipeline_of
from exporter.figures import drift
from exporter.window_view import views

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
            for view in views(pipeline.ledger, window, pipeline.watermark.value):
                scores = list(drift.window_figures(view))
        return float(len(scores))

    return work
