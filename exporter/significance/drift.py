"""Null distributions of every distance between a window and the reference, and how much alike the distances are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from exporter.reference.profile import NumericColumn
from exporter.significance.dependence import DesignEffects
from exporter.significance.null import GammaNull, LargestNull, Null, ScaledNull
from exporter.significance.pooled import (
    Moments,
    Term,
    chi_square_term,
    jensen_shannon_term,
    moments,
    population_stability_term,
)
from exporter.significance.table import NullTable, TableNull, at_rows
from exporter.significance.tail import TailNull
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.tails import tails

# What the methods are, for the correlations that a table keeps: others than these count as a test of their own.
_ALIKE = {"ks": "ks", "psi": "psi", "js": "psi", "wasserstein": "wasserstein", "wasserstein_normed": "wasserstein"}
_PAIRS = (("ks", "wasserstein"), ("ks", "psi"), ("wasserstein", "psi"))

Bins = tuple[Counts, Counts]


class Nulls(NamedTuple):
    """Null distributions by method, and the correlations (d, d) of the scores in the same order."""

    by_method: Mapping[str, Null]
    correlation: Floats


def numeric_nulls(
    column: NumericColumn, counts: Counts, bins: Bins, methods: Sequence[str], effects: DesignEffects, *, floor: float
) -> Nulls:
    """Return those of a numeric column; ``counts`` are the window's by slot, ``bins`` both sides' by bin of PSI."""
    found: dict[str, Null] = {}
    m, n = int(bins[0].sum()), int(bins[1].sum())
    binned, _ = _binned(*bins, [method for method in methods if method in ("psi", "js")], effects, floor=floor)
    for method in methods:
        if method in binned:
            found[method] = binned[method]
        elif method == "tail":
            found[method] = TailNull(tails(column.counts, counts), m, n, effects.cumulated)
        elif column.null is not None:
            found[method] = _drawn(column, column.null, method, m, n, effects)
        elif method == "ks":
            # Of a constant column all that can happen are other values.
            found[method] = TailNull(((0, 0),), m, n, effects.cumulated)
    return Nulls(found, _numeric_correlation(tuple(found), column.null))


def categorical_nulls(
    reference: Counts, counts: Counts, methods: Sequence[str], effects: DesignEffects, *, floor: float
) -> Nulls:
    """Return those of a categorical column from the counts by category of both sides."""
    of_sums = [method for method in methods if method != "linf"]
    binned, together = _binned(reference, counts, of_sums, effects, floor=floor)
    found: dict[str, Null] = {}
    for method in methods:
        found[method] = _largest(reference, counts, effects.cumulated) if method == "linf" else binned[method]
    correlation = np.eye(len(found))
    own = [place for place, method in enumerate(found) if method in binned]
    if together is not None:
        correlation[np.ix_(own, own)] = together.correlation
    return Nulls(found, correlation)


def _binned(
    reference: Counts, counts: Counts, methods: Sequence[str], effects: DesignEffects, *, floor: float
) -> tuple[Mapping[str, Null], Moments | None]:
    """Return the null distributions of sums over categories, and the moments that they follow from."""
    if not methods:
        return {}, None
    m, n = int(reference.sum()), int(counts.sum())
    found = moments(reference, counts, [_term(method, m, n, floor) for method in methods])
    by_method = {method: _scaled(method, _null(found, place, effects), m + n) for place, method in enumerate(methods)}
    return by_method, found


def _term(method: str, reference_rows: int, rows: int, floor: float) -> Term:
    if method == "psi":
        return population_stability_term(reference_rows, rows, floor)
    return (jensen_shannon_term if method == "js" else chi_square_term)(reference_rows, rows)


def _null(found: Moments, place: int, effects: DesignEffects) -> Null:
    if effects.overall * effects.unevenness <= 1.0:
        return found.null(place)
    mean, variance = float(found.mean[place]), float(found.covariance[place, place])
    return GammaNull(mean * effects.overall, variance * effects.overall**2 * effects.unevenness)


def _scaled(method: str, null: Null, rows: int) -> Null:
    """Return the distribution of the score, which for two of the methods is a root of the sum over categories."""
    if method == "psi":
        return null
    return ScaledNull(null, rows if method == "chi2" else 1.0, 2.0)


def _drawn(
    column: NumericColumn, table: NullTable, method: str, reference_rows: int, rows: int, effects: DesignEffects
) -> Null:
    effect = effects.cumulated if method == "ks" else effects.linear
    noise = math.sqrt((1 / rows + 1 / reference_rows) * effect)
    if method == "ks":
        return TableNull(at_rows(table.rows, table.ks, rows / effect), noise, 2.0)
    unit = column.std if method == "wasserstein" else 1.0
    return TableNull(at_rows(table.rows, table.wasserstein, rows / effect), noise * unit, 1.0)


def _largest(reference: Counts, counts: Counts, effect: float) -> Null:
    pooled = (reference + counts) / (reference.sum() + counts.sum())
    noise = (1 / counts.sum() + 1 / reference.sum()) * effect
    spread = np.sqrt(pooled * (1 - pooled) * noise)
    return LargestNull(spread[spread > 0])


def _numeric_correlation(methods: Sequence[str], table: NullTable | None) -> Floats:
    between = {} if table is None else dict(zip(_PAIRS, table.correlation.tolist(), strict=True))
    between |= {pair[::-1]: alike for pair, alike in between.items()}
    kinds = [_ALIKE.get(method, method) for method in methods]
    return np.array([[1.0 if one == other else between.get((one, other), 0.0) for other in kinds] for one in kinds])
