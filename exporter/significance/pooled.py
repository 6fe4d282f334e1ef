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

from exporter.significance.jumps import HARDLY_EVER, null_with_jumps
from exporter.significance.null import Null
from exporter.statistics.arrays import Counts, Floats

# A term of a distance: from the window's rows of a category and the pooled ones, (k, p) and (k, 1), to (k, p).
Term = Callable[[Floats, Floats], Floats]

# A binomial variable is looked at this many standard deviations to both sides, at so many points at most.
_REACH = 8.0
_POINTS = 257
_NO_JUMPS: Floats = np.empty((0, 2))


class Moments(NamedTuple):
    """Of several distances together: means (d,) and covariances (d, d).

    ``jumps`` says for each distance by how much it rises when a category is not found at all on one of the two sides, and
    how probable that is, if it is at all likely: (j, 2). Shares raised to a floor make such jumps large, and a gamma
    distribution has none.
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
    m, n = int(reference.sum()), int(current.sum())
    both = reference + current
    pooled, multiplicity = np.unique(both[both > 0], return_counts=True)
    total, share = m + n, n / (m + n)
    if len(pooled) == 0 or share in (0.0, 1.0) or int(multiplicity.sum()) == 1:
        return _constant(pooled, share, terms)
    sizes = pooled[:, None].astype(np.float64)
    rows, weights = _binomial(sizes, share)
    off = rows - np.einsum("kp,kp->k", weights, rows)[:, None]
    values = np.array([term(rows, sizes) for term in terms])
    means = np.einsum("kp,ikp->ik", weights, values)
    spread = values - means[:, :, None]
    # Each for as many categories as have equally many rows.
    weighted = spread * (weights * multiplicity[:, None])
    with_off, with_square = (np.einsum("ikp,kp->i", weighted, each) for each in (off, off * off))
    variance = total * share * (1 - share)
    covariance = np.einsum("ikp,jkp->ij", weighted, spread)
    # Of a single row on one side the expansion would leave nothing, or less.
    if min(m, n) > 1:
        covariance -= with_off * with_off[:, None] / variance
        covariance -= with_square * with_square[:, None] / (2 * variance * variance)
    jumps = tuple(_jumps(term, each, sizes, share, multiplicity) for term, each in zip(terms, means, strict=True))
    return Moments(means @ multiplicity - with_square / (2 * variance), covariance, jumps)


def _jumps(term: Term, means: Floats, sizes: Floats, share: float, multiplicity: Counts) -> Floats:
    """Return (up to 2k categories, 2): by how much more a category counts that one side does not have, and the probability.

    ``means`` (k,) are what the categories count on average. Left out is what hardly ever happens.
    """
    if max(share, 1 - share) ** sizes[0, 0] <= HARDLY_EVER:
        return _NO_JUMPS
    found = []
    for missed, of_size in ((1 - share, 0.0), (share, 1.0)):
        # The smallest are missed most often, and sizes increase.
        likely = int(np.searchsorted(-np.power(missed, sizes[:, 0]), -HARDLY_EVER))
        size, probability = sizes[:likely], np.power(missed, sizes[:likely, 0])
        at_end = term(size * of_size, size)[:, 0]
        usual = (means[:likely] - probability * at_end) / (1 - probability)
        found.append(np.repeat(np.column_stack((at_end - usual, probability)), multiplicity[:likely], axis=0))
    return np.concatenate(found)


def _constant(pooled: Counts, share: float, terms: Sequence[Term]) -> Moments:
    """Return the moments where there is nothing to vary: of one category, or of none."""
    whole = pooled[:, None].astype(np.float64)
    means = np.array([term(whole * share, whole).sum() if len(pooled) else 0.0 for term in terms])
    return Moments(means, np.zeros((len(terms), len(terms))), (_NO_JUMPS,) * len(terms))


def _binomial(sizes: Floats, share: float) -> tuple[Floats, Floats]:
    """Return numbers of rows (k, p) and their probabilities, for binomial variables of ``sizes`` (k, 1).

    Of more than ``_POINTS`` likely numbers, evenly spaced ones stand for all.
    """
    middle, reach = sizes * share, _REACH * np.sqrt(sizes * share * (1 - share)) + 2
    low, high = np.maximum(np.floor(middle - reach), 0), np.minimum(np.ceil(middle + reach), sizes)
    step = np.maximum(np.ceil((high - low) / (_POINTS - 1)), 1)
    rows: Floats = low + step * np.arange(float(((high - low) // step).max()) + 1)
    is_beyond = rows > high
    rest = sizes - np.minimum(rows, sizes, out=rows)
    log = rows * np.log(share) + rest * np.log1p(-share)
    log -= gammaln(rows + 1)
    log -= gammaln(rest + 1)
    log[is_beyond] = -np.inf
    weights: Floats = np.exp(log - log.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return rows, weights


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
