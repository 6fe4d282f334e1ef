"""Evidently's verdict on one column: its drift preset with its defaults."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

warnings.simplefilter("ignore")
logging.disable()

from evidently import DataDefinition, Dataset, Report  # noqa: E402 - it warns when it is imported
from evidently.presets import DataDriftPreset  # noqa: E402


def verdict(reference: NDArray[np.float64], window: NDArray[np.float64]) -> bool:
    """Say whether the preset counts the column as drifted."""
    is_number = reference.dtype == np.float64
    definition = DataDefinition(
        numerical_columns=["x"] if is_number else [], categorical_columns=[] if is_number else ["x"]
    )
    data = [
        Dataset.from_pandas(
            pd.DataFrame({"x": values if is_number else values.astype(object)}), data_definition=definition
        )
        for values in (window, reference)
    ]
    document = Report([DataDriftPreset()]).run(*data).dict()
    return float(document["metrics"][0]["value"]["count"]) > 0
