"""What each labelled row adds to the sums that losses, errors and their bounds come from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.counting import layout as positions
from exporter.counting.layout import QUALITY_SUMS, Layout
from exporter.counting.tally import NO_SUMS, Keys, Tally
from exporter.statistics import probability, r2_bounds, regression
from exporter.statistics.arrays import Flags, Floats

Indices = NDArray[np.intp]

# Powers of absurd errors stay finite, and so does the sum of as many of them as there can be: it can be undone.
_GREATEST = 1e290


def terms(layout: Layout, predicted: Floats, label: Floats, scores: Floats) -> tuple[Floats, Flags]:
    """Return the terms (n, columns) of rows with predictions and labels (n,), and which rows (n,) have any.

    ``scores`` is (n, c), NaN where a row has none; columns are those of ``exporter.counting.layout``.
    """
    if layout.is_regression:
        columns = regression_terms(predicted, label, layout.label_centre)
        return columns, np.ones(len(columns), dtype=bool)
    if not scores.shape[1]:
        return np.empty((len(label), 0)), np.zeros(len(label), dtype=bool)
    known = ~np.isnan(scores[:, 0])
    if layout.model.task == "binary":
        positive, score = label[known] == layout.positive, scores[known, 0]
        losses = probability.log_loss_terms(np.where(positive, score, 1.0 - score))
        squares = probability.brier_terms_binary(score, positive)
    else:
        known &= label < scores.shape[1]
        true = label[known].astype(np.intp)
        losses = probability.log_loss_terms(scores[known, true])
        squares = probability.brier_terms_multiclass(scores[known], true)
    columns = np.zeros((len(label), 4))
    columns[known] = loss_terms(losses, squares)
    return columns, known


def loss_terms(losses: Floats, squares: Floats) -> Floats:
    """Return the terms (n, 4) of rows whose losses and Brier terms (n,) are given."""
    columns = np.empty((len(losses), 4))
    columns[:, positions.LOG_LOSS], columns[:, positions.BRIER] = losses, squares
    columns[:, positions.LOG_LOSS_SQUARED], columns[:, positions.BRIER_SQUARED] = losses**2, squares**2
    return columns


def regression_terms(predicted: Floats, label: Floats, centre: float) -> Floats:
    """Return the terms (n, QUALITY_SUMS) of a regression."""
    columns = np.empty((len(label), QUALITY_SUMS))
    columns[:, positions.ERRORS] = regression.terms(predicted, label, centre)
    with np.errstate(over="ignore"):
        columns[:, positions.RELATIVE_SQUARED] = columns[:, regression.COLUMNS.index("relative")] ** 2
    columns[:, positions.MOMENTS] = r2_bounds.moment_terms(predicted, label, centre)
    if not (np.abs(columns) <= _GREATEST).all():
        np.clip(np.nan_to_num(columns, copy=False, nan=0.0), -_GREATEST, _GREATEST, out=columns)
    return columns


class QualitySums:
    """Grows a list of rows, the group of each, and the columns of its terms."""

    def __init__(self, groups: int, columns: Floats) -> None:
        self._groups = groups
        self._columns = columns
        self._rows: list[Indices] = []
        self._group: list[Keys] = []

    def add(self, rows: Indices, group: Keys) -> None:
        if len(rows):
            self._rows.append(rows)
            self._group.append(group)

    def by_pane(self, pane: Indices, panes: int) -> list[Tally]:
        """Add the terms up by group and column for each of ``panes``, given the ``pane`` of each row."""
        width = self._columns.shape[1]
        if not self._rows or not width:
            return [NO_SUMS] * panes
        rows = np.concatenate(self._rows)
        group = pane[rows] * self._groups + np.concatenate(self._group)
        order = np.argsort(group, kind="stable")
        ordered = group[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        sums = np.add.reduceat(self._columns[rows[order]], starts, axis=0)
        keys = (ordered[starts][:, np.newaxis] * QUALITY_SUMS + np.arange(width)).reshape(-1)
        whole = Tally(keys, sums.reshape(-1))
        return whole.apart(panes, self._groups * QUALITY_SUMS)
