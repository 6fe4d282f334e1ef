"""How far the window's distributions are from the reference's, and from when on that is worth a warning."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from exporter import catalogue
from exporter.counting.layout import Field
from exporter.figures.distances import Classes, scores
from exporter.figures.reference_side import Data, compared
from exporter.ledger.window_view import WindowView
from exporter.significance.dependence import DesignEffects
from exporter.snapshot import Sample

Labels = tuple[str, ...]


def window_figures(view: WindowView) -> Iterator[Sample]:
    layout = view.layout
    if layout.model.reference is None:
        return
    for field in layout.features:
        yield from _column(view, field, "data", field.name)
    yield from _column(view, layout.prediction, "prediction")
    yield from _column(view, layout.score, "score")
    yield from _column(view, layout.label, "label")


def _column(view: WindowView, field: Field, kind: str, feature: str = "") -> Iterator[Sample]:
    for reference, data, effects in compared(view, field):
        yield from _against(view, data, effects, (*view.labels, kind, feature), (reference, view.window))


def _against(view: WindowView, data: Data, effects: DesignEffects, about: Labels, rest: Labels) -> Iterator[Sample]:
    """Yield the rows and, of a whole window with rows enough, each method's score and what it is to be held against.

    ``about`` and ``rest`` are the labels before and after that of the method.
    """
    drift, rows = view.layout.model.drift, data.rows
    yield Sample(catalogue.DRIFT_ROWS, (*about, *rest), rows)
    if not view.complete or rows < max(drift.min_rows, 1):
        return
    found = {method: score for method, score in scores(data, drift) if not math.isnan(score)}
    for method, score in found.items():
        yield Sample(catalogue.DRIFT_SCORE, (*about, method, *rest), score)
    if view.slices is not None:
        worth = rows / (effects.overall if isinstance(data, Classes) else effects.cumulated)
        yield Sample(catalogue.DRIFT_EFFECTIVE_ROWS, (*about, *rest), worth)
        yield from _judged(view, data, found, effects, about, rest)


def _judged(
    view: WindowView, data: Data, found: Mapping[str, float], effects: DesignEffects, about: Labels, rest: Labels
) -> Iterator[Sample]:
    # Loads SciPy, which only models with a reference need.
    from exporter.figures.drift_thresholds import judge

    reference, window = rest
    for method, verdict in judge(view, data, found, effects).items():
        yield Sample(catalogue.DRIFT_P_VALUE, (*about, method, *rest), verdict.p_value)
        for severity, threshold in verdict.thresholds.items():
            yield Sample(catalogue.DRIFT_THRESHOLD, (*about, method, reference, severity, window), threshold)
