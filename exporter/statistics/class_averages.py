"""Means over classes as functions of a confusion matrix's shares, with their slopes.

``shares`` is (c, c), true by predicted, and sums to 1; each class has a share. ``gradient`` returns how the figure grows
with each share, (c, c), up to a constant that is the same for all of them and plays no part in a variance.

>>> MACRO_RECALL.gradient(np.array([[0.6, 0.2], [0.1, 0.1]])).round(3).tolist()
[[0.156, -0.469], [-1.25, 1.25]]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from exporter.statistics import classification
from exporter.statistics.arrays import Counts, Floats


class Average(NamedTuple):
    """A figure of cells (c, c), counts or shares, and the gradient of shares (c, c)."""

    figure: Callable[[Counts | Floats], float]
    gradient: Callable[[Floats], Floats]


def _of_precision(shares: Floats, weights: Floats) -> Floats:
    """Return the slope of the sum over classes of ``weights`` (c,), held fast, times precision."""
    predicted = shares.sum(axis=0)
    slope: Floats = weights / predicted * (np.eye(len(shares)) - classification.class_precision(shares))
    return slope


def _of_recall(shares: Floats, weights: Floats) -> Floats:
    return _of_precision(shares.T, weights).T


def _of_f1(shares: Floats, weights: Floats) -> Floats:
    both = shares.sum(axis=0) + shares.sum(axis=1)
    scale, f1 = weights / both, classification.class_f1(shares)
    # A cell counts among the rows of its true class, and among those of its predicted one.
    slope: Floats = np.diag(2 * scale) - (scale * f1)[:, np.newaxis] - scale * f1
    return slope


def _macro(slope: Callable[[Floats, Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda shares: slope(shares, np.full(len(shares), 1 / len(shares)))


def _weighted(
    slope: Callable[[Floats, Floats], Floats], by_class: Callable[[Floats], Floats]
) -> Callable[[Floats], Floats]:
    # The weights are shares, too: each row also makes its true class count for more.
    return lambda shares: slope(shares, shares.sum(axis=1)) + by_class(shares)[:, np.newaxis]


MACRO_PRECISION = Average(classification.macro_precision, _macro(_of_precision))
MACRO_RECALL = Average(classification.macro_recall, _macro(_of_recall))
MACRO_F1 = Average(classification.macro_f1, _macro(_of_f1))
WEIGHTED_PRECISION = Average(
    classification.weighted_precision, _weighted(_of_precision, classification.class_precision)
)
WEIGHTED_F1 = Average(classification.weighted_f1, _weighted(_of_f1, classification.class_f1))
