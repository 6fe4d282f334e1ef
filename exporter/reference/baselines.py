"""Quality of the model on its own reference: what later quality is compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.reference.profile import Counts, Floats
from exporter.statistics import classification, probability, ranking, regression

Flags = NDArray[np.bool_]

# Figures are rounded to so many significant digits, so that the profile's hash does not hang on the
# last bits of a machine's logarithm.
DIGITS = 12


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
        scored = rows.where(~np.isnan(rows.probabilities.sum(axis=1)))
        return rounded(_of_confusion(rows) | _of_scores(scored))


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


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Round to significant digits and leave out what cannot be said (NaN) or held (infinite)."""
    return {name: float(f"{value:.{DIGITS}g}") for name, value in figures.items() if math.isfinite(value)}


def _of_confusion(rows: ClassificationRows) -> dict[str, float]:
    size = rows.number_of_classes
    cells = np.bincount(rows.truth * size + rows.predicted, minlength=size * size).reshape(size, size)
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
    if ((rows.probabilities < 0) | (rows.probabilities > 1)).any():
        return figures
    if rows.positive is None:
        given = probability.probability_of(rows.probabilities, rows.truth)
        squares = probability.brier_terms_multiclass(rows.probabilities, rows.truth)
    else:
        is_positive, score = rows.truth == rows.positive, rows.probabilities[:, 0]
        given = np.where(is_positive, score, 1 - score)
        squares = probability.brier_terms_binary(score, is_positive)
    return figures | {"log_loss": float(probability.log_loss_terms(given).mean()), "brier": float(squares.mean())}


def _area(rows: ClassificationRows) -> float:
    """Return the area under the ROC curve; multiclass: the mean of one against the rest, where both occur."""
    if rows.positive is not None:
        return _area_of_one(rows.probabilities[:, 0], rows.truth == rows.positive)
    areas = [_area_of_one(rows.probabilities[:, c], rows.truth == c) for c in range(rows.number_of_classes)]
    known = [area for area in areas if not math.isnan(area)]
    return sum(known) / len(known) if known else math.nan


def _area_of_one(score: Floats, is_positive: Flags) -> float:
    distinct, place = np.unique(score, return_inverse=True)
    negative = np.bincount(place[~is_positive], minlength=distinct.size)
    positive = np.bincount(place[is_positive], minlength=distinct.size)
    return ranking.roc_auc(negative, positive)
