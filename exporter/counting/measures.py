"""Quality of some labelled rows, each figure with the rows that it rests on and its bounds.

Functions of additive counts and sums alone: a window and a reference are measured in the same way. NaN stands for what
cannot be said; such a figure has no bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from exporter.statistics import (
    auc_bounds,
    calibration,
    class_averages,
    class_bounds,
    classification,
    ranking,
    regression,
)
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.bounds import Bounds, Sampling
from exporter.statistics.class_averages import Average
from exporter.statistics.mean_bounds import MeanSums, mean_bounds, size_bounds
from exporter.statistics.r2_bounds import MomentSums, r2_bounds
from exporter.statistics.regression import ErrorSums

# A mean over classes says little while classes have fewer rows than this: then it is low whatever the model does.
ROWS_PER_CLASS = 20

_OfOneClass = Callable[[Counts, int], float]
_BINARY: Mapping[str, tuple[_OfOneClass, Callable[[Counts, int, Sampling], Bounds]]] = {
    "precision": (classification.precision, class_bounds.precision_bounds),
    "recall": (classification.recall, class_bounds.recall_bounds),
    "f1": (classification.f1, class_bounds.f1_bounds),
}
_AVERAGES: Mapping[str, Average] = {
    "precision": class_averages.MACRO_PRECISION,
    "recall": class_averages.MACRO_RECALL,
    "f1": class_averages.MACRO_F1,
    "precision_weighted": class_averages.WEIGHTED_PRECISION,
    "f1_weighted": class_averages.WEIGHTED_F1,
}


class Measure(NamedTuple):
    """A figure; ``least_rows`` is from how many of its rows on it can be judged at all."""

    value: float
    rows: int
    bounds: Bounds | None
    least_rows: int = 1


class Side(NamedTuple):
    """Rows by ascending score: those of the other classes and those of the class's own, (b,) each."""

    negative: Counts
    positive: Counts


class LossSums(NamedTuple):
    """Sums of losses, Brier terms, and the squares of both, over ``rows``."""

    rows: int
    log_loss: float
    brier: float
    log_loss_squared: float
    brier_squared: float


def of_classes(cells: Counts, positive: int | None, sampling: Sampling) -> dict[str, Measure]:
    """Measure a confusion matrix (c, c), true by predicted; ``positive`` is None for more than two classes."""
    rows = int(cells.sum())
    accuracy = Measure(classification.accuracy(cells), rows, class_bounds.accuracy_bounds(cells, sampling))
    found = {"accuracy": accuracy}
    if positive is not None:
        for metric, (figure, bounds) in _BINARY.items():
            found[metric] = Measure(figure(cells, positive), rows, bounds(cells, positive, sampling))
    else:
        least = ROWS_PER_CLASS * int(np.count_nonzero(cells.sum(axis=0) + cells.sum(axis=1)))
        for metric, average in _AVERAGES.items():
            bounds_of_mean = class_bounds.average_bounds(cells, average, sampling)
            found[metric] = Measure(average.figure(cells), rows, bounds_of_mean, least)
        # Weighted by its true rows, recall is the share of all rows that were right.
        found["recall_weighted"] = accuracy
    return {metric: _known(measure) for metric, measure in found.items()}


def of_areas(sides: Sequence[Side], rows: int, sampling: Sampling) -> Measure:
    """Measure the area under the ROC curve: of the one class, or the mean of one class against the rest."""
    areas = [(ranking.roc_auc(*side), auc_bounds.auc_bounds(*side, sampling)) for side in sides]
    areas = [(area, bounds) for area, bounds in areas if not math.isnan(area)]
    if not areas:
        return Measure(math.nan, rows, None)
    least = ROWS_PER_CLASS * len(areas) if len(sides) > 1 else 1
    value = sum(area for area, _ in areas) / len(areas)
    return Measure(value, rows, auc_bounds.mean_auc_bounds([bounds for _, bounds in areas]), least)


def of_losses(sums: LossSums, sampling: Sampling) -> dict[str, Measure]:
    """Measure log loss and Brier score; a correction may leave rounding below zero, where no term is."""
    parts = {
        "log_loss": MeanSums(sums.rows, max(sums.log_loss, 0.0), sums.log_loss_squared),
        "brier": MeanSums(sums.rows, max(sums.brier, 0.0), sums.brier_squared),
    }
    return {
        metric: Measure(part.total / part.rows if part.rows else math.nan, part.rows, size_bounds(part, sampling))
        for metric, part in parts.items()
    }


def of_calibration(scores: Floats, side: Side, sampling: Sampling) -> Measure:
    """Measure the calibration error of rows by ascending score (b,)."""
    bins = calibration.equal_mass_bins(scores, side.negative, side.positive)
    rows = int(bins.rows.sum())
    # The one bin of fewer rows could only tell whether scores are too high or too low on the whole.
    bounds = calibration.calibration_error_bounds(bins, sampling)
    return Measure(calibration.calibration_error(bins), rows, bounds, 2 * calibration.LEAST_ROWS)


def of_errors(sums: ErrorSums, relative_squared: float, moments: MomentSums, sampling: Sampling) -> dict[str, Measure]:
    """Measure a regression."""
    rows, relative_rows = sums.rows, sums.relative_rows
    found = {
        "mae": Measure(regression.mae(sums), rows, size_bounds(MeanSums(rows, sums.absolute, sums.squared), sampling)),
        "rmse": Measure(
            regression.rmse(sums), rows, size_bounds(MeanSums(rows, sums.squared, moments.fourth), sampling, power=0.5)
        ),
        "bias": Measure(regression.bias(sums), rows, mean_bounds(MeanSums(rows, sums.signed, sums.squared), sampling)),
        "r2": Measure(regression.r2(sums), rows, r2_bounds(sums, moments, sampling)),
        "mape": Measure(
            regression.mape(sums),
            relative_rows,
            size_bounds(MeanSums(relative_rows, sums.relative, relative_squared), sampling),
        ),
    }
    return {metric: _known(measure) for metric, measure in found.items()}


def split_errors(columns: Floats, rows: int, relative_rows: int) -> tuple[ErrorSums, float, MomentSums]:
    """Return what ``of_errors`` takes from the sums (12,) of ``quality_sums.regression_terms`` and two numbers of rows."""
    relative_squared, *moments = columns[len(regression.COLUMNS) :].tolist()
    sums = regression.error_sums(rows, columns[: len(regression.COLUMNS)], relative_rows)
    return sums, relative_squared, MomentSums(*moments)


def _known(measure: Measure) -> Measure:
    """Return the measure, or nothing but its rows where there is no figure, or none that a float holds."""
    return measure if math.isfinite(measure.value) else measure._replace(value=math.nan, bounds=None)
