"""The population stability index."""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts
from exporter.statistics.shares import any_empty, shares


def population_stability(reference: Counts, current: Counts, *, floor: float = 1e-4) -> float:
    """Return sum((c - r) ln(c / r)) over the shares of bins or categories, (b,) each.

    A share below ``floor`` is raised to it, on either side, so that an empty bin costs a finite
    amount; the shares are not made to sum to one again. NaN when one side has no rows.

    The index is Jeffreys' divergence: S. Kullback and R. A. Leibler, "On information and
    sufficiency", Annals of Mathematical Statistics 22 (1951); its use on scorecards: N. Siddiqi,
    "Credit Risk Scorecards", Wiley (2006).

    >>> round(population_stability(np.array([50, 50]), np.array([25, 75])), 6)
    0.274653
    """
    if any_empty(reference, current):
        return float("nan")
    r, c = np.maximum(shares(reference), floor), np.maximum(shares(current), floor)
    return float(np.sum((c - r) * np.log(c / r)))
