"""Bounds of means from sums and sums of squares.

Student's t interval, which takes the mean for normal: by the central limit theorem it is, with rows enough for the tail of
the terms. Sizes of errors and losses are skewed to the right; their interval is made on the logarithm of the mean (the
delta method), which lies closer to normal and stays above 0. A log loss whose largest terms have not been seen yet has
too narrow an interval, as every interval from the rows themselves; one such term widens it as much as it moves it.

"Student", "The probable error of a mean", Biometrika 6 (1908); C. R. Rao, "Linear statistical inference and its
applications", 2nd edition 1973, section 6a.2, for the delta method.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from exporter.statistics.bounds import Bounds, Sampling, t_quantile

# A spread below this share of the squares is what rounding leaves of a constant.
_ROUNDING = 1e-12
_FEWEST_ROWS = 2


class MeanSums(NamedTuple):
    """A number of terms, their sum and the sum of their squares: additive, entry by entry."""

    rows: int
    total: float
    squares: float


def mean_bounds(sums: MeanSums, sampling: Sampling) -> Bounds | None:
    """Return the interval of a mean of terms of either sign; None for fewer than two rows.

    >>> bounds = mean_bounds(MeanSums(4, 2.0, 6.0), Sampling())
    >>> bounds and (round(bounds.lower, 2), round(bounds.upper, 2))
    (-1.55, 2.55)
    """
    error = _standard_error(sums, sampling)
    if error is None:
        return None
    mean, reach = sums.total / sums.rows, _quantile(sums, sampling) * error
    return _finite(mean - reach, mean + reach)


def size_bounds(sums: MeanSums, sampling: Sampling, power: float = 1.0) -> Bounds | None:
    """Return the interval of the mean of terms none of which is negative, raised to ``power``; None below two rows.

    With a power of one half it is that of a root mean square. When all terms are 0 so are both ends.

    >>> bounds = size_bounds(MeanSums(4, 8.0, 24.0), Sampling())
    >>> bounds and (round(bounds.lower, 2), round(bounds.upper, 2))
    (0.55, 7.32)
    """
    error = _standard_error(sums, sampling)
    if error is None:
        return None
    mean = max(sums.total, 0.0) / sums.rows
    if mean == 0:
        return Bounds(0.0, 0.0)
    reach = power * _quantile(sums, sampling) * error / mean
    value = mean**power
    # A mean that is all one row's reaches to nearly nothing and very far.
    return _finite(value * math.exp(-reach), value * math.exp(min(reach, 300.0)))


def _standard_error(sums: MeanSums, sampling: Sampling) -> float | None:
    if sums.rows < _FEWEST_ROWS:
        return None
    mean, mean_square = sums.total / sums.rows, sums.squares / sums.rows
    # A product that is too large is infinite, where a power would be an error.
    variance = mean_square - mean * mean
    if not math.isfinite(variance):
        return None
    if variance <= _ROUNDING * mean_square:
        return 0.0
    return math.sqrt(variance * sampling.design_effect / (sums.rows - 1))


def _quantile(sums: MeanSums, sampling: Sampling) -> float:
    return t_quantile(0.5 + sampling.confidence / 2, sums.rows / sampling.design_effect - 1)


def _finite(lower: float, upper: float) -> Bounds | None:
    return Bounds(lower, upper) if math.isfinite(lower) and math.isfinite(upper) else None
