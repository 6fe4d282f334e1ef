"""The chi-square test of homogeneity of two samples, and Cramer's V as its size of effect."""

from __future__ import annotations

import math

import numpy as np

from exporter.extensions import extension
from exporter.statistics.arrays import Counts
from exporter.statistics.lanes import sum_by_lanes

native = extension("exporter.statistics._slot_distances")


def chi_square(reference: Counts, current: Counts) -> tuple[float, int]:
    """Return the statistic of the 2 x c contingency table and its degrees of freedom.

    The reference is a sample like the other one, not a known distribution. Categories that neither
    side has seen are dropped; no continuity correction. The statistic is NaN when one side has no
    rows.

    K. Pearson, Philosophical Magazine 50 (1900); the two-sample form: R. A. Fisher, Journal of the
    Royal Statistical Society 85 (1922).

    >>> chi_square(np.array([10, 30, 0]), np.array([30, 10, 0]))
    (20.0, 1)
    """
    statistic, freedom, _ = _homogeneity(reference, current)
    return statistic, freedom


def _homogeneity(reference: Counts, current: Counts) -> tuple[float, int, float]:
    """Return the statistic, the degrees of freedom and the rows of both sides."""
    found: tuple[float, int, float] | None = native.chi_square(reference, current) if native is not None else None
    if found is not None:
        return found
    seen = (reference + current) > 0
    freedom = max(int(np.count_nonzero(seen)) - 1, 0)
    # Floats from here on: products of two samples' counts overflow int64 at a few billion rows.
    m, n = float(reference.sum()), float(current.sum())
    if not (m and n):
        return float("nan"), freedom, m + n
    r, c = reference.astype(np.float64), current.astype(np.float64)
    surplus = r / m - c / n
    terms = np.divide(surplus * surplus, r + c, out=np.zeros_like(r), where=seen)
    return sum_by_lanes(terms) * m * n, freedom, m + n


def cramers_v(reference: Counts, current: Counts) -> float:
    """Return sqrt(chi-square / rows) of the two-row table, from 0 to 1; NaN when one side has no rows.

    Depends on how the rows are split between the two sides: it can reach 1 for any split, yet the
    same two distributions give less the more the sizes differ.

    H. Cramer, "Mathematical Methods of Statistics", Princeton (1946), section 21.9.

    >>> cramers_v(np.array([5, 0]), np.array([0, 7]))
    1.0
    """
    statistic, _, rows = _homogeneity(reference, current)
    return min(math.sqrt(statistic / rows), 1.0) if rows else float("nan")
