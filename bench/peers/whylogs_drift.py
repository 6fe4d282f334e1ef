"""whylogs: a profile of the window, then its drift report against the reference's profile."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from pathlib import Path

from bench.peers.frames import frames


def prepare(folder: Path) -> Callable[[], None]:
    warnings.simplefilter("ignore")
    logging.disable()
    import whylogs
    from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

    reference, window = frames(folder)
    known = whylogs.log(reference).view()

    def work() -> None:
        calculate_drift_scores(target_view=whylogs.log(window).view(), reference_view=known, with_thresholds=True)

    return work
