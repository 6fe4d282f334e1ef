"""Quality of a regression model from sums of errors."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from exporter.statistics.arrays import Flags, Floats

# Float sums agree to 12 digits whatever the order of the rows, and a sum of equal terms drifts a little
# more. A spread of labels below this share of their squares cannot be told from a constant label.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ErrorSums:
    """Sums over rows, additive field by field; an error is prediction minus label.

    ``label`` and ``label_squared`` are sums of the label minus a fixed centre and of its square; the
    centre (say, the reference's mean label) keeps digits that a sum of large squares would lose.
    ``relative`` sums abs(error / label) over the ``relative_rows`` rows where that is finite.
    """

    rows: int
    absolute: float
    squared: float
    signed: float
    label: float
    label_squared: float
    relative: float
    relative_rows: int


# What ``terms`` returns, in order: the fields of ErrorSums between its two numbers of rows.
COLUMNS = ("absolute", "squared", "signed", "label", "label_squared", "relative")


def terms(prediction: Floats, label: Floats, centre: float) -> Floats:
    """Return what each row adds to the sums: (n, 6), columns as in ``COLUMNS``; inf where it overflows.

    >>> prediction, label = np.array([1.0, 4.0, 5.0]), np.array([2.0, 2.0, 0.0])
    >>> columns = terms(prediction, label, centre=2.0).sum(axis=0)
    >>> sums = error_sums(3, columns, int(has_relative(prediction, label).sum()))
    >>> sums.absolute, sums.relative_rows
    (8.0, 2)
    """
    with np.errstate(over="ignore"):
        error, offset = prediction - label, label - centre
        squares = error**2, offset**2
    relative = np.where(has_relative(prediction, label), _relative(prediction, label), 0.0)
    return np.column_stack((np.abs(error), squares[0], error, offset, squares[1], relative))


def has_relative(prediction: Floats, label: Floats) -> Flags:
    """Say which rows have a relative error, (n,): not those with a label of zero, or too near it to divide by."""
    return np.isfinite(_relative(prediction, label))


def error_sums(rows: int, columns: Floats, relative_rows: int) -> ErrorSums:
    """Return the sums from those of the columns of ``terms``, (6,), and the two numbers of rows.

    A correction subtracts what it replaces, and rounding may leave a sum that cannot be negative a hair below zero.
    """
    absolute, squared, signed, label, label_squared, relative = columns.tolist()
    return ErrorSums(
        rows,
        max(absolute, 0.0),
        max(squared, 0.0),
        signed,
        label,
        max(label_squared, 0.0),
        max(relative, 0.0),
        relative_rows,
    )


def _relative(prediction: Floats, label: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.abs((prediction - label) / label)


def mae(sums: ErrorSums) -> float:
    """Return the mean absolute error, in units of the label; NaN without rows."""
    return _mean(sums.absolute, sums.rows)


def rmse(sums: ErrorSums) -> float:
    """Return the root of the mean squared error, in units of the label; NaN without rows."""
    return math.sqrt(_mean(sums.squared, sums.rows))


def bias(sums: ErrorSums) -> float:
    """Return the mean of prediction minus label; NaN without rows."""
    return _mean(sums.signed, sums.rows)


def r2(sums: ErrorSums) -> float:
    """Return the coefficient of determination, 1 - squared errors / squared deviations of the label.

    NaN for fewer than two rows, and for a constant label (where scikit-learn says 0 or 1): there is
    nothing to explain, and a constant stretch of labels is no fall in quality.

    >>> label = np.array([1.0, 2.0, 3.0])
    >>> r2(error_sums(3, terms(label + 1, label, centre=2.0).sum(axis=0), 3))
    -0.5
    """
    if sums.rows < 2:
        return float("nan")
    spread = sums.label_squared - sums.label * sums.label / sums.rows
    # The smallest normal number guards sums of squares that are all rounding themselves.
    least = max(ROUNDING * sums.label_squared, sys.float_info.min)
    return 1 - sums.squared / spread if spread > least else float("nan")


def mape(sums: ErrorSums) -> float:
    """Return the mean absolute error as a share of the label (0.1 is 10 %).

    Labels of zero, or so small that the share overflows, are left out (scikit-learn divides by a tiny
    number there, and one such row decides the mean). NaN when no row is left.
    """
    return _mean(sums.relative, sums.relative_rows)


def _mean(total: float, rows: int) -> float:
    return total / rows if rows else float("nan")
