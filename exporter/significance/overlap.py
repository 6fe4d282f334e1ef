"""How many tests several figures of the same rows amount to."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from exporter.statistics.arrays import Floats


def independent_tests(correlation: Floats, level: float) -> float:
    """Return how many independent tests those with these ``correlation`` (d, d) amount to, from 1 to d.

    The chance that at least one of them exceeds its critical value, over the chance of one that does. Of two normal
    figures it is 2 Phi(u sqrt((1 - r) / 2)) for u the critical value (J. Huesler and R.-D. Reiss, "Maxima of normal
    random vectors: between independence and complete dependence", Statistics & Probability Letters 7 (1989)); every
    further one adds what it adds to the one that it is most like.

    >>> import numpy as np
    >>> round(independent_tests(np.array([[1.0, 1.0], [1.0, 1.0]]), 0.05), 2)
    1.0
    """
    tests, far = 1.0, -float(ndtri(min(level, 0.5)))
    for place, likeness in enumerate(correlation.tolist()):
        nearest = min(max(likeness[:place], default=1.0), 1.0)
        tests += 2 * float(ndtr(far * math.sqrt((1 - nearest) / 2) * _SPREAD)) - 1
    return tests


# The limit is approached from above; measured on pairs of PSI and chi-square, and of KS, PSI and Wasserstein.
_SPREAD = 1.25


def shared_level(correlation: Floats, level: float) -> float:
    """Return the level of each of several figures, so that together they have ``level``."""
    return level / independent_tests(correlation, level / len(correlation)) if len(correlation) else level
