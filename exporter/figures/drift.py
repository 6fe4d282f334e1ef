"""How far the window's distributions are from the reference's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter import catalogue
from exporter.configuration.sections import Drift
from exporter.layout import CategoricalField, Field, NumericField, reference_counts
from exporter.reference.profile import NumericColumn
from exporter.snapshot import Sample
from exporter.statistics.chi_square import cramers_v
from exporter.statistics.jensen_shannon import jensen_shannon
from exporter.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from exporter.statistics.l_infinity import l_infinity
from exporter.statistics.population_stability import population_stability
from exporter.statistics.slots import bin_counts
from exporter.statistics.wasserstein import wasserstein
from exporter.window_view import WindowView

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


class Numbers(NamedTuple):
    """A numeric column of the reference and of the window: counts by slot, sums by gap, and counts by bin of PSI."""

    column: NumericColumn
    counts: Counts
    sums: Floats
    reference_bins: Counts
    bins: Counts


class Classes(NamedTuple):
    """Counts by category of the reference and of the window."""

    reference: Counts
    counts: Counts


NUMERIC: Mapping[str, Callable[[Numbers, Drift], float]] = {
    "ks": lambda data, _: kolmogorov_smirnov(data.column.counts, data.counts),
    "psi": lambda data, drift: population_stability(data.reference_bins, data.bins, floor=drift.psi.floor),
    "js": lambda data, _: jensen_shannon(data.reference_bins, data.bins),
    "wasserstein": lambda data, _: wasserstein(
        data.column.edges, data.column.counts, data.column.sums, data.counts, data.sums
    ),
}
CATEGORICAL: Mapping[str, Callable[[Classes, Drift], float]] = {
    "psi": lambda data, drift: population_stability(data.reference, data.counts, floor=drift.psi.floor),
    "js": lambda data, _: jensen_shannon(data.reference, data.counts),
    "chi2": lambda data, _: cramers_v(data.reference, data.counts),
    "linf": lambda data, _: l_infinity(data.reference, data.counts),
}


def window_figures(view: WindowView) -> Iterator[Sample]:
    layout = view.layout
    if layout.model.reference is None:
        return
    for field in layout.features:
        yield from _scores(view, field, "data", field.name)
    yield from _scores(view, layout.prediction, "prediction")
    yield from _scores(view, layout.score, "score")
    yield from _scores(view, layout.label, "label")


def psi_cuts(column: NumericColumn, drift: Drift) -> Floats:
    """Return the inner limits of the bins of PSI."""
    return column.quantile_cuts if drift.psi.binning == "quantile" else column.width_cuts


def _scores(view: WindowView, field: Field, kind: str, feature: str = "") -> Iterator[Sample]:
    """Yield the rows and, of a whole window with rows enough, each method's score of one column."""
    model = view.layout.model
    if field.column is None or model.reference is None:
        return
    counts = view.slots(field.span, field.slots)
    rows = int(counts.sum())
    yield Sample(catalogue.DRIFT_ROWS, (*view.labels, kind, feature, model.reference.name, view.window), rows)
    if not view.complete or rows < max(model.drift.min_rows, 1):
        return
    for method, score in _by_method(view, field, counts):
        if not math.isnan(score):
            yield Sample(
                catalogue.DRIFT_SCORE, (*view.labels, kind, feature, method, model.reference.name, view.window), score
            )


def _by_method(view: WindowView, field: Field, counts: Counts) -> Iterator[tuple[str, float]]:
    drift = view.layout.model.drift
    if isinstance(field, CategoricalField):
        classes = Classes(reference_counts(field), counts)
        yield from ((method, CATEGORICAL[method](classes, drift)) for method in drift.categorical)
    else:
        numbers = _numbers(view, field, counts)
        yield from ((method, NUMERIC[method](numbers, drift)) for method in drift.numeric)


def _numbers(view: WindowView, field: NumericField, counts: Counts) -> Numbers:
    column = field.column
    assert column is not None  # _scores() has seen to it
    cuts = psi_cuts(column, view.layout.model.drift)
    return Numbers(
        column,
        counts,
        view.sums[field.sums.start : field.sums.stop],
        bin_counts(column.edges, column.counts, cuts),
        bin_counts(column.edges, counts, cuts),
    )
