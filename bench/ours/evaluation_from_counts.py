"""Drift scores of 12 numbers and 4 categories from a window's counts, added up beforehand; divide by the features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import drift_scores, filled, window_of

_REPEAT = 400


def prepare(folder: Path, edges: str, rows: str) -> Callable[[], float]:
    """Evaluate a window of ``rows`` rows, four hundred times."""
    together = window_of(filled(folder, edges, int(rows)))

    def work() -> float:
        return float(sum(drift_scores(together) for _ in range(_REPEAT)))

    return work
