"""The rows of a window slice by slice, from which follows how much they depend on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from exporter.counting import contributions
from exporter.counting.binning import Bins, bins_of
from exporter.counting.layout import Field, Layout, Span
from exporter.counting.packed import PackedContent, unpack, value_at
from exporter.counting.packed_vectors import sums_by
from exporter.significance.dependence import (
    INDEPENDENT,
    DesignEffects,
    design_effects,
    effect_on_mean,
    effects_of_columns,
    effects_of_groups,
)
from exporter.statistics.regression import COLUMNS

Counts = NDArray[np.int64]

_SIGNED, _SQUARED = COLUMNS.index("signed"), COLUMNS.index("squared")


@dataclass(frozen=True, eq=False)
class Slices:
    """What lies in each step of a window, in order of time: contents of one version, or of all."""

    layout: Layout
    contents: Sequence[Sequence[PackedContent]]

    def effects(self, field: Field) -> DesignEffects:
        """Return the design effects of a column."""
        return self._effects.get(field.span, INDEPENDENT)

    def effects_between(self, field: Field, by_window: Counts) -> DesignEffects:
        """Return the design effects that whole windows show, from their counts (k, size); see ``effects_of_groups``."""
        span = self._bins.spans.get(field.span)
        if span is None:
            return INDEPENDENT
        number = self._bins.number[field.span.start : field.span.start + field.slots] - span.start
        slots = by_window[:, field.span.start : field.span.start + field.slots]
        return effects_of_groups(np.stack([_binned(number, each, span.width) for each in slots]))

    @cached_property
    def of_features(self) -> float:
        """The median of the features' overall design effects, for what no bin holds: missing and invalid values."""
        effects = [self.effects(field).overall for field in self.layout.features]
        return float(np.median(effects)) if effects else 1.0

    @cached_property
    def of_errors(self) -> float:
        """The design effect on the model's errors: right or wrong of a class, the signed error of a number."""
        return self._of_residuals() if self.layout.is_regression else design_effects(self._right_and_wrong()).overall

    @cached_property
    def _effects(self) -> dict[Span, DesignEffects]:
        """The design effects of all columns that have bins: each is asked for, and together they take less time."""
        spans = self._bins.spans
        found = effects_of_columns(self._rows, [span.start for span in spans.values()])
        return dict(zip(spans, found, strict=True))

    @cached_property
    def _bins(self) -> Bins:
        return bins_of(self.layout)

    @cached_property
    def _rows(self) -> Counts:
        """Rows by slice and bin (t, bins)."""
        bins = self._bins
        # What is in no bin has the last number.
        by_slice = ((part.counts for part in parts) for parts in self.contents)
        return sums_by(by_slice, bins.number, bins.count + 1)[:, : bins.count]

    def _right_and_wrong(self) -> Counts:
        width, classes = contributions.cells_per_group(self.layout), self.layout.classes.capacity
        found = np.zeros((len(self.contents), 2), np.int64)
        for place, parts in enumerate(self.contents):
            for part in parts:
                cells = unpack(part.cells).between(0, width)
                true, predicted = np.divmod(cells.keys, classes)
                np.add.at(found[place], (true != predicted).astype(np.intp), cells.values)
        return found

    def _of_residuals(self) -> float:
        sums = np.array(
            [
                [
                    sum(value_at(part.cells, 0) for part in parts),
                    sum(value_at(part.quality, _SIGNED) for part in parts),
                    sum(value_at(part.quality, _SQUARED) for part in parts),
                ]
                for parts in self.contents
            ]
        ).reshape(-1, 3)
        return effect_on_mean(sums[:, 0], sums[:, 1], sums[:, 2])


def _binned(number: NDArray[np.int32], counts: Counts, bins: int) -> Counts:
    """Return the rows by bin (bins,) of counts with these bin numbers; numbers beyond the last are left out."""
    there = np.flatnonzero(counts)
    # Weights are floats, which hold whole numbers exactly up to 2 ** 53.
    return np.bincount(number[there], counts[there], bins + 1)[:bins].astype(np.int64)
