"""What a column of a window is compared with: the reference, or itself some time ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import CategoricalField, Field, NumericField, reference_counts
from exporter.figures.distances import Classes, Numbers
from exporter.ledger.window_view import PastCounts, WindowView
from exporter.reference.profile import NumericColumn
from exporter.significance.dependence import INDEPENDENT, DesignEffects
from exporter.significance.rhythm import effects_of, larger
from exporter.statistics.slots import bin_counts

Counts = NDArray[np.int64]
Data = Numbers | Classes


class Compared(NamedTuple):
    """A column beside one of its references, by the name of that; ``effects`` say what the rows are worth."""

    reference: str
    data: Data
    effects: DesignEffects


def compared(view: WindowView, field: Field) -> Iterator[Compared]:
    """Yield a column beside each of its references: the profile's first, then those that have rows."""
    reference = view.layout.model.reference
    if field.column is None or reference is None:
        return
    effects = _effects(view, field)
    yield Compared(reference.name, _data(view, field), effects)
    for name, past in view.pasts.items():
        if _slots(field, past).any():
            # Whole windows differ by more than the slices of one tell.
            between = view.slices.effects_between(field, past.by_window) if view.slices else INDEPENDENT
            yield Compared(name, _data(view, field, past), larger(effects, between))


def _effects(view: WindowView, field: Field) -> DesignEffects:
    # Where nothing is judged nobody asks.
    if view.slices is None:
        return INDEPENDENT
    return larger(view.design_effects(field), _of_the_reference(view, field))


def _of_the_reference(view: WindowView, field: Field) -> DesignEffects:
    """Return the design effects that windows of the reference have; 1 where nothing is judged."""
    if view.judged is None or view.judged.length is None or field.column is None:
        return INDEPENDENT
    return effects_of(field.column.likenesses, view.judged.length, int(view.slots(field.span, field.slots).sum()))


def _data(view: WindowView, field: Field, past: PastCounts | None = None) -> Data:
    counts = view.slots(field.span, field.slots)
    if isinstance(field, CategoricalField):
        return Classes(reference_counts(field) if past is None else _slots(field, past), counts)
    bins, sums = bin_counts(field.index.edges, counts, field.cuts), view.sums[field.sums.start : field.sums.stop]
    return Numbers(_column(field, past), counts, sums, _reference_bins(field, past), bins)


def _column(field: NumericField, past: PastCounts | None) -> NumericColumn:
    """Return the reference's column; of the past with its own rows, on the same edges and by the same spread."""
    assert field.column is not None  # compared() has seen to it
    if past is None:
        return field.column
    return replace(field.column, counts=_slots(field, past), sums=past.sums[field.sums.start : field.sums.stop])


def _reference_bins(field: NumericField, past: PastCounts | None) -> Counts:
    if past is None:
        return field.reference_bins
    return bin_counts(field.index.edges, _slots(field, past), field.cuts)


def _slots(field: Field, past: PastCounts) -> Counts:
    return past.counts[field.span.start : field.span.start + field.slots]
