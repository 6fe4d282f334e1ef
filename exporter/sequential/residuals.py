"""What the detectors watch: how each settled prediction turned out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import Layout
from exporter.reference.profile import NumericColumn
from exporter.rows.outcomes import Settled
from exporter.rows.record import Floats

# The streams, in the order of their columns; each is a method of drift with this name behind "cusum_".
STREAMS = ("bias", "error")
# Of these a change to either side is a change; of the others only growth.
TWO_SIDED = frozenset({"bias"})

# Slices whose means differ by less than this count as equal: in probability, or in standard deviations of the label.
_LEAST_PROBABILITY = 0.01
_LEAST_DEVIATION = 0.02
# Squares of absurd residuals stay finite, and so do the sums of as many as there can be.
_GREATEST = 1e150


def residuals(layout: Layout, settled: Settled) -> tuple[NDArray[np.intp], Floats]:
    """Return those of the settled rows (n,) that have residuals, and these (m, streams of STREAMS).

    Bias: 1 for the positive class, else 0, minus its probability (or minus 1 or 0, by the predicted class, where there is
    none); label minus prediction of a regression. Error: 1 for a wrong class; how far a number is off.
    """
    predicted, label = settled.rows.predicted, settled.value
    if layout.is_regression:
        with np.errstate(over="ignore"):
            bias = label - predicted
        there = np.flatnonzero(np.isfinite(bias))
        bias = np.clip(bias[there], -_GREATEST, _GREATEST)
        return there, np.column_stack((bias, np.abs(bias)))
    wrong = (label != predicted).astype(np.float64)
    return np.arange(len(label)), np.column_stack((_bias(layout, settled), wrong))


def floor_of(layout: Layout) -> float:
    """Return the least standard deviation of a slice's mean."""
    if not layout.is_regression:
        return _LEAST_PROBABILITY
    column = layout.profile.label if layout.profile else None
    return _LEAST_DEVIATION * column.std if isinstance(column, NumericColumn) and np.isfinite(column.std) else 0.0


def _bias(layout: Layout, settled: Settled) -> Floats:
    if layout.model.task == "multiclass":
        return np.zeros(len(settled.value))
    said = (settled.rows.predicted == layout.positive).astype(np.float64)
    scores = settled.rows.scores
    if scores.shape[1]:
        said = np.where(np.isnan(scores[:, 0]), said, scores[:, 0])
    bias: Floats = (settled.value == layout.positive) - said
    return bias
