"""Drift scores of 12 numbers and 4 categories from a window's panes; divide by the features for the cost of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import drift_scores, filled, window_of

_REPEAT = 20


def prepare(folder: Path, edges: str, rows: str) -> Callable[[], float]:
    """Add up and evaluate ``rows`` rows, twenty times."""
    pipeline = filled(folder, edges, int(rows))

    def work() -> float:
        return float(sum(drift_scores(window_of(pipeline)) for _ in range(_REPEAT)))

    return work
