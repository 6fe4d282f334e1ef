"""Rates of false alarms by simulation, with the reference drawn anew each time."""

from __future__ import annotations

import numpy as np
import pytest

from exporter.significance.concept import chi_square_null, shift_null
from exporter.statistics.concept import concept_chi_square, concept_shift, strata_of
from tests.exporter.statistics.test_concept import drawn

ROUNDS = 300


@pytest.mark.parametrize("rows", [50, 300, 3000])
@pytest.mark.parametrize("positive", ["even", "rare"])
def test_chance_exceeds_the_critical_value_as_often_as_it_may(rows: int, positive: str) -> None:
    random = np.random.default_rng(3)
    even, moved = np.full(10, 0.1), np.arange(1, 11) / 55
    probability = np.linspace(0.02, 0.98, 10) if positive == "even" else np.linspace(0.001, 0.1, 10)
    hits = np.zeros(4)
    for _ in range(ROUNDS):
        strata = strata_of(drawn(random, even, probability, 3000), drawn(random, moved, probability, rows))
        figures = (concept_chi_square(strata), chi_square_null(strata)), (concept_shift(strata), shift_null(strata))
        hits += [score > null.critical(level) for score, null in figures for level in (0.05, 0.01)]
    rates = hits / ROUNDS
    # Sampling error of a rate of 5 % in 300 rounds is 1.3 points.
    assert (rates[[0, 2]] < 0.1).all()
    assert (rates[[1, 3]] < 0.035).all()
    if rows == 3000:
        assert rates[0] > 0.02


@pytest.mark.parametrize("of_strata", [chi_square_null, shift_null])
def test_p_values_and_critical_values_agree(of_strata: type) -> None:
    random = np.random.default_rng(4)
    probability = np.linspace(0.1, 0.9, 10)
    tables = (drawn(random, np.full(10, 0.1), probability, 2000) for _ in range(2))
    strata = strata_of(*tables)
    null = of_strata(strata)
    for level in (0.2, 0.05, 1e-4):
        assert null.p_value(null.critical(level)) == pytest.approx(level, rel=1e-6)
    assert of_strata(strata, design_effect=4.0).critical(0.01) == pytest.approx(2 * null.critical(0.01))
    assert null.p_value(0.0) == 1.0
