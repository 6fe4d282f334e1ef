"""The population stability index."""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts
from exporter.statistics.shares import both_shares


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
    found = both_shares(reference, current)
    if found is None:
        return float("nan")
    r, c = np.maximum(found[0], floor), np.maximum(found[1], floor)
    return float(((c - r) * np.log(c / r)).sum())
