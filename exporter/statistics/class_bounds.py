"""Bounds of what a confusion matrix says.

``cells`` is (c, c): rows are true classes, columns predicted ones. The figures themselves are in ``classification``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.bounds import Bounds, Sampling
from exporter.statistics.class_averages import Average
from exporter.statistics.wilson import wilson

# Rows that are right, and rows that are wrong, added to each class before a variance is taken.
_ADDED = 0.5
# A figure whose variance is lost in rounding counts as one of independent rows.
_ROUNDING = 1e-12


def accuracy_bounds(cells: Counts, sampling: Sampling) -> Bounds:
    """Return Wilson's interval of the share of rows that were right."""
    return _share(int(cells.trace()), int(cells.sum()), sampling)


def precision_bounds(cells: Counts, positive: int, sampling: Sampling) -> Bounds:
    """Return Wilson's interval of the precision of class ``positive``, given how often it was predicted.

    >>> precision_bounds(np.array([[2, 1], [0, 0]]), 1, Sampling()) == precision_bounds(np.array([[9, 1], [9, 0]]), 1, Sampling())
    True
    """
    return _share(int(cells[positive, positive]), int(cells[:, positive].sum()), sampling)


def recall_bounds(cells: Counts, positive: int, sampling: Sampling) -> Bounds:
    """Return Wilson's interval of the recall of class ``positive``, given how often it is true."""
    return _share(int(cells[positive, positive]), int(cells[positive].sum()), sampling)


def f1_bounds(cells: Counts, positive: int, sampling: Sampling) -> Bounds:
    """Return the interval of the F1 of class ``positive``.

    F1 is 2 j / (1 + j) of the ratio j = TP / (TP + FP + FN), which is a share of the rows in which the class occurs at
    all; that grows with j, so the ends of Wilson's interval of j give those of F1.
    """
    hits = int(cells[positive, positive])
    lower, upper = _share(hits, int(cells[positive].sum() + cells[:, positive].sum()) - hits, sampling)
    return Bounds(2 * lower / (1 + lower), 2 * upper / (1 + upper))


def average_bounds(cells: Counts, average: Average, sampling: Sampling) -> Bounds:
    """Return the interval of a mean over classes, macro or weighted.

    The delta method on multinomial cells (A. Agresti, "Categorical Data Analysis", 3rd edition 2013, section 16.1) gives the
    variance; Wilson's interval of as many rows as a plain share of that variance would rest on keeps the interval
    within 0 and 1 (E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data", Survey Methodology 24, 1998). A class of few rows, all right, is not
    for that known exactly: the variance is that of a matrix with a few rows added (A. Agresti and B. Caffo, "Simple and
    effective confidence intervals for proportions and differences of proportions", American Statistician 54, 2000).
    Classes without a row, true or predicted, are left out. Without rows it is 0 to 1.
    """
    seen = (cells.sum(axis=0) + cells.sum(axis=1)) > 0
    cells = cells[np.ix_(seen, seen)]
    rows = float(cells.sum()) / sampling.design_effect
    if not rows:
        return wilson(0.0, 0, sampling)
    smoothed = _smoothed(cells)
    value = average.figure(smoothed)
    variance = _variance(smoothed, average.gradient)
    spread = value * (1 - value)
    worth = spread / variance if min(variance, spread) > _ROUNDING else 1.0
    return wilson(average.figure(cells), worth * rows, sampling)


def _share(part: int, whole: int, sampling: Sampling) -> Bounds:
    return wilson(part / whole if whole else 0.0, whole / sampling.design_effect, sampling)


def _smoothed(cells: Counts) -> Floats:
    """Return the matrix (c, c) with right rows, and as many wrong ones spread evenly, added to each class."""
    classes = len(cells)
    added = np.full(cells.shape, _ADDED / max(classes - 1, 1))
    np.fill_diagonal(added, _ADDED)
    smoothed: Floats = cells + added
    return smoothed


def _variance(cells: Floats, gradient: Callable[[Floats], Floats]) -> float:
    """Return the variance that one row brings to a figure of the cells' shares."""
    shares = cells / cells.sum()
    slope = gradient(shares)
    return float((shares * slope**2).sum() - (shares * slope).sum() ** 2)
