"""The area under the ROC curve from scores counted by bin.

``negative`` and ``positive`` are the rows of each true class by ascending score bin, (b,) each.
"""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts


def roc_auc(negative: Counts, positive: Counts) -> float:
    """Return the share of (negative, positive) pairs in which the positive has the higher score.

    Pairs within one bin count half, so the result is exact when each bin holds one score. NaN when
    one class has no rows.

    J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143 (1982).

    >>> roc_auc(np.array([2, 1, 0]), np.array([0, 1, 2]))
    0.9444444444444444
    """
    # float64: a product of two counts may not fit into int64.
    won = float(positive @ (np.cumsum(negative) - negative).astype(np.float64))
    return _share_of_pairs(won + _tied(negative, positive) / 2, negative, positive)


def roc_auc_bound(negative: Counts, positive: Counts) -> float:
    """Return how far ``roc_auc`` can be from that of the unbinned scores: half the share of tied pairs.

    A pair within a bin counts a half here and something from 0 to 1 there. NaN when one class has no
    rows.

    >>> roc_auc_bound(np.array([2, 1, 0]), np.array([0, 1, 2]))
    0.05555555555555555
    """
    return _share_of_pairs(_tied(negative, positive) / 2, negative, positive)


def _tied(negative: Counts, positive: Counts) -> float:
    return float(positive @ negative.astype(np.float64))


def _share_of_pairs(pairs: float, negative: Counts, positive: Counts) -> float:
    every = float(negative.sum()) * float(positive.sum())
    return pairs / every if every else float("nan")
