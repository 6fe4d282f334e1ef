"""What chance alone makes of the figures of concept drift, given how many rows each bin has on both sides."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.significance.null import GammaNull, ScaledNull
from exporter.significance.pooled import Term, chi_square_term, moments
from exporter.statistics.arrays import Floats
from exporter.statistics.concept import Stratum


def chi_square_null(strata: Sequence[Stratum], *, design_effect: float = 1.0) -> ScaledNull:
    """Return the null distribution of ``concept_chi_square``: bins are independent, so means and variances add up.

    Rows that are worth less by the ``design_effect`` make sums of squares larger by it (J. N. K. Rao and A. J. Scott,
    "The analysis of categorical data from complex sample surveys", JASA 76 (1981), their first-order correction).
    """
    terms = [chi_square_term(stratum.reference_rows, stratum.rows) for stratum in strata]
    together = sum(stratum.harmonic_rows for stratum in strata)
    return ScaledNull(_sum(strata, terms, design_effect), together, 2.0)


def shift_null(strata: Sequence[Stratum], *, design_effect: float = 1.0) -> ScaledNull:
    """Return the null distribution of ``concept_shift``; differences of shares grow with the root of the design effect."""
    rows = sum(stratum.rows for stratum in strata)
    terms = [_shift_term(stratum, stratum.rows / rows) for stratum in strata]
    return ScaledNull(_sum(strata, terms, design_effect**0.5), 1.0, 1.0)


def _shift_term(stratum: Stratum, weight: float) -> Term:
    def term(found: Floats, pooled: Floats) -> Floats:
        surplus = found / stratum.rows - (pooled - found) / stratum.reference_rows
        distance: Floats = abs(surplus) * (weight / 2)
        return distance

    return term


def _sum(strata: Sequence[Stratum], terms: Sequence[Term], factor: float) -> GammaNull:
    """Return the distribution of ``factor`` times the sum of one term for each stratum."""
    found = [moments(stratum.reference, stratum.current, [term]) for stratum, term in zip(strata, terms, strict=True)]
    mean = sum(float(each.mean[0]) for each in found)
    variance = sum(max(float(each.covariance[0, 0]), 0.0) for each in found)
    return GammaNull(mean * factor, variance * factor**2)
