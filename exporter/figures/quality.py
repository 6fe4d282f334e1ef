"""How right the model was, where labels have come: overall, and in each segment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter import catalogue
from exporter import layout as positions
from exporter.figures import segments
from exporter.figures.segments import Group
from exporter.layout import Layout
from exporter.ledger import Totals
from exporter.score_bins import BITS
from exporter.snapshot import Sample
from exporter.statistics import classification, ranking, regression
from exporter.statistics.regression import ErrorSums
from exporter.tally import Tally
from exporter.window_view import WindowView

Matrix = NDArray[np.int64]

_BINARY = {
    "precision": classification.precision,
    "recall": classification.recall,
    "f1": classification.f1,
}
_MULTICLASS = {
    "precision": classification.macro_precision,
    "recall": classification.macro_recall,
    "f1": classification.macro_f1,
    "precision_weighted": classification.weighted_precision,
    "recall_weighted": classification.weighted_recall,
    "f1_weighted": classification.weighted_f1,
}
_REGRESSION = {
    "mae": regression.mae,
    "rmse": regression.rmse,
    "bias": regression.bias,
    "r2": regression.r2,
    "mape": regression.mape,
}
# Up to so many classes every confusion cell is there from the start, at 0.
_FEW_CLASSES = 10


class Figure(NamedTuple):
    """A figure and the labelled rows that it rests on; NaN where it cannot be said."""

    value: float
    rows: int


def window_figures(view: WindowView) -> Iterator[Sample]:
    if view.layout.model.labels is None:
        return
    folded, groups = segments.shown(view)
    for group in groups:
        yield from _samples(view, group, _figures(folded, group.number))
    yield from _cells(view)


def counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    """Yield the confusion cells of settled labels."""
    if layout.model.labels is None or layout.is_regression:
        return
    matrix = totals.cells.reshape(layout.classes.capacity, -1)
    for true, predicted in _shown_cells(layout, matrix):
        names = (layout.classes.text(predicted), layout.classes.text(true))
        yield Sample(catalogue.CONFUSION_ROWS, (layout.model.name, version, *names), int(matrix[true, predicted]))


def _samples(view: WindowView, group: Group, figures: Mapping[str, Figure]) -> Iterator[Sample]:
    profile = view.layout.profile
    baseline = profile.baselines.get((group.segment_by, group.segment)) if profile else None
    for metric, figure in figures.items():
        labels = (*view.labels, metric, group.segment_by, group.segment, view.window)
        yield Sample(catalogue.QUALITY_ROWS, labels, figure.rows)
        if not math.isnan(figure.value):
            yield Sample(catalogue.QUALITY, labels, figure.value)
        if baseline is not None and metric in baseline.figures:
            yield Sample(catalogue.QUALITY_BASELINE, labels, baseline.figures[metric])


def _figures(view: WindowView, group: int) -> Mapping[str, Figure]:
    if view.layout.is_regression:
        rows, relative_rows = view.group_cells(group).dense(2).tolist()
        sums = regression.error_sums(rows, view.quality[group], relative_rows)
        return {metric: Figure(figure(sums), _rows_of(metric, sums)) for metric, figure in _REGRESSION.items()}
    return _class_figures(view, group) | _score_figures(view, group)


def _rows_of(metric: str, sums: ErrorSums) -> int:
    return sums.relative_rows if metric == "mape" else sums.rows


def _class_figures(view: WindowView, group: int) -> dict[str, Figure]:
    matrix, positive = _matrix(view.layout, view.group_cells(group))
    rows = int(matrix.sum())
    figures = {"accuracy": classification.accuracy(matrix)}
    if view.layout.model.task == "binary":
        figures |= {metric: figure(matrix, positive) for metric, figure in _BINARY.items()}
    else:
        figures |= {metric: figure(matrix) for metric, figure in _MULTICLASS.items()}
    return {metric: Figure(value, rows) for metric, value in figures.items()}


def _matrix(layout: Layout, cells: Tally) -> tuple[Matrix, int]:
    """Return the confusion matrix (true, predicted) of the classes that occur, and the positive class's place in it."""
    true, predicted = np.divmod(cells.keys, layout.classes.capacity)
    # Regard the positive class as occurring: a window without it has a recall of 0, not none.
    positive = layout.positive or 0
    always = [] if layout.positive is None else [positive]
    used = np.unique(np.concatenate((true, predicted, always)).astype(np.int64))
    matrix = np.zeros((len(used), len(used)), np.int64)
    matrix[np.searchsorted(used, true), np.searchsorted(used, predicted)] = cells.values
    return matrix, int(np.searchsorted(used, positive)) if always else 0


def _score_figures(view: WindowView, group: int) -> dict[str, Figure]:
    layout = view.layout
    if not layout.score_columns:
        return {}
    sides = [_sides(view, group * layout.score_classes + column) for column in range(layout.score_classes)]
    if layout.model.task == "binary":
        rows = int(sides[0][0].sum() + sides[0][1].sum())
    else:
        rows = int(sum(positive.sum() for _, positive in sides))
    areas = [area for negative, positive in sides if not math.isnan(area := ranking.roc_auc(negative, positive))]
    sums = view.quality[group]
    return {
        "roc_auc": Figure(sum(areas) / len(areas) if areas else math.nan, rows),
        "log_loss": Figure(_mean(sums[positions.LOG_LOSS], rows), rows),
        "brier": Figure(_mean(sums[positions.BRIER], rows), rows),
    }


def _mean(total: float, rows: int) -> float:
    """Return the mean of terms none of which is negative; a correction may leave rounding below zero."""
    return max(float(total), 0.0) / rows if rows else math.nan


def _sides(view: WindowView, row: int) -> tuple[Matrix, Matrix]:
    """Return the counts of the other classes' rows and of the class's own, by ascending score."""
    both = view.scores.counts.between((2 * row) << BITS, (2 * row + 2) << BITS)
    own, bins = np.divmod(both.keys, 1 << BITS)
    distinct, place = np.unique(bins, return_inverse=True)
    counts = np.zeros((2, len(distinct)), np.int64)
    counts[own, place] = both.values
    return counts[0], counts[1]


def _cells(view: WindowView) -> Iterator[Sample]:
    layout = view.layout
    if layout.is_regression:
        return
    matrix = view.group_cells(0).dense(layout.classes.capacity**2).reshape(layout.classes.capacity, -1)
    for true, predicted in _shown_cells(layout, matrix):
        names = (layout.classes.text(predicted), layout.classes.text(true))
        yield Sample(catalogue.CONFUSION_WINDOW_ROWS, (*view.labels, *names, view.window), int(matrix[true, predicted]))


def _shown_cells(layout: Layout, matrix: Matrix) -> Iterator[tuple[int, int]]:
    shown = matrix != 0
    known = layout.classes.known
    if known <= _FEW_CLASSES:
        shown[:known, :known] = True
    yield from zip(*(axis.tolist() for axis in np.nonzero(shown)), strict=True)
