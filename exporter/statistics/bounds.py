"""An interval around a figure, and how sure it is to be."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

_NORMAL = NormalDist()
# The expansion below needs more rows than the one that a spread takes away.
_LEAST_FREEDOM = 1.0


class Bounds(NamedTuple):
    """A two-sided confidence interval; both ends are finite."""

    lower: float
    upper: float


class Sampling(NamedTuple):
    """What bounds rest on beside the rows themselves.

    ``confidence`` is the probability that the interval holds the true figure. ``design_effect`` says how many rows are
    worth as much as one independent row (L. Kish, "Survey Sampling", 1965): 1 where rows do not depend on each other.
    """

    confidence: float = 0.95
    design_effect: float = 1.0

    @property
    def deviations(self) -> float:
        """Half the width of the interval of a normal figure, in its standard errors."""
        return normal_quantile(0.5 + self.confidence / 2)


# Nothing is known of a share without rows.
ANY_SHARE = Bounds(0.0, 1.0)


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution; ``probability`` lies between 0 and 1.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    return _NORMAL.inv_cdf(probability)


def t_quantile(probability: float, freedom: float) -> float:
    """Return the quantile of Student's t distribution with ``freedom`` degrees, which need not be a whole number.

    The expansion around the normal quantile of Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964),
    26.7.5: at 0.975 low by 0.01 % with 10 degrees, 0.5 % with 4, 3 % with 2. Fewer than one count as one.

    >>> round(t_quantile(0.975, 29), 4)
    2.0452
    """
    z, v = normal_quantile(probability), max(freedom, _LEAST_FREEDOM)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + math.fsum(term / v ** (power + 1) for power, term in enumerate(terms))
