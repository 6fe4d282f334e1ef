"""Calibration error: how far stated probabilities are from the shares of rows that come true."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.bounds import Bounds, Sampling

# At most so many bins, each of at least so many rows: fewer rows make fewer bins, down to one.
BINS = 15
LEAST_ROWS = 20


class ScoreBins(NamedTuple):
    """Scores by bin, (b,) each: ``rows``, the ``hits`` among them, and the mean probability that was ``stated``."""

    rows: Counts
    hits: Counts
    stated: Floats


def equal_mass_bins(
    scores: Floats, misses: Counts, hits: Counts, *, bins: int = BINS, least_rows: int = LEAST_ROWS
) -> ScoreBins:
    """Cut scores (n,), ascending, with so many ``misses`` and ``hits`` (n,) at each, into bins of nearly equal rows.

    Rows with one score stay together: a score belongs to the bin in which the middle one of its rows lies. A single row
    that is left for a bin is no bin, and goes to the one below. Bins of equal width would say nothing of a model whose
    scores are all small, which is the usual one where positives are rare.

    J. Nixon, M. W. Dusenberry et al., "Measuring calibration in deep learning", CVPR workshops (2019).

    >>> equal_mass_bins(np.array([0.1, 0.9]), np.array([30, 10]), np.array([10, 30]), bins=2).stated.tolist()
    [0.1, 0.9]
    """
    rows = misses + hits
    total = int(rows.sum())
    number = min(bins, max(total // least_rows, 1))
    middle = np.cumsum(rows) - rows / 2
    bin_ = np.minimum((middle * number / max(total, 1)).astype(np.int64), number - 1)
    # A bin of one row has a share of hits, but nothing tells how far that is off by chance.
    counted = np.bincount(bin_, rows, number)
    bin_ = np.maximum(np.cumsum(counted > 1) - 1, 0)[bin_]
    counted = np.bincount(bin_, rows, number).astype(np.int64)
    used = counted > 0
    hit = np.bincount(bin_, hits, number).astype(np.int64)[used]
    stated = np.bincount(bin_, scores * rows, number)[used] / counted[used]
    return ScoreBins(counted[used], hit, stated)


def calibration_error(bins: ScoreBins) -> float:
    """Return the root mean square over rows of (share of hits - stated probability) by bin, chance taken off; from 0 to 1.

    Even a perfectly calibrated model's shares miss its probabilities by chance: a bin of n rows with a share of h by
    h (1 - h) / (n - 1) in the mean square, which is subtracted (below 0 it is 0). NaN with fewer than two rows in any bin.

    A. Kumar, P. Liang and T. Ma, "Verified uncertainty calibration", NeurIPS (2019), definition 4.1.

    >>> calibration_error(ScoreBins(np.array([1001, 1001]), np.array([0, 1001]), np.array([0.1, 0.9])))
    0.09999999999999999
    """
    return math.sqrt(max(_square(bins), 0.0)) if _can_be_judged(bins) else math.nan


def calibration_error_bounds(bins: ScoreBins, sampling: Sampling) -> Bounds | None:
    """Return a confidence interval of the calibration error; None where there is no error.

    The estimate is a sum of terms w (d^2 - v) with nearly normal d, of which each has the variance w^2 (2 v^2 + 4 v D^2),
    D being the true difference (M. G. Kendall and A. Stuart, "The Advanced Theory of Statistics" 2 (1961), section 24.4). The
    bounds are the true mean squares from which the estimate is just so far off, with the D^2 shared out over the bins as
    they were found. Sums of squares are skewed: to the upper side they stray further (E. A. Cornish and R. A. Fisher,
    Revue de l'Institut International de Statistique 5 (1938)).
    """
    if not _can_be_judged(bins):
        return None
    deviations, design_effect = sampling.deviations, sampling.design_effect
    weights = bins.rows / bins.rows.sum()
    # A bin without a hit seems to be without noise: it has at least that of a model that is right.
    noise = np.maximum(_noise(bins), bins.stated * (1 - bins.stated) / bins.rows) * design_effect
    still, skewness = _still(weights * noise)
    moving = 4 * float(weights**2 @ (noise * _places(bins)))
    # What chance adds is larger than the estimate took off when rows depend on each other.
    square = _square(bins) - (design_effect - 1) * float(weights @ _noise(bins))
    above = deviations + (deviations**2 - 1) * skewness / 6
    return Bounds(_bound(square, still, moving, -above), _bound(square, still, moving, deviations))


def _still(terms: Floats) -> tuple[float, float]:
    """Return the variance and the skewness of the sum of ``terms`` (b,), each times (z^2 - 1) with a normal z."""
    variance = 2 * float((terms**2).sum())
    return variance, 8 * float((terms**3).sum()) / variance**1.5 if variance > 0 else 0.0


def _places(bins: ScoreBins) -> Floats:
    """Return how large each bin's share in the true mean square is beside an even one: (b,), with a mean of 1 over rows."""
    weights = bins.rows / bins.rows.sum()
    found = np.maximum((bins.hits / bins.rows - bins.stated) ** 2 - _noise(bins), 0.0)
    mean = float(weights @ found)
    return found / mean if mean > 0 else np.ones(len(found))


def _bound(square: float, still: float, moving: float, deviations: float) -> float:
    """Return the root of the x at which (x - square) = deviations * sqrt(still + moving * x), from 0 to 1."""
    half = square + deviations**2 * moving / 2
    root = math.sqrt(max(half**2 - square**2 + deviations**2 * still, 0.0))
    return math.sqrt(min(max(half + math.copysign(root, deviations), 0.0), 1.0))


def _can_be_judged(bins: ScoreBins) -> bool:
    return bins.rows.size > 0 and int(bins.rows.min()) > 1


def _square(bins: ScoreBins) -> float:
    """Return the debiased mean square, which may fall below 0."""
    weights = bins.rows / bins.rows.sum()
    return float(weights @ ((bins.hits / bins.rows - bins.stated) ** 2 - _noise(bins)))


def _noise(bins: ScoreBins) -> Floats:
    """Return the variance (b,) of each bin's share of hits."""
    share = bins.hits / bins.rows
    noise: Floats = share * (1 - share) / np.maximum(bins.rows - 1, 1)
    return noise
