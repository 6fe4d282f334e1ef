"""ks_2samp of one feature: 50,000 rows against a window of 10,000."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import stats

_REPEAT = 20


def prepare(folder: Path) -> Callable[[], float]:
    with np.load(folder / "wide-reference.npz") as reference, np.load(folder / "wide-window.npz") as window:
        known, values = reference["num_0"], window["num_0"][:10_000]

    def work() -> float:
        return float(sum(stats.ks_2samp(known, values).statistic for _ in range(_REPEAT)))

    return work
