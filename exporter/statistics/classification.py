"""Quality of a classifier from its confusion matrix.

``cells`` is (c, c): rows are true classes, columns predicted ones. A division by zero gives 0.0, as
scikit-learn has it (a class that is never predicted has precision 0); no rows at all give NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exporter.statistics.arrays import Counts, Floats


def class_precision(cells: Counts | Floats) -> Floats:
    """Return, per class, the share of its predictions that were right: (c,)."""
    return _ratio(cells.diagonal(), cells.sum(axis=0))


def class_recall(cells: Counts | Floats) -> Floats:
    """Return, per class, the share of its true rows that were found: (c,)."""
    return _ratio(cells.diagonal(), cells.sum(axis=1))


def class_f1(cells: Counts | Floats) -> Floats:
    """Return, per class, the harmonic mean of precision and recall: (c,)."""
    return _ratio(2 * cells.diagonal(), cells.sum(axis=0) + cells.sum(axis=1))


def accuracy(cells: Counts | Floats, positive: int | None = None) -> float:  # noqa: ARG001 (called like the three below)
    """Return the share of rows that were right; ``positive`` plays no part.

    >>> accuracy(np.array([[2, 1], [0, 1]]))
    0.75
    """
    rows = float(cells.sum())
    return float(cells.trace() / rows) if rows else float("nan")


def precision(cells: Counts | Floats, positive: int) -> float:
    """Return the precision of class ``positive``.

    >>> precision(np.array([[2, 1], [0, 1]]), 1)
    0.5
    """
    return _one(class_precision, cells, positive)


def recall(cells: Counts | Floats, positive: int) -> float:
    """Return the recall of class ``positive``."""
    return _one(class_recall, cells, positive)


def f1(cells: Counts | Floats, positive: int) -> float:
    """Return the F1 of class ``positive``."""
    return _one(class_f1, cells, positive)


def macro_precision(cells: Counts | Floats) -> float:
    """Return the mean of precision over the classes that occur as true or predicted.

    >>> macro_precision(np.array([[2, 1, 0], [0, 1, 0], [0, 0, 0]]))
    0.75
    """
    return _macro(class_precision, cells)


def macro_recall(cells: Counts | Floats) -> float:
    """Return the mean of recall over the classes that occur as true or predicted."""
    return _macro(class_recall, cells)


def macro_f1(cells: Counts | Floats) -> float:
    """Return the mean of F1 over the classes that occur as true or predicted."""
    return _macro(class_f1, cells)


def weighted_precision(cells: Counts | Floats) -> float:
    """Return the mean of precision over classes, weighted by their true rows."""
    return _weighted(class_precision, cells)


def weighted_recall(cells: Counts | Floats) -> float:
    """Return the mean of recall over classes, weighted by their true rows: the accuracy."""
    return _weighted(class_recall, cells)


def weighted_f1(cells: Counts | Floats) -> float:
    """Return the mean of F1 over classes, weighted by their true rows."""
    return _weighted(class_f1, cells)


PerClass = Callable[[Counts | Floats], Floats]


def _one(figure: PerClass, cells: Counts | Floats, positive: int) -> float:
    return float(figure(cells)[positive]) if cells.any() else float("nan")


def _macro(figure: PerClass, cells: Counts | Floats) -> float:
    seen = (cells.sum(axis=0) + cells.sum(axis=1)) > 0
    return float(figure(cells)[seen].mean()) if seen.any() else float("nan")


def _weighted(figure: PerClass, cells: Counts | Floats) -> float:
    true_rows = cells.sum(axis=1)
    return float(figure(cells) @ true_rows / true_rows.sum()) if cells.any() else float("nan")


def _ratio(part: Counts | Floats, whole: Counts | Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)
