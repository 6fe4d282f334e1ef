"""NannyML: univariate drift with KS for numbers and chi-square for categories, fitted on the reference once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from bench.peers.frames import frames


def prepare(folder: Path) -> Callable[[], None]:
    warnings.simplefilter("ignore")
    from nannyml.drift.univariate import UnivariateDriftCalculator

    reference, window = frames(folder)
    calculator = UnivariateDriftCalculator(
        column_names=list(reference.columns),
        continuous_methods=["kolmogorov_smirnov"],
        categorical_methods=["chi2"],
        chunk_size=len(window),
    )
    calculator.fit(reference)

    def work() -> None:
        calculator.calculate(window)

    return work
