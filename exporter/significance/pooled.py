"""Distances between two rows of counts when both are samples of one distribution, given the two rows' sums.

Under the null hypothesis nothing but the pooled counts need be known: of the ``t`` rows of a category the window holds
a binomial share, and these shares are tied to each other only by the window's size. The mean and covariance of any sum
of terms over categories follow from that without drawing a single sample, however few rows a category has, and whatever
floor its shares are raised to. (Resampling the reference fails there: with 100 categories of a thousand rows it alarms
two to three times too often, since the rare categories that it did not catch are missing from every replicate.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from exporter.significance.jumps import null_with_jumps
from exporter.significance.null import Null
from exporter.statistics.arrays import Counts, Floats

# A term of a distance: from the window's rows of a category and the pooled ones, (k, p) and (k, 1), to (k, p).
Term = Callable[[Floats, Floats], Floats]

# A binomial variable is looked at this many standard deviations to both sides, at so many points at most.
_REACH = 8.0
_POINTS = 257


class Moments(NamedTuple):
    """Of several distances together: means (d,) and covariances (d, d).

    ``jumps`` says for each distance by how much it rises when a category is not found at all on one of the two sides, and
    how probable that is: (j, 2). Shares raised to a floor make such jumps large, and a gamma distribution has none.
    """

    mean: Floats
    covariance: Floats
    jumps: tuple[Floats, ...]

    def null(self, place: int) -> Null:
        """Return the null distribution of one of the distances."""
        return null_with_jumps(float(self.mean[place]), float(self.covariance[place, place]), self.jumps[place])

    @property
    def correlation(self) -> Floats:
        """Correlations (d, d) of the distances; 1 where one of them does not vary."""
        spread = np.sqrt(np.maximum(self.covariance.diagonal(), 0.0))
        scale = np.outer(spread, spread)
        correlation: Floats = np.divide(self.covariance, scale, out=np.ones_like(scale), where=scale > 0)
        return correlation


def moments(reference: Counts, current: Counts, terms: Sequence[Term]) -> Moments:
    """Return the moments of the sums of ``terms`` over categories, given the pooled counts and both sums of rows.

    ``reference`` and ``current`` (b,) are what was found; both hold rows. Independent binomial shares are conditioned on
    their sum by the second-order expansion of G. P. Steck, "Limit theorems for conditional distributions", University of
    California Publications in Statistics 2 (1957), in the form that takes the curvature of the terms along.
    """
    pooled, multiplicity = np.unique((reference + current)[reference + current > 0], return_counts=True)
    total, share = int(pooled @ multiplicity), float(current.sum() / (reference.sum() + current.sum()))
    if len(pooled) == 0 or share in (0.0, 1.0) or int(multiplicity.sum()) == 1:
        return _constant(pooled, share, terms)
    rows, weights = _binomial(pooled, share)
    off = rows - (weights * rows).sum(axis=1, keepdims=True)
    values = np.stack([term(rows, pooled[:, None].astype(np.float64)) for term in terms])
    means = (weights * values).sum(axis=2)
    spread = values - means[:, :, None]
    # Per category, then summed over the categories with equally many rows.
    with_off = (weights * off * spread).sum(axis=2) @ multiplicity
    with_square = (weights * off**2 * spread).sum(axis=2) @ multiplicity
    variance = total * share * (1 - share)
    covariance = np.einsum("kp,ikp,jkp,k->ij", weights, spread, spread, multiplicity.astype(np.float64))
    # Of a single row on one side the expansion would leave nothing, or less.
    if min(reference.sum(), current.sum()) > 1:
        covariance -= np.outer(with_off, with_off) / variance
        covariance -= np.outer(with_square, with_square) / (2 * variance * variance)
    jumps = tuple(_jumps(term, each, pooled, share, multiplicity) for term, each in zip(terms, means, strict=True))
    return Moments(means @ multiplicity - with_square / (2 * variance), covariance, jumps)


def _jumps(term: Term, means: Floats, pooled: Counts, share: float, multiplicity: Counts) -> Floats:
    """Return (2k categories, 2): by how much more a category counts that one side does not have, and the probability.

    ``means`` (k,) are what the categories count on average.
    """
    size, found = pooled[:, None].astype(np.float64), []
    for absent, missed in ((np.zeros_like(size), 1 - share), (size, share)):
        probability = np.power(missed, size[:, 0])
        at_end = term(absent, size)[:, 0]
        usual = (means - probability * at_end) / (1 - probability)
        found.append(np.repeat(np.column_stack((at_end - usual, probability)), multiplicity, axis=0))
    return np.concatenate(found)


def _constant(pooled: Counts, share: float, terms: Sequence[Term]) -> Moments:
    """Return the moments where there is nothing to vary: of one category, or of none."""
    whole = pooled[:, None].astype(np.float64)
    means = np.array([term(whole * share, whole).sum() if len(pooled) else 0.0 for term in terms])
    return Moments(means, np.zeros((len(terms), len(terms))), (np.empty((0, 2)),) * len(terms))


def _binomial(trials: Counts, share: float) -> tuple[Floats, Floats]:
    """Return numbers of rows (k, p) and their probabilities, for binomial variables with ``trials`` (k,).

    Of more than ``_POINTS`` likely numbers, evenly spaced ones stand for all.
    """
    size = trials[:, None].astype(np.float64)
    middle, reach = size * share, _REACH * np.sqrt(size * share * (1 - share)) + 2
    low, high = np.maximum(np.floor(middle - reach), 0), np.minimum(np.ceil(middle + reach), size)
    step = np.maximum(np.ceil((high - low) / (_POINTS - 1)), 1)
    points = int(np.max((high - low) // step)) + 1
    rows: Floats = low + step * np.arange(points)
    inside = rows <= high
    rows = np.minimum(rows, size).astype(np.float64)
    log = rows * np.log(share) + (size - rows) * np.log1p(-share) - gammaln(rows + 1) - gammaln(size - rows + 1)
    log = np.where(inside, log, -np.inf)
    weights = np.exp(log - log.max(axis=1, keepdims=True))
    return rows, weights / weights.sum(axis=1, keepdims=True)


def chi_square_term(reference_rows: int, rows: int) -> Term:
    """Return the term of ``statistics.chi_square``."""

    def term(found: Floats, pooled: Floats) -> Floats:
        surplus = found / rows - (pooled - found) / reference_rows
        return surplus**2 / pooled * (rows * reference_rows)

    return term


def population_stability_term(reference_rows: int, rows: int, floor: float) -> Term:
    """Return the term of ``statistics.population_stability``."""

    def term(found: Floats, pooled: Floats) -> Floats:
        current = np.maximum(found / rows, floor)
        reference = np.maximum((pooled - found) / reference_rows, floor)
        result: Floats = (current - reference) * np.log(current / reference)
        return result

    return term


def jensen_shannon_term(reference_rows: int, rows: int) -> Term:
    """Return the term of the square of ``statistics.jensen_shannon``."""

    def term(found: Floats, pooled: Floats) -> Floats:
        current, reference = found / rows, (pooled - found) / reference_rows
        middle = (current + reference) / 2
        return (_relative(current, middle) + _relative(reference, middle)) / 2

    return term


def _relative(share: Floats, middle: Floats) -> NDArray[np.float64]:
    return share * np.log2(np.divide(share, middle, out=np.ones_like(share), where=share > 0))
