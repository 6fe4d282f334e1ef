"""Kept predictions that are alike but for their times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exporter.rows.kept_rows import KeptPredictions


def kept_predictions(
    time: NDArray[np.int64], *, version: int = 0, predicted: float = 1.0, scores: Sequence[float] = ()
) -> KeptPredictions:
    n = len(time)
    return KeptPredictions(
        time=time,
        key=np.arange(n, dtype=np.uint64),
        version=np.full(n, version, np.int32),
        scored=np.ones(n, dtype=bool),
        predicted=np.full(n, predicted),
        scores=np.tile(np.array(scores), (n, 1)),
        groups=np.empty((n, 0), np.int32),
    )
