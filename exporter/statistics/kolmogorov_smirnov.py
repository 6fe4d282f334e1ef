"""The two-sample Kolmogorov-Smirnov statistic: the largest distance between two distribution functions."""

from __future__ import annotations

import numpy as np

from exporter.extensions import extension
from exporter.statistics.arrays import Counts
from exporter.statistics.shares import any_empty, shares

native = extension("exporter.statistics._slot_distances")


def kolmogorov_smirnov(reference_counts: Counts, current_counts: Counts) -> float:
    """Return max over x of abs(F_reference(x) - F_current(x)) from counts by slot, (2k+1,) each.

    Where the reference has no rows between edges its distribution function is flat there, and the
    other one is monotone: the largest distance lies at the end of a slot, and the result is exact,
    wherever the current values fall. Otherwise see ``thinning_bound``.

    N. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of
    Mathematical Statistics 19 (1948).

    >>> kolmogorov_smirnov(np.array([0, 1, 0, 1, 0]), np.array([0, 0, 0, 1, 1]))
    0.5
    """
    found: float | None = native.kolmogorov_smirnov(reference_counts, current_counts) if native is not None else None
    if found is not None:
        return found
    if any_empty(reference_counts, current_counts):
        return float("nan")
    # With a common denominator the numerators are whole, and equal where the functions are.
    m, n = float(reference_counts.sum()), float(current_counts.sum())
    return float(np.abs(np.cumsum(reference_counts) * n - np.cumsum(current_counts) * m).max() / (m * n))


def thinning_bound(reference_counts: Counts) -> float:
    """Return the largest share of the reference between two neighbouring edges.

    With D the statistic of the raw values and D' that of the slots, D' <= D <= D' + bound: inside a
    gap the two functions are monotone, so they part by no more than at the gap's ends plus the
    reference's own rise. Zero when every distinct value is an edge; NaN without rows.

    >>> thinning_bound(np.array([0, 1, 2, 1, 0]))
    0.5
    """
    return float(shares(reference_counts)[::2].max())
