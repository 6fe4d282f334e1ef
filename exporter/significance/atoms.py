"""A column of the reference reduced to few values, to draw samples from.

A numeric column has up to thousands of distinct values; what a distance does under the null hypothesis depends on far
fewer. Neighbouring values are pooled at their mean, never across a cut of the population stability index, and the finer
the more they weigh in either the distribution function or the area between two of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from exporter.reference.profile import NumericColumn
from exporter.statistics.arrays import Counts, Flags, Floats

POOLS = 128
# The rows at an end that say how far beyond it a row may lie.
_OUTMOST = 20


@dataclass(frozen=True, slots=True, eq=False)
class Atoms:
    """``values`` (k,) increasing, ``shares`` (k,) that sum to one, ``bins`` (k,) the bin of each from 0.

    The values have an origin and a unit of their own, so that their squares neither overflow nor cancel out. ``is_pool`` (k,) marks those that stand for several values, between which a distribution function still moves.
    """

    values: Floats
    shares: Floats
    bins: Counts
    is_pool: Flags


def atoms_of(column: NumericColumn, pools: int = POOLS) -> Atoms:
    """Return at most about ``pools`` atoms more than there are bins of a column with two values or more."""
    # A power of two loses no digit, and below one nothing overflows.
    exponent = -math.frexp(float(np.abs(column.edges).max()))[1]
    values, rows, is_pool = _with_unseen(*_support(column, exponent))
    bins = np.searchsorted(np.ldexp(column.quantile_cuts, exponent), values, side="left")
    values = _centred(values)
    if len(values) <= pools:
        return Atoms(values, rows / rows.sum(), bins, is_pool)
    # The middle of each value's stretch says which pool it is in; a heavy value is a pool of its own.
    weight = _weight(values, rows)
    place = ((np.cumsum(weight) - weight / 2) * pools).astype(np.int64)
    _, first, pool = np.unique(np.stack((bins, place)), axis=1, return_index=True, return_inverse=True)
    pool = pool.reshape(-1)
    pooled = np.bincount(pool, rows)
    several = (np.bincount(pool) > 1) | (np.bincount(pool, is_pool) > 0)
    return Atoms(np.bincount(pool, rows * values) / pooled, pooled / pooled.sum(), bins[first], several)


def _centred(values: Floats) -> Floats:
    """Return the values from the middle one of them on, the furthest of them at -1 or 1."""
    off = values - values[len(values) // 2]
    centred: Floats = off / np.abs(off).max()
    return centred


def _support(column: NumericColumn, exponent: int) -> tuple[Floats, Floats, Flags]:
    """Return the values at which rows lie, gaps at their means; the rows there; and which of them are gaps.

    Values are times two to the power ``exponent``.
    """
    counts = column.counts.astype(np.float64)
    edges = np.ldexp(column.edges, exponent)
    values = np.empty(len(counts))
    values[1::2] = edges
    means = np.divide(column.sums, counts[::2], out=np.zeros(len(column.sums)), where=counts[::2] > 0)
    # Rounding, or a sum that stands at the largest float, may put a mean beyond the ends of its gap.
    values[::2] = np.clip(np.ldexp(means, exponent), np.append(-np.inf, edges), np.append(edges, np.inf))
    there = counts > 0
    is_gap = np.arange(len(counts)) % 2 == 0
    return values[there], counts[there], (is_gap & (counts > 1))[there]


def _with_unseen(values: Floats, rows: Floats, is_pool: Flags) -> tuple[Floats, Floats, Flags]:
    """Add a row beyond either end: one more row of a distribution lies out there as often as at any other rank.

    Without them a heavy tail looks shorter than it is, and Wasserstein's distance varies more than its replicates. They lie
    as far out as the rows next to the end lie from each other on average; nothing is added beyond a value that is repeated.
    """
    below, above = _excess(-values[::-1], rows[::-1]), _excess(values, rows)
    before = [] if below is None else [values[0] - below]
    after = [] if above is None else [values[-1] + above]
    one = np.ones(1)
    return (
        np.concatenate((before, values, after)),
        np.concatenate((one[: len(before)], rows, one[: len(after)])),
        np.concatenate((np.zeros(len(before), bool), is_pool, np.zeros(len(after), bool))),
    )


def _excess(values: Floats, rows: Floats) -> float | None:
    """Return by how much the last rows exceed the one before them on average, None where there is nothing to tell by."""
    outer = values[-_OUTMOST - 1 :]
    if len(outer) <= 1 or rows[-1] > 1:
        return None
    return float(np.average(outer[1:], weights=rows[-len(outer) + 1 :]) - outer[0])


def _weight(values: Floats, rows: Floats) -> Floats:
    """Return what share of the pools each value deserves: half by its rows, half by how far out they are."""
    mass = rows / rows.sum()
    median = values[min(int(np.searchsorted(np.cumsum(mass), 0.5)), len(values) - 1)]
    reach = mass * np.abs(values - median)
    weight: Floats = (mass + reach / reach.sum()) / 2 if reach.any() else mass
    return weight
