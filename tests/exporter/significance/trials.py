"""Windows and references drawn from one distribution, and what the shipped default methods make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

from exporter.configuration.drift import Drift
from exporter.configuration.drift_floors import DEFAULTS
from exporter.figures.distances import CATEGORICAL, NUMERIC, Classes, Numbers
from exporter.reference import numeric
from exporter.reference.numeric import numeric_column
from exporter.reference.profile import NumericColumn
from exporter.significance.dependence import INDEPENDENT, DesignEffects
from exporter.significance.drift import Nulls, categorical_nulls, numeric_nulls
from exporter.significance.overlap import shared_level
from exporter.significance.table import NullTable
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.slots import bin_counts
from tests.exporter.statistics.raw import slots_of

DRIFT = Drift()
# So many references draw their null distributions themselves.
TABLES = 4
Draw = Callable[[np.random.Generator, int], Floats]


class Judged(NamedTuple):
    """Scores by method, and their distributions by chance."""

    scores: dict[str, float]
    nulls: Nulls

    def p_values(self) -> dict[str, float]:
        return {method: null.p_value(self.scores[method]) for method, null in self.nulls.by_method.items()}

    def level(self, together: float) -> float:
        """Return the level of each method so that all have the one stated."""
        return shared_level(self.nulls.correlation, together)

    def by_chance(self, together: float) -> bool:
        """Say whether any score is above its critical value, floors left out."""
        level = self.level(together)
        return any(self.scores[method] > null.critical(level) for method, null in self.nulls.by_method.items())

    def warned(self, together: float) -> bool:
        """Say whether any score is above its critical value and above its floor for a warning."""
        level = self.level(together)
        return any(
            self.scores[method] > max(null.critical(level), DEFAULTS[method]["warning"])
            for method, null in self.nulls.by_method.items()
        )


@cache
def _tables(draw: Draw, rows: int) -> tuple[NullTable | None, ...]:
    return tuple(column_of(draw(np.random.default_rng(seed), rows)).null for seed in range(TABLES))


def references(draw: Draw, rows: int, count: int, seed: int) -> Iterator[NumericColumn]:
    """Yield columns of samples of a distribution.

    Each has the null distribution of one of a few samples of the same one, since drawing it is what takes time. So what
    is tried out with them varies as much as with references of their own.
    """
    random, tables = np.random.default_rng(seed), _tables(draw, rows)
    for number in range(count):
        with patch.object(numeric, "null_table", return_value=tables[number % TABLES]):
            column = column_of(draw(random, rows))
        yield column


def column_of(values: Floats, max_edges: int = 2000) -> NumericColumn:
    return numeric_column(values, rows=values.size, missing=0, invalid=0, bins=DRIFT.psi.bins, max_edges=max_edges)


def numbers(column: NumericColumn, values: Floats) -> Numbers:
    found = slots_of(column.edges, values)
    cuts = column.quantile_cuts
    reference_bins = bin_counts(column.edges, column.counts, cuts)
    return Numbers(column, found.counts, found.sums, reference_bins, bin_counts(column.edges, found.counts, cuts))


def judged(
    column: NumericColumn,
    values: Floats,
    effects: DesignEffects = INDEPENDENT,
    methods: Sequence[str] = DRIFT.numeric,
) -> Judged:
    data = numbers(column, values)
    scores = {method: NUMERIC[method](data, DRIFT) for method in methods}
    scores = {method: score for method, score in scores.items() if not np.isnan(score)}
    bins = data.reference_bins, data.bins
    return Judged(scores, numeric_nulls(column, data.counts, bins, tuple(scores), effects, floor=DRIFT.psi.floor))


def judged_classes(reference: Counts, current: Counts, methods: Sequence[str] = DRIFT.categorical) -> Judged:
    data = Classes(reference, current)
    scores = {method: CATEGORICAL[method](data, DRIFT) for method in methods}
    return Judged(scores, categorical_nulls(reference, current, methods, INDEPENDENT, floor=DRIFT.psi.floor))
