"""NannyML's verdict on one column: univariate drift, default methods and thresholds, ten chunks of the reference.

The reference is cut into chunks of the window's size where it has rows enough for ten, and into ten otherwise: its
thresholds come from how its own chunks differ from the whole.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

warnings.simplefilter("ignore")

from nannyml.drift.univariate import UnivariateDriftCalculator  # noqa: E402 - it warns when it is imported

_CHUNKS = 10


def verdict(reference: NDArray[np.float64], window: NDArray[np.float64]) -> bool:
    """Say whether any default method raises an alert for the window."""
    known, seen = (_frame(values) for values in (reference, window))
    size = min(len(window), len(reference) // _CHUNKS)
    calculator = UnivariateDriftCalculator(column_names=["x"], chunk_size=size)
    calculator.fit(known)
    frame = calculator.calculate(seen).filter(period="analysis").to_df()
    alerts = frame.loc[:, [column for column in frame.columns if column[-1] == "alert"]]
    return bool(alerts.to_numpy().any())


def _frame(values: NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame({"x": values if values.dtype == np.float64 else pd.Categorical(values.astype(object))})
