"""The Jensen-Shannon distance."""

from __future__ import annotations

import math

import numpy as np

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.shares import both_shares


def jensen_shannon(reference: Counts, current: Counts) -> float:
    """Return the square root of the Jensen-Shannon divergence in bits, from 0 (equal) to 1 (disjoint).

    ``reference`` and ``current`` are the counts of the same bins or categories, (b,) each. NaN when
    one side has no rows.

    J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information
    Theory 37 (1991); that the root is a metric: D. M. Endres and J. E. Schindelin, IEEE Transactions
    on Information Theory 49 (2003).

    >>> jensen_shannon(np.array([1, 2]), np.array([2, 4]))
    0.0
    >>> round(jensen_shannon(np.array([1, 0]), np.array([0, 5])), 12)
    1.0
    """
    found = both_shares(reference, current)
    if found is None:
        return float("nan")
    r, c = found
    both = r + c
    if np.count_nonzero(both) < both.size:
        seen = both > 0
        r, c, both = r[seen], c[seen], both[seen]
    divergence = (both / 2) @ _half_divergence((r - c) / both) / (2 * math.log(2))
    return min(math.sqrt(divergence), 1.0)


def _half_divergence(tilt: Floats) -> Floats:
    """Return (1 + t) ln(1 + t) + (1 - t) ln(1 - t) for t in [-1, 1].

    The textbook sum of p ln(p / m) cancels to rounding noise when the sides are nearly equal, and may
    then be negative. Written as below both parts are of the order of t squared and the sum keeps its
    digits.
    """
    inner = np.abs(tilt) < 1
    if np.count_nonzero(inner) == inner.size:
        return _inside(tilt)
    return np.where(inner, _inside(np.where(inner, tilt, 0.0)), 2 * math.log(2))


def _inside(t: Floats) -> Floats:
    found: Floats = np.log1p(-t * t) + 2 * t * np.arctanh(t)
    return found
