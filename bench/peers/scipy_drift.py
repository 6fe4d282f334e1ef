"""SciPy: ks_2samp for each number, a chi-square test of contingency for each category."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from scipy import stats

from bench.peers.frames import categorical, frames, numeric


def prepare(folder: Path) -> Callable[[], float]:
    reference, window = frames(folder)
    known = {name: reference[name].value_counts() for name in categorical(reference)}

    def work() -> float:
        distances = [stats.ks_2samp(reference[name], window[name]).statistic for name in numeric(reference)]
        for name, counts in known.items():
            table = pd.concat([counts, window[name].value_counts()], axis=1).fillna(0)
            stats.chi2_contingency(table.T)
        return float(sum(distances))

    return work
