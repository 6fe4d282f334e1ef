"""The bins of each column: those of PSI for numbers, the reference's most frequent categories and all others together.

They follow from the reference and the configuration alone, so that what is counted by them adds up over a fleet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import CategoricalField, Field, Layout, NumericField, Span, reference_counts
from exporter.statistics.arrays import Counts
from exporter.statistics.slots import bin_counts

Codes = NDArray[np.intp]


def shown_codes(layout: Layout, field: CategoricalField) -> Codes:
    """Return the codes of the reference's most frequent categories, of equals the first by text."""
    # Known categories are sorted by text, so a stable order of their counts is enough.
    counts = reference_counts(field)[: field.dictionary.known]
    return np.argsort(-counts, kind="stable")[: layout.model.limits.bins]


def by_bin(layout: Layout, field: Field, counts: Counts) -> Counts:
    """Gather a column's counts by slot or code into counts by bin."""
    if isinstance(field, NumericField):
        return bin_counts(field.index.edges, counts, field.cuts)
    shown = counts[shown_codes(layout, field)]
    return np.append(shown, counts.sum() - shown.sum())


def reference_by_bin(layout: Layout, field: Field) -> Counts:
    """Return the reference's rows of a column by bin."""
    return field.reference_bins if isinstance(field, NumericField) else by_bin(layout, field, reference_counts(field))


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Where every position of a layout's counts goes: ``number`` (size,), and each column's numbers by its name.

    Positions that are in no bin have the last number, ``count``.
    """

    number: NDArray[np.int32]
    spans: dict[Span, Span]
    count: int


def bins_of(layout: Layout) -> Bins:
    """Number the bins of all columns that the reference has, one column after the other."""
    fields = [field for field in (*layout.features, *_outputs(layout)) if field.column is not None]
    number, spans, first = np.full(layout.size, -1, np.int32), {}, 0
    for field in fields:
        inside, width = _bins_of_field(layout, field)
        number[field.span.start : field.span.start + field.slots] = first + inside
        spans[field.span] = Span(first, width)
        first += width
    number[number < 0] = first
    return Bins(number, spans, first)


def _outputs(layout: Layout) -> tuple[Field, ...]:
    return layout.prediction, layout.score, layout.label


def _bins_of_field(layout: Layout, field: Field) -> tuple[Codes, int]:
    """Return the bin of each slot or code from 0, and how many bins there are."""
    if isinstance(field, NumericField):
        assert field.column is not None  # bins_of() has seen to it
        of_edges = np.searchsorted(field.cuts, field.column.edges, side="left")
        # A gap lies in the bin of the edge above it, since every cut is an edge; the last gap in the last bin.
        return np.append(np.repeat(of_edges, 2), len(field.cuts)), len(field.cuts) + 1
    codes = shown_codes(layout, field)
    inside = np.full(field.slots, len(codes))
    inside[codes] = np.arange(len(codes))
    return inside, len(codes) + 1
