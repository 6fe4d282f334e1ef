"""Condense the values of a numeric column into slots: which edges to keep, and what lies at and between them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from exporter.reference.edge_index import EdgeIndex
from exporter.reference.profile import Counts, Floats, NumericColumn
from exporter.significance.sampling import null_table

# No gap between edges is wider than this part of the standard deviation, where edges allow.
STEPS_PER_STD = 200
STEPS_PER_GAP = 256


def numeric_column(
    values: Floats, *, rows: int, missing: int, invalid: int, bins: int, max_edges: int
) -> NumericColumn:
    """Return the profile of finite ``values`` (n,), in any order; n + missing + invalid = rows.

    Every distinct value becomes an edge when they fit into ``max_edges`` beside the cuts; otherwise
    quantile points do (see ``thinned``). Without values the moments are NaN.
    """
    # Adding zero turns -0.0 into 0.0; sorting makes every float sum below independent of row order.
    ordered = np.sort(values) + 0.0
    quantile_cuts, width_cuts = cuts_at_quantiles(ordered, bins), cuts_of_equal_width(ordered, bins)
    mean, std = moments(ordered)
    edges = _edges(ordered, np.union1d(quantile_cuts, width_cuts), max_edges)
    edges = subdivided(edges, std / STEPS_PER_STD, max_edges)
    counts, sums = _tallies(ordered, edges)
    column = NumericColumn(
        edges=edges,
        counts=counts,
        sums=sums,
        quantile_cuts=quantile_cuts,
        width_cuts=width_cuts,
        rows=rows,
        missing=missing,
        invalid=invalid,
        minimum=float(ordered[0]) if ordered.size else math.nan,
        maximum=float(ordered[-1]) if ordered.size else math.nan,
        mean=mean,
        std=std,
    )
    return replace(column, null=null_table(column))


def cuts_at_quantiles(ordered: Floats, bins: int) -> Floats:
    """Return the inner limits of ``bins`` bins of equal share, repeated ones merged: (at most bins - 1,).

    Quantiles by linear interpolation: definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in
    statistical packages", The American Statistician 50 (1996), which is NumPy's default.

    >>> cuts_at_quantiles(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 2).tolist()
    [3.0]
    """
    if not ordered.size:
        return ordered
    at = np.arange(1, bins) / bins
    # Interpolation takes differences, which overflow on huge values: halve them where that can happen.
    scale = 0.5 if _spans_too_far(ordered) else 1.0
    return _distinct(np.quantile(ordered * scale, at) / scale)


def cuts_of_equal_width(ordered: Floats, bins: int) -> Floats:
    """Return the inner limits of ``bins`` equally wide bins from minimum to maximum, repeated ones merged.

    A constant column has the one cut that it equals.

    >>> cuts_of_equal_width(np.array([0.0, 1.0, 4.0]), 4).tolist()
    [1.0, 2.0, 3.0]
    """
    if not ordered.size:
        return ordered
    scale = 0.5 if _spans_too_far(ordered) else 1.0
    return _distinct(np.linspace(ordered[0] * scale, ordered[-1] * scale, bins + 1)[1:-1] / scale)


def thinned(ordered: Floats, points: int) -> Floats:
    """Return at most ``points`` of the values so that little lies strictly between two neighbours.

    Kept are the values at ``points`` evenly spaced ranks, the minimum and the maximum among them. With
    m = points - 1, a value that makes up 1/m of the rows or more is always kept, and the share of rows
    strictly between two kept values is below 1/m: the bound on the error of KS.

    >>> thinned(np.arange(101.0), 5).tolist()
    [0.0, 25.0, 50.0, 75.0, 100.0]
    """
    ranks = np.arange(points) * (ordered.size - 1) // (points - 1)
    return _distinct(ordered[ranks])


def moments(ordered: Floats) -> tuple[float, float]:
    """Return mean and standard deviation (n - 1 in the denominator; 0 for one value), NaN without values.

    Exactly rounded sums, so that order and machine do not matter. Scaling by a power of two loses
    nothing and keeps the squares of huge values finite.
    """
    if not ordered.size:
        return math.nan, math.nan
    if ordered[0] == ordered[-1]:
        return float(ordered[0]), 0.0
    exponent = math.frexp(max(-ordered[0], ordered[-1]))[1]
    scaled = np.ldexp(ordered, -exponent)
    mean = math.fsum(scaled) / scaled.size
    variance = math.fsum((scaled - mean) ** 2) / (scaled.size - 1)
    return math.ldexp(mean, exponent), _ldexp(math.sqrt(variance), exponent)


def subdivided(edges: Floats, widest: float, max_edges: int) -> Floats:
    """Return the edges with more of them, evenly spaced, in every gap wider than ``widest``.

    Nothing of the reference that was on an edge moves, and no distribution function changes; but values that
    fall into a hole of the reference are placed more closely, which is what Wasserstein's distance needs. A gap
    gets at most STEPS_PER_GAP parts. When that makes more than ``max_edges``, ``widest`` is doubled until it fits.

    >>> subdivided(np.array([0.0, 1.0, 4.0]), 1.0, 10).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    if edges.size < 2 or not widest > 0 or _spans_too_far(edges):
        return edges
    gaps = np.diff(edges)
    while (parts := _parts(gaps, widest)).sum() >= max_edges:
        if parts.max() == 1:
            return edges
        widest *= 2
    gap = np.repeat(np.arange(parts.size), parts)
    step = np.arange(gap.size) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.union1d(edges, edges[gap] + gaps[gap] * (step / parts[gap]))


def _parts(gaps: Floats, widest: float) -> Counts:
    with np.errstate(over="ignore"):
        return np.clip(np.ceil(gaps / widest), 1, STEPS_PER_GAP).astype(np.int64)


def _ldexp(value: float, exponent: int) -> float:
    # A sample's deviation can pass its largest value: two values, -max and max.
    with np.errstate(over="ignore"):
        return min(float(np.ldexp(value, exponent)), float(np.finfo(np.float64).max))


def _edges(ordered: Floats, cuts: Floats, max_edges: int) -> Floats:
    kept = _distinct(ordered)
    room = max_edges - cuts.size
    if kept.size > room:
        # Keep some back for the wide gaps of the tails.
        kept = thinned(ordered, max(room - room // 4, 3))
    return np.union1d(kept, cuts)


def _tallies(ordered: Floats, edges: Floats) -> tuple[Counts, Floats]:
    """Return the counts by slot (2k+1,) and the sums of the values strictly between edges (k+1,)."""
    counts, sums = np.zeros(2 * edges.size + 1, np.int64), np.zeros(edges.size + 1)
    EdgeIndex(edges).tally(ordered, counts, sums)
    # A sum past the largest float stands at the largest float.
    return counts, np.nan_to_num(sums)


def _distinct(values: Floats) -> Floats:
    return np.unique(values + 0.0)


def _spans_too_far(ordered: Floats) -> bool:
    return math.isinf(float(ordered[-1]) - float(ordered[0]))
