"""From when on a distance is both real and big: thresholds and p-values of the scores of one column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from exporter.configuration.drift import Drift
from exporter.counting.drift_family import tests_of
from exporter.figures.distances import Classes, Numbers
from exporter.ledger.window_view import WindowView
from exporter.significance.dependence import DesignEffects
from exporter.significance.drift import Nulls, categorical_nulls, numeric_nulls
from exporter.significance.overlap import shared_level


class Verdict(NamedTuple):
    """What a score is held against: how probable it is by chance, and thresholds by severity."""

    p_value: float
    thresholds: Mapping[str, float]


def judge(
    view: WindowView, data: Numbers | Classes, scores: Mapping[str, float], effects: DesignEffects
) -> dict[str, Verdict]:
    """Return the verdict on each score whose distribution under the null hypothesis is known."""
    drift = view.layout.model.drift
    methods = tuple(scores)
    nulls = _nulls(data, methods, drift, effects)
    # The risk of a column is shared by its methods.
    level = shared_level(nulls.correlation, view.risk(tests_of(view.layout)))
    return {
        method: Verdict(null.p_value(scores[method]), _thresholds(data, method, null.critical(level), drift))
        for method, null in nulls.by_method.items()
    }


def _nulls(data: Numbers | Classes, methods: tuple[str, ...], drift: Drift, effects: DesignEffects) -> Nulls:
    if isinstance(data, Classes):
        return categorical_nulls(data.reference, data.counts, methods, effects, floor=drift.psi.floor)
    bins = data.reference_bins, data.bins
    return numeric_nulls(data.column, data.counts, bins, methods, effects, floor=drift.psi.floor)


def _thresholds(data: Numbers | Classes, method: str, critical: float, drift: Drift) -> dict[str, float]:
    unit = _unit(data, method)
    return {severity: max(floor * unit, critical) for severity, floor in drift.floors.of(method).items()}


def _unit(data: Numbers | Classes, method: str) -> float:
    """Return what a floor of 1 comes to in the units of the score."""
    if method == "wasserstein" and isinstance(data, Numbers):
        return data.column.std
    if method == "chi2" and isinstance(data, Classes):
        # Cramer's V shrinks when one side is much larger than the other; floors are stated for equal sides.
        n, m = int(data.counts.sum()), int(data.reference.sum())
        return 2 * math.sqrt(n * m) / (n + m)
    return 1.0
