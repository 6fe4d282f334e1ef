"""How far two figures have to be apart before they are different, given an interval of each."""

from __future__ import annotations

import math

from exporter.statistics.bounds import normal_quantile


def critical_distance(one: float, other: float, confidence: float, level: float) -> float:
    """Return the distance of two unequal figures that chance alone exceeds with probability ``level``, one-sided.

    ``one`` and ``other`` are the distances from each figure to that end of its two-sided interval (of ``confidence``)
    that lies towards the other figure. Squares of such distances add up like variances, also where intervals are not
    symmetric: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general
    approach", Statistics in Medicine 27 (2008); for shares it is method 10 of R. G. Newcombe, "Interval estimation for
    the difference between independent proportions", Statistics in Medicine 17 (1998).

    >>> round(critical_distance(0.03, 0.04, 0.95, 0.025), 4)
    0.05
    """
    # Of a tiny level 1 - level would be 1.
    stretch = -normal_quantile(level) / normal_quantile(0.5 + confidence / 2)
    return stretch * math.hypot(one, other)
