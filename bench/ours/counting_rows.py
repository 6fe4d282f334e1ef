"""Rows of the log to panes, without state or figures: twice the rows shall cost twice as much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import NOW, pipeline_of


def prepare(folder: Path, rows: str) -> Callable[[], int]:
    """Read and count the first ``rows`` rows, without state or figures."""

    def work() -> int:
        pipeline = pipeline_of(folder)
        while pipeline.predictions.health.rows < int(rows) and pipeline.step(NOW):
            pass
        pipeline.close()
        return pipeline.predictions.health.rows

    return work
