"""Concept drift: whether the same score still means the same, from counts by bin of the score and outcome.

A table (b, l) has a row for each bin of what the model said, and a column for each thing that can come true. Each bin
is compared with its own row of the reference alone. So how the rows spread over the bins, which is drift of the score
and not of the concept, has no say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from exporter.statistics.arrays import Counts
from exporter.statistics.chi_square import chi_square

# A bin with fewer rows on either side says nothing that could be told from chance.
LEAST_ROWS = 5


class Stratum(NamedTuple):
    """Counts by outcome (l,) of the rows of one bin: of the reference and of the window, both with rows."""

    reference: Counts
    current: Counts

    @property
    def rows(self) -> int:
        return int(self.current.sum())

    @property
    def reference_rows(self) -> int:
        return int(self.reference.sum())

    @property
    def harmonic_rows(self) -> float:
        """Return n m / (n + m): how many rows a comparison with a known distribution would need to tell as much."""
        return self.rows * self.reference_rows / (self.rows + self.reference_rows)


def strata_of(reference: Counts, current: Counts, *, least_rows: int = LEAST_ROWS) -> list[Stratum]:
    """Return the bins of two tables (b, l) that can be compared: those in which both have rows enough."""
    both = (reference.sum(axis=1) >= least_rows) & (current.sum(axis=1) >= least_rows)
    return [Stratum(reference[bin_], current[bin_]) for bin_ in np.flatnonzero(both)]


def concept_chi_square(strata: Sequence[Stratum]) -> float:
    """Return the effect size of the change of the outcomes given the bin, from 0; NaN without strata.

    It is sqrt(X / H), with X the sum over bins of the chi-square statistics of homogeneity, and H that of n m / (n + m), n and m
    being the rows of a bin. X grows with the rows like H, so that their ratio does not: on two outcomes it is the
    change of a probability p in units of sqrt(p (1 - p)) (for a bin that is 0.5, a change by 0.1 is 0.2), square-averaged over bins.

    W. G. Cochran, "Some methods for strengthening the common chi-square tests", Biometrics 10 (1954), for the sum;
    J. Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988), section 7.2, for the size of effect.

    >>> concept_chi_square(strata_of(np.array([[500, 500], [0, 9]]), np.array([[40, 60], [0, 0]])))
    0.20003306604965965
    """
    together = sum(stratum.harmonic_rows for stratum in strata)
    statistic = sum(chi_square(stratum.reference, stratum.current)[0] for stratum in strata)
    return math.sqrt(statistic / together) if together else math.nan


def concept_shift(strata: Sequence[Stratum]) -> float:
    """Return by how much the shares of outcomes given the bin differ, averaged over the window's rows: from 0 to 1.

    Of a bin it is the sum of all shares that grew (the total variation distance); on two outcomes "the probability of the
    positive class, given the score, is off by 0.07 on average". NaN without strata.

    >>> round(concept_shift(strata_of(np.array([[500, 500], [10, 90]]), np.array([[40, 60], [10, 90]]))), 3)
    0.05
    """
    rows = sum(stratum.rows for stratum in strata)
    moved = sum(stratum.rows * _distance(stratum) for stratum in strata)
    return moved / rows if rows else math.nan


def _distance(stratum: Stratum) -> float:
    shares = stratum.current / stratum.rows - stratum.reference / stratum.reference_rows
    return float(np.abs(shares).sum()) / 2
