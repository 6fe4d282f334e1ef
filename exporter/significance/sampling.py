"""The null distribution of the distances that have none in closed form, drawn once from the reference.

Kolmogorov and Smirnov's distance has one only without ties, Wasserstein's only for a distribution that is known. Both
sides are drawn again from the reference's own distribution: the reference with its number of rows, because it is a sample,
too, and windows of several sizes. In units of sqrt(1 / n + 1 / m) the quantiles hardly depend on n, so a few sizes do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.reference.profile import NumericColumn
from exporter.significance.atoms import Atoms, atoms_of
from exporter.significance.table import LEVELS, NullTable
from exporter.statistics.arrays import Floats

SIZES = (32, 256, 2048, 16_384)
DRAWS = 1000
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """What each draw gave, (DRAWS,) each, in units of sqrt(1 / n + 1 / m); the index in those of its square."""

    ks: Floats
    wasserstein: Floats
    psi: Floats


def null_table(column: NumericColumn) -> NullTable | None:
    """Return the quantiles of a column's distances; None for a column whose values are all the same, or none.

    Deterministic: the random numbers follow from the column's content.
    """
    if not column.minimum < column.maximum:
        return None
    atoms = atoms_of(column)
    random = np.random.default_rng(_seed(column))
    rows = int(column.counts.sum())
    reference = random.multinomial(rows, atoms.shares, size=DRAWS)
    drawn = [_distances(atoms, reference, random.multinomial(size, atoms.shares, size=DRAWS), random) for size in SIZES]
    at = 1 - np.array(LEVELS)
    return NullTable(
        np.array(SIZES),
        _rounded(np.stack([np.quantile(each.ks, at) for each in drawn])),
        _rounded(np.stack([np.quantile(each.wasserstein, at) for each in drawn])),
        _rounded(np.mean([_rank_correlation(each) for each in drawn[1:]], axis=0)),
    )


def _rounded(values: Floats) -> Floats:
    """Return values with as many digits as a thousand draws can know."""
    rounded: Floats = np.round(values, 4)
    return rounded


def _seed(column: NumericColumn) -> int:
    content = column.edges.tobytes() + column.counts.tobytes() + column.sums.tobytes()
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "little")


def _distances(
    atoms: Atoms, reference: NDArray[np.int64], current: NDArray[np.int64], random: np.random.Generator
) -> Distances:
    m, n = int(reference[0].sum()), int(current[0].sum())
    noise = 1 / n + 1 / m
    r, c = reference / m, current / n
    apart = np.cumsum(r - c, axis=1)
    area = np.abs(apart[:, :-1]) @ np.diff(atoms.values)
    return Distances(
        _largest(atoms, apart, noise, random) / np.sqrt(noise),
        area / _spread(atoms, r, m) / np.sqrt(noise),
        _psi(atoms, r, c) / noise,
    )


def _spread(atoms: Atoms, reference: Floats, rows: int) -> Floats:
    """Return the standard deviation of each reference that was drawn, (draws,)."""
    shares = np.vstack((reference, atoms.shares))
    variance = shares @ atoms.values**2 - (shares @ atoms.values) ** 2
    # A draw of one value only would have no distance in this unit; it gets the spread of what it was drawn from.
    drawn = np.where((reference > 0).sum(axis=1) > 1, variance[:-1], variance[-1])
    spread: Floats = np.sqrt(np.maximum(drawn, np.finfo(float).eps) * rows / max(rows - 1, 1))
    return spread


def _largest(atoms: Atoms, apart: Floats, noise: float, random: np.random.Generator) -> Floats:
    """Return the largest distance of the two distribution functions, (draws,), also within pools.

    Within a pool their difference goes from one end to the other like a Brownian bridge, whose extremes have a known
    distribution: P(max > b) = exp(-2 (b - x)(b - y) / v) for ends x and y and variance v.
    """
    ends: Floats = np.abs(apart).max(axis=1)
    if not atoms.is_pool.any():
        return ends
    start = np.concatenate((np.zeros((len(apart), 1)), apart[:, :-1]), axis=1)[:, atoms.is_pool]
    end = apart[:, atoms.is_pool]
    variance = atoms.shares[atoms.is_pool] * noise
    swing = np.sqrt((end - start) ** 2 - 2 * variance * np.log(random.random(end.shape)))
    # The same draw serves both sides: only one of them can be the largest.
    largest: Floats = np.maximum(ends, ((np.abs(start + end) + swing) / 2).max(axis=1))
    return largest


def _psi(atoms: Atoms, reference: Floats, current: Floats) -> Floats:
    first = np.flatnonzero(np.diff(atoms.bins, prepend=-1))
    r = np.maximum(np.add.reduceat(reference, first, axis=1), _FLOOR)
    c = np.maximum(np.add.reduceat(current, first, axis=1), _FLOOR)
    index: Floats = ((c - r) * np.log(c / r)).sum(axis=1)
    return index


def _rank_correlation(drawn: Distances) -> Floats:
    """Return the rank correlations of ks with wasserstein, of ks with psi, and of wasserstein with psi."""
    ranks = np.stack([each.argsort().argsort() for each in (drawn.ks, drawn.wasserstein, drawn.psi)])
    correlation = np.atleast_2d(np.corrcoef(ranks))
    return np.array([correlation[0, 1], correlation[0, 2], correlation[1, 2]])
