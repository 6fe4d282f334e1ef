"""Bounds of the coefficient of determination, from sums of products of errors and labels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from exporter.statistics.arrays import Floats
from exporter.statistics.bounds import Bounds, Sampling, t_quantile
from exporter.statistics.regression import ErrorSums, r2

_FEWEST_ROWS = 3
# Sums of fourth powers lose digits where the labels have moved far from the centre: three have to be left of twelve,
# or nothing is said.
_ROUNDING = 1e-9


class MomentSums(NamedTuple):
    """Sums over rows, additive entry by entry: products of the error e and the label y minus the centre."""

    squared_label: float
    squared_label_squared: float
    label_cubed: float
    label_fourth: float
    fourth: float


def moment_terms(prediction: Floats, label: Floats, centre: float) -> Floats:
    """Return what each row adds to the sums: (n, 5), columns as in ``MomentSums``; inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        squared, offset = (prediction - label) ** 2, label - centre
        # Products, since other powers than the second cost ten times as much.
        offset_squared = offset**2
        columns = (
            squared * offset,
            squared * offset_squared,
            offset_squared * offset,
            offset_squared**2,
            squared**2,
        )
    return np.column_stack(columns)


def r2_bounds(sums: ErrorSums, moments: MomentSums, sampling: Sampling) -> Bounds | None:
    """Return the interval of ``regression.r2``; None where that is none, below three rows, or where digits ran out.

    The delta method on 1 - mean e² / variance of y: a row moves it by (ρ (y - mean y)² - e²) / variance of y, with ρ
    the ratio itself, so the error follows from sums up to the fourth power. It is made on the logarithm of the ratio,
    which is never negative.

    A. W. van der Vaart, "Asymptotic statistics" (1998), chapter 3.

    >>> y = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> prediction = y + np.array([0.5, -0.5, 0.5, -0.5, 0.5, -0.5])
    >>> from exporter.statistics.regression import error_sums, terms
    >>> sums = error_sums(6, terms(prediction, y, 3.5).sum(axis=0), 6)
    >>> bounds = r2_bounds(sums, MomentSums(*moment_terms(prediction, y, 3.5).sum(axis=0)), Sampling())
    >>> round(r2(sums), 3), bounds and (round(bounds.lower, 2), round(bounds.upper, 2))
    (0.914, (0.77, 0.97))
    """
    value, rows = r2(sums), sums.rows
    if math.isnan(value) or rows < _FEWEST_ROWS or not all(map(math.isfinite, moments)):
        return None
    ratio = 1 - value
    if ratio <= 0:
        return Bounds(value, value)
    squared_part, cross_part, label_part = _parts(sums, moments)
    variance = squared_part - 2 * ratio * cross_part + ratio * ratio * label_part
    # What the parts were taken from: their digits end where those of the greatest do.
    greatest = ratio * (2 * moments.squared_label_squared + ratio * moments.label_fourth) / rows
    if not math.isfinite(variance) or _ROUNDING * greatest > squared_part + ratio * ratio * label_part:
        return None
    mean_squared = sums.squared / rows
    error = math.sqrt(max(variance, 0.0) * sampling.design_effect / (rows - 1)) / mean_squared
    reach = t_quantile(0.5 + sampling.confidence / 2, rows / sampling.design_effect - 1) * error
    return Bounds(1 - ratio * math.exp(min(reach, 300.0)), 1 - ratio * math.exp(-reach))


def _parts(sums: ErrorSums, moments: MomentSums) -> tuple[float, float, float]:
    """Return the means of e⁴, of e² (y - mean y)² and of (y - mean y)⁴."""
    n, m = sums.rows, sums.label / sums.rows
    # Products that are too large are infinite, where powers would be errors.
    square = m * m
    cross = moments.squared_label_squared - 2 * m * moments.squared_label + square * sums.squared
    label = (
        moments.label_fourth - 4 * m * moments.label_cubed + 6 * square * sums.label_squared - 3 * square * square * n
    )
    return moments.fourth / n, cross / n, label / n
