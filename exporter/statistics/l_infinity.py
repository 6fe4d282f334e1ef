"""The L-infinity distance of two sets of shares."""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts
from exporter.statistics.shares import both_shares


def l_infinity(reference: Counts, current: Counts) -> float:
    """Return the largest difference of the shares of a category, 0 to 1; NaN when one side has no rows.

    >>> l_infinity(np.array([2, 2]), np.array([1, 3]))
    0.25
    """
    found = both_shares(reference, current)
    return float("nan") if found is None else float(np.abs(found[0] - found[1]).max())
