"""The L-infinity distance of two sets of shares."""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts
from exporter.statistics.shares import any_empty, shares


def l_infinity(reference: Counts, current: Counts) -> float:
    """Return the largest difference of the shares of a category, 0 to 1; NaN when one side has no rows.

    >>> l_infinity(np.array([2, 2]), np.array([1, 3]))
    0.25
    """
    if any_empty(reference, current):
        return float("nan")
    return float(np.abs(shares(reference) - shares(current)).max())
