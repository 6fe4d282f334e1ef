"""The Wasserstein distance of order one: the area between two distribution functions.

At the edges both functions are known; between two edges (in a *gap*) only how many rows there are and
their sum. Where the functions keep their order throughout a gap, that is enough: the area is the
difference of two integrals, and each follows from the sum. A gap in which they may cross is estimated.

Inside such a gap the rows of each side are taken to lie at their mean. On logged values that beats spreading
them: a narrow gap of the reference that catches many rows mostly catches one value, a default or a rounded
price, many times over. A single row is placed exactly.

The two outer gaps have no far limit; they get the mean that is further out, beyond which nothing is added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from exporter.statistics.arrays import Counts, Flags, Floats
from exporter.statistics.lanes import sum_by_lanes
from exporter.statistics.shares import any_empty


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One sample, gap by gap, each (g,).

    Its distribution function at both ends in parts of a common denominator; its rows, and by how much they all together
    lie below the gap's upper end. A row is ``parts``.
    """

    start: Floats
    end: Floats
    rows: Counts
    shortfall: Floats
    parts: float

    @property
    def depth(self) -> Floats:
        """How far the mean lies below the upper end; where there are no rows it does not matter."""
        return self.shortfall / np.maximum(self.rows, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Gaps:
    """Both samples in the gaps; ``first`` and ``last`` mark the outer ones, a part is a share of ``scale``."""

    width: Floats
    first: Flags
    last: Flags
    reference: _Side
    current: _Side
    scale: float


def wasserstein(
    edges: Floats, reference_counts: Counts, reference_sums: Floats, current_counts: Counts, current_sums: Floats
) -> float:
    """Return the integral of abs(F_reference - F_current), in units of the feature.

    ``edges`` (k,), counts by slot (2k+1,), sums by gap (k+1,). Exact, up to rounding, but for the gaps
    in which the two functions may cross; ``wasserstein_bound`` limits what those can cost. NaN when
    one side has no rows, and when a float does not hold the area.

    L. N. Vaserstein, Problemy Peredachi Informatsii 5 (1969); as an area between distribution
    functions: S. S. Vallender, Theory of Probability and Its Applications 18 (1974).

    >>> edges = np.array([0.0, 1.0])
    >>> wasserstein(edges, np.array([0, 1, 0, 1, 0]), np.zeros(3), np.array([0, 0, 0, 0, 2]), np.array([0, 0, 7.0]))
    3.0
    """
    if not len(edges) or any_empty(reference_counts, current_counts):
        return float("nan")
    # Sums of absurd values overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = _gaps(edges, reference_counts, reference_sums, current_counts, current_sums)
        areas, crossing = np.abs(_signed_area(gaps)), _may_cross(gaps)
        areas[crossing] = _estimated_area(_only(gaps, crossing))
        area = sum_by_lanes(areas)
    return area if math.isfinite(area) else math.nan


def wasserstein_bound(
    edges: Floats, reference_counts: Counts, reference_sums: Floats, current_counts: Counts, current_sums: Floats
) -> float:
    """Return how far ``wasserstein`` of the same arguments can be from that of the raw values.

    Adds up, over the gaps in which the functions may cross, the smaller of two limits: what lies
    between the estimate and the least or the greatest possible area, and what moving every row from
    its assumed to its true place can change. Zero when every current value is an edge or alone in its gap.

    The bound shrinks with the widest gaps: with no gap wider than a two-hundredth of the reference's standard
    deviation the error stayed below 3e-5 of it in 1,389 windows of three real logs.
    """
    if any_empty(reference_counts, current_counts):
        return float("nan")
    gaps = _gaps(edges, reference_counts, reference_sums, current_counts, current_sums)
    gaps = _only(gaps, _may_cross(gaps))
    estimate, least, greatest = _estimated_area(gaps), np.abs(_signed_area(gaps)), _greatest_area(gaps)
    by_area = np.maximum(greatest - estimate, estimate - least)
    by_place = _displacement(gaps, gaps.reference) + _displacement(gaps, gaps.current)
    # Rounding may put the estimate a hair outside the two areas.
    return float(np.maximum(np.minimum(by_area, by_place), 0.0).sum())


def _gaps(
    edges: Floats, reference_counts: Counts, reference_sums: Floats, current_counts: Counts, current_sums: Floats
) -> _Gaps:
    lower, upper = np.concatenate((edges[:1], edges)), np.concatenate((edges, edges[-1:]))
    for counts, sums in ((reference_counts, reference_sums), (current_counts, current_sums)):
        if counts[0]:
            lower[0] = min(lower[0], sums[0] / counts[0])
        if counts[-1]:
            upper[-1] = max(upper[-1], sums[-1] / counts[-1])
    # The common denominator is the product of both sides' rows: equal shares are then equal in floating point, too.
    m, n = float(reference_counts.sum()), float(current_counts.sum())
    width = upper - lower
    place = np.arange(len(width))
    return _Gaps(
        width,
        place == 0,
        place == len(edges),
        _side(reference_counts, reference_sums, upper, width, n),
        _side(current_counts, current_sums, upper, width, m),
        1 / (m * n),
    )


def _side(counts: Counts, sums: Floats, upper: Floats, width: Floats, parts: float) -> _Side:
    running = np.cumsum(counts)[::2]
    rows = counts[::2]
    # The mean of values very near an edge may be rounded to beyond it.
    shortfall = np.clip(rows * upper - sums, 0.0, rows * width)
    start, end = (running - rows).astype(np.float64) * parts, running.astype(np.float64) * parts
    return _Side(start, end, rows, shortfall, parts)


def _only(gaps: _Gaps, chosen: Flags) -> _Gaps:
    reference, current = (
        _Side(side.start[chosen], side.end[chosen], side.rows[chosen], side.shortfall[chosen], side.parts)
        for side in (gaps.reference, gaps.current)
    )
    return _Gaps(gaps.width[chosen], gaps.first[chosen], gaps.last[chosen], reference, current, gaps.scale)


def _may_cross(gaps: _Gaps) -> Flags:
    return (gaps.reference.end > gaps.current.start) & (gaps.current.end > gaps.reference.start)


def _signed_area(gaps: _Gaps) -> Floats:
    reference, current, scale = gaps.reference, gaps.current, gaps.scale
    inside = reference.shortfall * (reference.parts * scale) - current.shortfall * (current.parts * scale)
    return gaps.width * ((reference.start - current.start) * scale) + inside


def _estimated_area(gaps: _Gaps) -> Floats:
    """Return the area with the rows of each side at their mean, (g,)."""
    reference, current, depth, other = gaps.reference, gaps.current, gaps.reference.depth, gaps.current.depth
    near, far = np.minimum(depth, other), np.maximum(depth, other)
    between = np.where(depth > other, reference.end - current.start, current.end - reference.start)
    area: Floats = (
        np.abs(reference.start - current.start) * gaps.scale * (gaps.width - far)
        + np.abs(between) * gaps.scale * (far - near)
        + np.abs(reference.end - current.end) * gaps.scale * near
    )
    return area


def _greatest_area(gaps: _Gaps) -> Floats:
    """Return a limit that the area cannot exceed, (g,).

    For any level v the area is at most that between one function and v plus that between v and the
    other, and each of these is greatest with all rows at their mean. The sum is piecewise linear in v,
    so its least value lies at an end of one of the functions. In an outer gap only the level at
    infinity will do: the others would be charged for a width that is not there.
    """
    reference, current = gaps.reference, gaps.current
    levels = np.stack((reference.start, reference.end, current.start, current.end))
    levels = np.where(gaps.first, 0.0, np.where(gaps.last, 1 / gaps.scale, levels))
    area: Floats = (_area_to(levels, gaps, reference) + _area_to(levels, gaps, current)).min(axis=0)
    return area


def _area_to(level: Floats, gaps: _Gaps, side: _Side) -> Floats:
    area = np.abs(level - side.start) * (gaps.width - side.depth) + np.abs(side.end - level) * side.depth
    return area * gaps.scale


def _displacement(gaps: _Gaps, side: _Side) -> Floats:
    """Return a limit for the area between a side as it is and with all its rows at their mean, (g,).

    The mean distance of n values from their mean m is at most 2 m (1 - m) on [0, 1], and 2 m (n - 1) / n for n
    values that are merely positive.
    """
    depth, height = side.depth, gaps.width - side.depth
    several = 2 * (side.rows - 1).clip(0) / np.maximum(side.rows, 1)
    below = np.where(gaps.last, np.inf, depth * several)
    above = np.where(gaps.first, np.inf, height * several)
    share = np.divide(depth, gaps.width, out=np.zeros_like(depth), where=gaps.width > 0)
    inside = np.where(gaps.first | gaps.last, np.inf, 2 * height * share)
    true_spread = np.minimum(np.minimum(below, above), inside)
    return (side.end - side.start) * gaps.scale * true_spread
