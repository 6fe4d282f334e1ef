"""How the values of a feature are spread over bins, beside the reference.

Bins follow from the reference alone, so that the counters of a fleet add up: the bins of PSI for numbers, the most
frequent categories of the reference for categories.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from exporter import catalogue
from exporter.counting.binning import by_bin, reference_by_bin, shown_codes
from exporter.counting.layout import CategoricalField, Field, Layout
from exporter.ledger.ledger import Totals
from exporter.rows.dictionary import OTHER
from exporter.snapshot import Sample

# Significant ones, of the edges in the names of bins; with the most a number is what it was.
_FEWEST_DIGITS, _MOST_DIGITS = 4, 17


def reference_ratios(layout: Layout) -> Iterator[Sample]:
    if layout.model.reference is None:
        return
    for field in _binned(layout):
        counts = reference_by_bin(layout, field)
        labels = (layout.model.name, field.name, layout.model.reference.name)
        for name, count in zip(_names(layout, field), counts.tolist(), strict=True):
            yield Sample(catalogue.FEATURE_BIN_REFERENCE, (*labels, name), count / int(counts.sum()))


def counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    labels = (layout.model.name, version)
    for field in _binned(layout):
        counts = by_bin(layout, field, totals.counts[field.span.start : field.span.start + field.slots])
        for name, count in zip(_names(layout, field), counts.tolist(), strict=True):
            yield Sample(catalogue.FEATURE_BIN_ROWS, (*labels, field.name, name), count)


def _binned(layout: Layout) -> Iterator[Field]:
    """Yield the features of which the reference has a value."""
    return (field for field in layout.features if field.column is not None and field.column.counts.any())


def _names(layout: Layout, field: Field) -> list[str]:
    if isinstance(field, CategoricalField):
        return [*(field.dictionary.text(code) for code in shown_codes(layout, field).tolist()), OTHER]
    return interval_names(field.cuts.tolist())


def interval_names(cuts: list[float]) -> list[str]:
    """Name the bins (a, b] between increasing cuts so that they sort as texts; the outer ones are open.

    >>> interval_names([0.5, 3.0])
    ['01 (-Inf, 0.5]', '02 (0.5, 3]', '03 (3, +Inf]']
    """
    edges = ["-Inf", *_readable(cuts), "+Inf"]
    digits = max(len(str(len(cuts) + 1)), 2)
    return [f"{number:0{digits}} ({low}, {high}]" for number, (low, high) in enumerate(pairwise(edges), 1)]


def _readable(cuts: list[float]) -> list[str]:
    """Return increasing numbers with no more digits than tell them apart, and than place them within a hundredth of the gaps
    between them.

    >>> _readable([0.5468000000000001, 1.9427999999999996, 1234567.8])
    ['0.5468', '1.943', '1235000']
    """
    gaps = [math.inf, *(high - low for low, high in pairwise(cuts)), math.inf]
    # Of each the smaller gap beside it.
    room = [min(pair) for pair in pairwise(gaps)]
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS):
        rounded = [float(f"{cut:.{digits}g}") for cut in cuts]
        if all(
            math.isfinite(near) and abs(near - cut) <= gap / 100
            for near, cut, gap in zip(rounded, cuts, room, strict=False)
        ):
            return [_plain(number) for number in rounded]
    return [_plain(cut) for cut in cuts]


def _plain(number: float) -> str:
    return repr(number).removesuffix(".0")
