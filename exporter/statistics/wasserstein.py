"""The Wasserstein distance of order one: the area between two distribution functions.

At the edges both functions are known; between two edges (in a *gap*) only how many rows there are and
their sum. Where the functions keep their order throughout a gap, that is enough: the area is the
difference of two integrals, and each follows from the sum. A gap in which they may cross is estimated.

Inside such a gap the rows of each side are taken to lie at their mean. On logged values that beats spreading
them: a narrow gap of the reference that catches many rows mostly catches one value, a default or a rounded
price, many times over. A single row is placed exactly.

All work inside a gap is in fractions of its width. The two outer gaps have no far limit; they get one
far enough out not to bind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from exporter.statistics.arrays import Counts, Flags, Floats
from exporter.statistics.shares import any_empty

# Width of an outer gap, in mean distances of the rows out there from the edge.
REACH = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One sample, gap by gap, each (g,): its distribution function at both ends, its rows and their mean."""

    start: Floats
    end: Floats
    rows: Counts
    mean: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Gaps:
    """Both samples in the gaps; ``first`` and ``last`` mark the outer ones."""

    width: Floats
    first: Flags
    last: Flags
    reference: _Side
    current: _Side


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
    if any_empty(reference_counts, current_counts):
        return float("nan")
    # Sums of absurd values overflow: then the area is no number.
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = _gaps(edges, reference_counts, reference_sums, current_counts, current_sums)
        crossing = _may_cross(gaps)
        settled = np.abs(_signed_area(gaps))[~crossing].sum()
        area = float(settled + _estimated_area(_only(gaps, crossing)).sum())
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
    centre = np.concatenate((edges[:1], edges))
    sides = ((reference_counts[::2], reference_sums), (current_counts[::2], current_sums))
    means = [np.divide(sums, rows, out=centre.copy(), where=rows > 0) for rows, sums in sides]
    reach_below = REACH * max(0.0, *(edges[0] - mean[0] for mean in means))
    reach_above = REACH * max(0.0, *(mean[-1] - edges[-1] for mean in means))
    lower = np.concatenate(([edges[0] - reach_below], edges))
    width = np.concatenate((edges, [edges[-1] + reach_above])) - lower
    place = np.arange(len(width))
    return _Gaps(
        width,
        place == 0,
        place == len(edges),
        _side(reference_counts, means[0], lower, width),
        _side(current_counts, means[1], lower, width),
    )


def _side(counts: Counts, mean: Floats, lower: Floats, width: Floats) -> _Side:
    running = np.cumsum(counts)[::2]
    rows = counts[::2]
    total = counts.sum()
    fraction = np.divide(mean - lower, width, out=np.zeros_like(width), where=width > 0)
    # A mean of values very near an edge may be rounded to beyond it.
    return _Side((running - rows) / total, running / total, rows, np.clip(fraction, 0.0, 1.0))


def _only(gaps: _Gaps, chosen: Flags) -> _Gaps:
    reference, current = (
        _Side(side.start[chosen], side.end[chosen], side.rows[chosen], side.mean[chosen])
        for side in (gaps.reference, gaps.current)
    )
    return _Gaps(gaps.width[chosen], gaps.first[chosen], gaps.last[chosen], reference, current)


def _may_cross(gaps: _Gaps) -> Flags:
    return (gaps.reference.end > gaps.current.start) & (gaps.current.end > gaps.reference.start)


def _signed_area(gaps: _Gaps) -> Floats:
    return gaps.width * (_area_below(gaps.reference) - _area_below(gaps.current))


def _area_below(side: _Side) -> Floats:
    return side.start + (side.end - side.start) * (1 - side.mean)


def _estimated_area(gaps: _Gaps) -> Floats:
    """Return the area with the rows of each side at their mean, (g,)."""
    reference, current = gaps.reference, gaps.current
    first, second = np.minimum(reference.mean, current.mean), np.maximum(reference.mean, current.mean)
    between = np.where(reference.mean < current.mean, reference.end - current.start, current.end - reference.start)
    area: Floats = (
        np.abs(reference.start - current.start) * first
        + np.abs(between) * (second - first)
        + np.abs(reference.end - current.end) * (1 - second)
    )
    return gaps.width * area


def _greatest_area(gaps: _Gaps) -> Floats:
    """Return a limit that the area cannot exceed, (g,).

    For any level v the area is at most that between one function and v plus that between v and the
    other, and each of these is greatest with all rows at their mean. The sum is piecewise linear in v,
    so its least value lies at an end of one of the functions. In an outer gap only the level at
    infinity will do: the others would be charged for a width that is not there.
    """
    reference, current = gaps.reference, gaps.current
    levels = np.stack((reference.start, reference.end, current.start, current.end))
    levels = np.where(gaps.first, 0.0, np.where(gaps.last, 1.0, levels))
    area: Floats = (_area_to(levels, reference) + _area_to(levels, current)).min(axis=0)
    return gaps.width * area


def _area_to(level: Floats, side: _Side) -> Floats:
    return np.abs(level - side.start) * side.mean + np.abs(side.end - level) * (1 - side.mean)


def _displacement(gaps: _Gaps, side: _Side) -> Floats:
    """Return a limit for the area between a side as it is and with all its rows at their mean m, (g,).

    The mean distance of n values from their mean is at most 2 m (1 - m) on [0, 1], and 2 m (n - 1) / n for n
    values that are merely positive.
    """
    several = 2 * (side.rows - 1).clip(0) / np.maximum(side.rows, 1)
    below = np.where(gaps.last, np.inf, (1 - side.mean) * several)
    above = np.where(gaps.first, np.inf, side.mean * several)
    inside = np.where(gaps.first | gaps.last, np.inf, 2 * side.mean * (1 - side.mean))
    true_spread = np.minimum(np.minimum(below, above), inside)
    return gaps.width * (side.end - side.start) * true_spread
