"""Values that are missing, unusable, out of the reference's range, or of a category that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter import layout as positions
from exporter.layout import Field, NumericField
from exporter.snapshot import Sample
from exporter.statistics.slots import above_range, below_range
from exporter.window_view import WindowView


def window_figures(view: WindowView) -> Iterator[Sample]:
    rows = view.count(positions.SUCCESSFUL)
    for field in view.layout.features:
        yield Sample(catalogue.DATA_QUALITY_ROWS, (*view.labels, field.name, view.window), rows)
        for check, ratio in _ratios(view, field, rows):
            yield Sample(catalogue.DATA_QUALITY_RATIO, (*view.labels, check, field.name, view.window), ratio)


def _ratios(view: WindowView, field: Field, rows: int) -> Iterator[tuple[str, float]]:
    if rows:
        yield "missing", int(view.counts[field.missing]) / rows
        yield "invalid", int(view.counts[field.invalid]) / rows
    counts = view.slots(field.span, field.slots)
    there = int(counts.sum())
    if not there or field.column is None:
        return
    if isinstance(field, NumericField):
        yield "out_of_range", (below_range(counts) + above_range(counts)) / there
    else:
        yield "unseen_category", int(counts[field.dictionary.known :].sum()) / there
