"""Quality of the labelled rows of one group of a window, measured from its counts and sums."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from exporter.counting import measures
from exporter.counting.layout import Layout
from exporter.counting.measures import LossSums, Measure, Side
from exporter.counting.score_bins import BITS, score_of
from exporter.counting.tally import Tally
from exporter.ledger.window_view import WindowView
from exporter.statistics.arrays import Floats
from exporter.statistics.bounds import Sampling

Matrix = NDArray[np.int64]


def measured(view: WindowView, group: int) -> Mapping[str, Measure]:
    """Return the figures of a group by metric."""
    layout = view.layout
    sampling = Sampling(layout.model.quality.confidence, view.design_effect("label"))
    if layout.is_regression:
        rows, relative_rows = view.group_cells(group).dense(2).tolist()
        return measures.of_errors(*measures.split_errors(view.quality[group], rows, relative_rows), sampling)
    matrix, positive = _matrix(layout, view.group_cells(group))
    found = measures.of_classes(matrix, positive, sampling)
    return found | _scores(view, group, sampling)


def _matrix(layout: Layout, cells: Tally) -> tuple[Matrix, int | None]:
    """Return the confusion matrix (true, predicted) of the classes that occur, and the positive class's place in it."""
    true, predicted = np.divmod(cells.keys, layout.classes.capacity)
    # Regard the positive class as occurring: a window without it has a recall of 0, not none.
    always = [] if layout.positive is None else [layout.positive]
    used = np.unique(np.concatenate((true, predicted, always)).astype(np.int64))
    matrix = np.zeros((len(used), len(used)), np.int64)
    matrix[np.searchsorted(used, true), np.searchsorted(used, predicted)] = cells.values
    return matrix, None if layout.positive is None else int(np.searchsorted(used, layout.positive))


def _scores(view: WindowView, group: int, sampling: Sampling) -> dict[str, Measure]:
    layout = view.layout
    if not layout.score_columns:
        return {}
    sides = [_side(view, group * layout.score_rows + column) for column in range(layout.score_classes)]
    if layout.model.task == "binary":
        rows = int(sides[0].negative.sum() + sides[0].positive.sum())
    else:
        rows = int(sum(side.positive.sum() for side in sides))
    losses = LossSums(rows, *view.quality[group, : len(LossSums._fields) - 1].tolist())
    found = {"roc_auc": measures.of_areas(sides, rows, sampling)} | measures.of_losses(losses, sampling)
    # Of several classes it is about the predicted one's probability, which comes last.
    last = group * layout.score_rows + layout.score_rows - 1
    return found | {"calibration_error": measures.of_calibration(*_scored_side(view, last), sampling)}


def _side(view: WindowView, row: int) -> Side:
    """Return the counts of the other classes' rows and of the class's own, by ascending score."""
    return _scored_side(view, row)[1]


def _scored_side(view: WindowView, row: int) -> tuple[Floats, Side]:
    """Return the same with the scores (b,)."""
    both = view.scores.counts.between((2 * row) << BITS, (2 * row + 2) << BITS)
    own, bins = np.divmod(both.keys, 1 << BITS)
    distinct, place = np.unique(bins, return_inverse=True)
    counts = np.zeros((2, len(distinct)), np.int64)
    counts[own, place] = both.values
    return score_of(distinct, view.scores.level), Side(counts[0], counts[1])
