"""How right the model was, where labels have come: overall, and in each segment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from exporter import catalogue
from exporter.catalogue import WAITING
from exporter.counting.layout import Layout
from exporter.counting.measures import Measure
from exporter.figures import label_state, quality_limits, relative_errors, segments
from exporter.figures.quality_measures import measured
from exporter.figures.segments import Group
from exporter.ledger.ledger import Totals
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Sample

Matrix = NDArray[np.int64]

# Up to so many classes every confusion cell is there from the start, at 0.
_FEW_CLASSES = 10


def window_figures(view: WindowView) -> Iterator[Sample]:
    if view.layout.model.labels is None:
        return
    current = label_state.state(view)
    if current is not None:
        yield from label_state.samples(view, current)
    # While labels are waited for, those that have come are a selection: there is nothing to be judged yet.
    level = None if current in (None, WAITING) else quality_limits.level_of(view)
    folded, groups = segments.shown(view)
    for group in groups:
        yield from _samples(view, group, measured(folded, group.number), level)
    yield from _cells(view)


def counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    """Yield the confusion cells of settled labels."""
    if layout.model.labels is None or layout.is_regression:
        return
    matrix = totals.cells.reshape(layout.classes.capacity, -1)
    for true, predicted in _shown_cells(layout, matrix):
        names = (layout.classes.text(predicted), layout.classes.text(true))
        yield Sample(catalogue.CONFUSION_ROWS, (layout.model.name, version, *names), int(matrix[true, predicted]))


def _samples(view: WindowView, group: Group, figures: Mapping[str, Measure], level: float | None) -> Iterator[Sample]:
    """Yield the figures of a group; their thresholds, too, if there is a ``level`` for them."""
    profile, judgement = view.layout.profile, view.layout.model.quality
    baseline = profile.baselines.get((group.segment_by, group.segment)) if profile else None
    for metric, figure in figures.items():
        where, window = (*view.labels, metric, group.segment_by, group.segment), view.window
        yield Sample(catalogue.QUALITY_ROWS, (*where, window), figure.rows)
        if not math.isnan(figure.value):
            yield Sample(catalogue.QUALITY, (*where, window), figure.value)
        if figure.bounds is not None:
            yield Sample(catalogue.QUALITY_LOWER, (*where, window), figure.bounds.lower)
            yield Sample(catalogue.QUALITY_UPPER, (*where, window), figure.bounds.upper)
        if baseline is not None and metric in baseline.figures:
            yield Sample(catalogue.QUALITY_BASELINE, (*where, window), baseline.figures[metric])
        if level is None:
            continue
        weight = relative_errors.weight(metric, figures, baseline)
        found = quality_limits.thresholds(
            judgement, metric, figure, baseline, level, overall=group.number == 0, weight=weight
        )
        for severity, bound, value in found:
            yield Sample(catalogue.QUALITY_THRESHOLD, (*where, severity, bound, window), value)


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
