"""Quality of the model on its own reference: what later quality is compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.counting import measures, quality_sums
from exporter.counting.measures import LossSums, Measure, Side
from exporter.reference.profile import BASELINE_CONFIDENCE, Counts, Floats
from exporter.statistics import classification, probability, ranking, regression
from exporter.statistics.bounds import Sampling

Flags = NDArray[np.bool_]

# Figures are rounded to so many significant digits, so that the profile's hash does not hang on the
# last bits of a machine's logarithm.
DIGITS = 12
# Of what hangs on a spread, which adds up less exactly.
_BOUND_DIGITS = 9
_SAMPLING = Sampling(BASELINE_CONFIDENCE)


@dataclass(frozen=True, slots=True, eq=False)
class ClassificationRows:
    """Labelled rows: ``truth`` and ``predicted`` (n,) are indices of classes.

    ``probabilities`` is (n, c), a row of NaN where there are none; for a binary model (n, 1), that of
    the class ``positive``. ``positive`` is ``None`` for a multiclass model.
    """

    truth: Counts
    predicted: Counts
    probabilities: Floats
    number_of_classes: int
    positive: int | None

    def where(self, chosen: Flags) -> ClassificationRows:
        return self._picked(np.flatnonzero(chosen))

    def in_order(self) -> ClassificationRows:
        """Sort the rows, so that sums do not depend on the order of the file."""
        return self._picked(np.lexsort((*self.probabilities.T, self.predicted, self.truth)))

    def _picked(self, rows: NDArray[np.intp]) -> ClassificationRows:
        picked = (self.truth[rows], self.predicted[rows], self.probabilities[rows])
        return ClassificationRows(*picked, self.number_of_classes, self.positive)

    def figures(self) -> dict[str, float]:
        rows = self.in_order()
        return rounded(_of_confusion(rows) | _of_scores(rows.scored()))

    def scored(self) -> ClassificationRows:
        return self.where(~np.isnan(self.probabilities.sum(axis=1)))

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ends of each figure's confidence interval."""
        rows = self.in_order()
        return _ends(measures.of_classes(_cells(rows), rows.positive, _SAMPLING) | _measured_scores(rows.scored()))


@dataclass(frozen=True, slots=True, eq=False)
class RegressionRows:
    """Labelled rows of a regression model: two finite numbers each, (n,)."""

    truth: Floats
    predicted: Floats

    def where(self, chosen: Flags) -> RegressionRows:
        return RegressionRows(self.truth[chosen], self.predicted[chosen])

    def figures(self) -> dict[str, float]:
        """Return mae, rmse, bias, r2 and mape. Errors that overflow give no figure."""
        order = np.lexsort((self.predicted, self.truth))
        truth, predicted = self.truth[order], self.predicted[order]
        with np.errstate(over="ignore", invalid="ignore"):
            centre = float(truth.mean()) if truth.size else 0.0
            columns = regression.terms(predicted, truth, centre).sum(axis=0)
            relative_rows = int(regression.has_relative(predicted, truth).sum())
            sums = regression.error_sums(truth.size, columns, relative_rows)
            figures = {name: getattr(regression, name)(sums) for name in ("mae", "rmse", "bias", "r2", "mape")}
        return rounded(figures)

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ends of each figure's confidence interval, where it is finite."""
        order = np.lexsort((self.predicted, self.truth))
        truth, predicted = self.truth[order], self.predicted[order]
        with np.errstate(over="ignore", invalid="ignore"):
            centre = float(truth.mean()) if truth.size else 0.0
            columns = quality_sums.regression_terms(predicted, truth, centre).sum(axis=0)
            relative_rows = int(regression.has_relative(predicted, truth).sum())
        return _ends(measures.of_errors(*measures.split_errors(columns, truth.size, relative_rows), _SAMPLING))


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Round to significant digits and leave out what cannot be said (NaN) or held (infinite)."""
    return {name: float(f"{value:.{DIGITS}g}") for name, value in figures.items() if math.isfinite(value)}


def _ends(measured: Mapping[str, Measure]) -> dict[str, tuple[float, float]]:
    """Return the bounds of what was measured, rounded like the figures."""
    found = {name: measure.bounds for name, measure in measured.items()}
    return {
        name: (float(f"{ends.lower:.{_BOUND_DIGITS}g}"), float(f"{ends.upper:.{_BOUND_DIGITS}g}"))
        for name, ends in found.items()
        if ends is not None and math.isfinite(ends.lower) and math.isfinite(ends.upper)
    }


def _measured_scores(rows: ClassificationRows) -> dict[str, Measure]:
    if not rows.truth.size:
        return {}
    sides = [_side(rows.probabilities[:, column], is_class) for column, is_class in _one_against_the_rest(rows)]
    found = {"roc_auc": measures.of_areas(sides, rows.truth.size, _SAMPLING)}
    if (terms := _loss_terms(rows)) is not None:
        sums = LossSums(rows.truth.size, *quality_sums.loss_terms(*terms).sum(axis=0).tolist())
        found |= measures.of_losses(sums, _SAMPLING) | {"calibration_error": _calibration(rows)}
    return found


def _cells(rows: ClassificationRows) -> Counts:
    size = rows.number_of_classes
    return np.bincount(rows.truth * size + rows.predicted, minlength=size * size).reshape(size, size)


def _of_confusion(rows: ClassificationRows) -> dict[str, float]:
    cells = _cells(rows)
    return {
        "accuracy": classification.accuracy(cells),
        **(_binary(cells, rows.positive) if rows.positive is not None else _macro(cells)),
        "precision_weighted": classification.weighted_precision(cells),
        "recall_weighted": classification.weighted_recall(cells),
        "f1_weighted": classification.weighted_f1(cells),
    }


def _binary(cells: Counts, positive: int) -> dict[str, float]:
    return {name: getattr(classification, name)(cells, positive) for name in ("precision", "recall", "f1")}


def _macro(cells: Counts) -> dict[str, float]:
    return {name: getattr(classification, f"macro_{name}")(cells) for name in ("precision", "recall", "f1")}


def _of_scores(rows: ClassificationRows) -> dict[str, float]:
    """Return what probabilities can say; scores outside 0..1 are no probabilities and can only be ranked."""
    if not rows.truth.size:
        return {}
    figures = {"roc_auc": _area(rows)}
    if (terms := _loss_terms(rows)) is None:
        return figures
    losses, squares = terms
    losses_and_error = {"log_loss": float(losses.mean()), "brier": float(squares.mean())}
    return figures | losses_and_error | {"calibration_error": _calibration(rows).value}


def _loss_terms(rows: ClassificationRows) -> tuple[Floats, Floats] | None:
    """Return each row's log loss and Brier term, (n,); None for scores that are no probabilities."""
    if ((rows.probabilities < 0) | (rows.probabilities > 1)).any():
        return None
    if rows.positive is None:
        given = probability.probability_of(rows.probabilities, rows.truth)
        squares = probability.brier_terms_multiclass(rows.probabilities, rows.truth)
    else:
        is_positive, score = rows.truth == rows.positive, rows.probabilities[:, 0]
        given = np.where(is_positive, score, 1 - score)
        squares = probability.brier_terms_binary(score, is_positive)
    return probability.log_loss_terms(given), squares


def _calibration(rows: ClassificationRows) -> Measure:
    """Measure the positive class's probability, or of several classes the predicted one's."""
    if rows.positive is None:
        score, hit = probability.probability_of(rows.probabilities, rows.predicted), rows.predicted == rows.truth
    else:
        score, hit = rows.probabilities[:, 0], rows.truth == rows.positive
    return measures.of_calibration(np.unique(score), _side(score, hit), _SAMPLING)


def _area(rows: ClassificationRows) -> float:
    """Return the area under the ROC curve; multiclass: the mean of one against the rest, where both occur."""
    areas = [_area_of_one(rows.probabilities[:, column], is_class) for column, is_class in _one_against_the_rest(rows)]
    known = [area for area in areas if not math.isnan(area)]
    return sum(known) / len(known) if known else math.nan


def _one_against_the_rest(rows: ClassificationRows) -> list[tuple[int, Flags]]:
    """Return for each class that has an area of its own the column of its probability, and its rows."""
    if rows.positive is not None:
        return [(0, rows.truth == rows.positive)]
    return [(code, rows.truth == code) for code in range(rows.number_of_classes)]


def _area_of_one(score: Floats, is_positive: Flags) -> float:
    return ranking.roc_auc(*_side(score, is_positive))


def _side(score: Floats, is_positive: Flags) -> Side:
    distinct, place = np.unique(score, return_inverse=True)
    negative = np.bincount(place[~is_positive], minlength=distinct.size)
    positive = np.bincount(place[is_positive], minlength=distinct.size)
    return Side(negative, positive)
