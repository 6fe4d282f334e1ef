"""Bounds of a share of rows."""

from __future__ import annotations

import math

from exporter.statistics.bounds import ANY_SHARE, Bounds, Sampling


def wilson(share: float, rows: float, sampling: Sampling) -> Bounds:
    """Return the score interval of a share (0 to 1) of ``rows``, which need not be a whole number.

    The shares that a test against the normal approximation would not refuse. It stays within 0 and 1, and has a width
    also where all rows agree. Without rows it is 0 to 1. Only the confidence of ``sampling`` counts here: ``rows`` are
    taken for independent ones.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927).

    >>> lower, upper = wilson(0.9, 100, Sampling(0.95))
    >>> round(lower, 4), round(upper, 4)
    (0.8256, 0.9448)
    """
    if rows <= 0:
        return ANY_SHARE
    z = sampling.deviations
    share = min(max(share, 0.0), 1.0)
    shrunk = z * z / rows
    middle = (share + shrunk / 2) / (1 + shrunk)
    half = z * math.sqrt(share * (1 - share) / rows + shrunk / (4 * rows)) / (1 + shrunk)
    # At both ends rounding must not shut out the share itself.
    return Bounds(min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))
