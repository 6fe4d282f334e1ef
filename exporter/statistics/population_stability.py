"""The population stability index."""

from __future__ import annotations

import math

import numpy as np

from exporter.extensions import extension
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.lanes import sum_by_lanes
from exporter.statistics.shares import both_shares

native = extension("exporter.statistics._slot_distances")


def population_stability(reference: Counts, current: Counts, *, floor: float = 1e-4) -> float:
    """Return sum((c - r) ln(c / r)) over the shares of bins or categories, (b,) each.

    A share below ``floor`` is raised to it, on either side, so that an empty bin costs a finite
    amount; the shares are not made to sum to one again. ``floor`` is above 0. NaN when one side has no rows.

    The index is Jeffreys' divergence: S. Kullback and R. A. Leibler, "On information and
    sufficiency", Annals of Mathematical Statistics 22 (1951); its use on scorecards: N. Siddiqi,
    "Credit Risk Scorecards", Wiley (2006).

    >>> round(population_stability(np.array([50, 50]), np.array([25, 75])), 6)
    0.274653
    """
    found: float | None = native.population_stability(reference, current, floor) if native is not None else None
    if found is not None:
        return found
    both = both_shares(reference, current)
    if both is None:
        return float("nan")
    r, c = np.maximum(both[0], floor), np.maximum(both[1], floor)
    # Of the smallest floors there are: quotients may be infinite.
    with np.errstate(over="ignore"):
        return sum_by_lanes((c - r) * _logarithms(c / r))


def _logarithms(quotients: Floats) -> Floats:
    """Return natural logarithms as compiled code has them; NumPy's differ in the last bit from processor to processor."""
    logarithms = np.zeros_like(quotients)
    # Of many categories most are on neither side.
    apart = quotients != 1
    logarithms[apart] = [math.log(quotient) for quotient in quotients[apart].tolist()]
    return logarithms
