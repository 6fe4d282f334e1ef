"""A table of training data together with how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exporter.reference.columns import Numbers, Texts, kind_of, numbers, texts
from exporter.reference.numeric import numeric_column
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import CategoricalColumn, Column, NumericColumn
from exporter.reference.roles import required
from exporter.reference.times import times_of
from exporter.significance.rhythm import Likeness, likenesses

if TYPE_CHECKING:
    import pyarrow as pa


# Of a column with more, the others are looked at together.
_CATEGORIES = 20


@dataclass(frozen=True, eq=False)
class Source:
    table: pa.Table
    options: ProfileOptions

    @property
    def names(self) -> list[str]:
        return list(self.table.column_names)

    def numbers(self, name: str) -> Numbers:
        try:
            return numbers(self.table.column(name))
        except NotImplementedError as error:  # Arrow: no such conversion.
            kind = self.table.column(name).type
            raise ReferenceProblem(f"column {name!r} holds {kind}, which cannot be read as numbers") from error

    def texts(self, name: str) -> Texts:
        try:
            return texts(self.table.column(name), self.table.schema.field(name))
        except NotImplementedError as error:
            kind = self.table.column(name).type
            raise ReferenceProblem(f"column {name!r} holds {kind}, which cannot be read as categories") from error

    def output(self, name: str | None, part: str) -> Texts | Numbers | None:
        if name is None:
            return None
        required(name, part, self.names)
        return self.texts(name) if self.options.is_classification else self.numbers(name)

    @cached_property
    def times(self) -> NDArray[np.int64] | None:
        """Microseconds since the epoch, row by row; None where the reference does not say."""
        name = self.options.timestamp
        return times_of(self.table.column(name), self.options.time_format) if name in self.names else None

    def numeric_column(self, values: Numbers) -> NumericColumn:
        column = self._numeric_column(values)
        there = np.isfinite(values.values)
        bins = np.searchsorted(column.quantile_cuts, values.values[there], side="left")
        return replace(column, likenesses=self._likenesses(there, bins, len(column.quantile_cuts) + 1))

    def _likenesses(self, there: NDArray[np.bool_], bins: NDArray[np.intp], count: int) -> tuple[Likeness, ...]:
        if self.times is None or not there.any():
            return ()
        return likenesses(self.times[there], bins.astype(np.int64), count)

    def _numeric_column(self, values: Numbers) -> NumericColumn:
        return numeric_column(
            values.finite,
            rows=self.table.num_rows,
            missing=values.missing,
            invalid=values.invalid,
            bins=self.options.psi_bins,
            max_edges=self.options.max_edges,
        )

    def categorical_column(self, values: Texts) -> CategoricalColumn:
        there = values.codes >= 0
        # As many as are shown; the rare ones together.
        order = np.argsort(-values.counts, kind="stable")[:_CATEGORIES]
        bins = np.full(len(values.categories), len(order))
        bins[order] = np.arange(len(order))
        alike = self._likenesses(there, bins[values.codes[there]], len(order) + 1)
        return CategoricalColumn(
            values.categories, values.counts, self.table.num_rows, values.missing, values.domain, alike
        )

    def kind(self, feature: str, name: str) -> tuple[str | None, str]:
        """Return the kind of a feature and of its column ``name``; or None, and why it is no feature."""
        stated = self.options.kinds.get(feature)
        return (stated, "") if stated is not None else kind_of(self.table.column(name))

    def column(self, values: Texts | Numbers) -> Column:
        return self.categorical_column(values) if isinstance(values, Texts) else self.numeric_column(values)
