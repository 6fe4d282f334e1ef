"""Bounds of the area under the ROC curve, from scores counted by bin.

``negative`` and ``positive`` (b,) are the rows of each true class by ascending score bin, as in ``ranking``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.bounds import ANY_SHARE, Bounds, Sampling
from exporter.statistics.ranking import roc_auc
from exporter.statistics.wilson import wilson

# Scores without a signal make an area worth so many rows of the rarer class, as a plain share would have to have. More
# is not believed of a few rows that happen to agree.
_MOST_WORTH = 3.0


def auc_bounds(negative: Counts, positive: Counts, sampling: Sampling) -> Bounds:
    """Return the interval of ``ranking.roc_auc``; 0 to 1 when one class has fewer than two rows.

    The variance is that of E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or more
    correlated receiver operating characteristic curves: a nonparametric approach", Biometrics 44 (1988): of the share of
    the other class that each row has on its right side, which counts by bin give exactly. Wilson's interval of as many
    rows as a plain share of that variance would rest on keeps the interval within 0 and 1 and gives it a width where the
    classes do not overlap at all, as R. G. Newcombe asks, "Confidence intervals for an effect size measure based on the
    Mann-Whitney statistic, part 2", Statistics in Medicine 25 (2006).

    >>> lower, upper = auc_bounds(np.array([40, 10]), np.array([10, 40]), Sampling())
    >>> round(lower, 3), round(upper, 3)
    (0.71, 0.867)
    """
    rarer = int(min(negative.sum(), positive.sum()))
    if rarer < 2:
        return ANY_SHARE
    area = roc_auc(negative, positive)
    spread, variance = area * (1 - area), _variance(negative, positive)
    most = _MOST_WORTH * rarer
    # Where nothing overlaps there is no variance to see: a share that is 1 in all rows of the rarer class.
    worth = rarer if spread == 0 else spread / variance if spread < most * variance else most
    return wilson(area, worth / sampling.design_effect, sampling)


def mean_auc_bounds(areas: Sequence[Bounds]) -> Bounds:
    """Return an interval of a mean of areas from theirs, at least as wide as it has to be; there is at least one.

    Areas of one class against the rest share their rows. The error of a mean is at most the mean of the errors, which
    it is when they all go the same way.
    """
    return Bounds(*np.mean(areas, axis=0).tolist())


def _variance(negative: Counts, positive: Counts) -> float:
    below = np.cumsum(negative) - negative / 2
    above = positive.sum() - np.cumsum(positive) + positive / 2
    return _of_mean(below / negative.sum(), positive) + _of_mean(above / positive.sum(), negative)


def _of_mean(values: Floats, rows: Counts) -> float:
    """Return the variance of the mean of ``values`` (b,), each of which ``rows`` (b,) have."""
    number = int(rows.sum())
    mean = rows @ values / number
    return float(rows @ (values - mean) ** 2) / (number - 1) / number
