from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from exporter.statistics.bounds import Sampling
from exporter.statistics.differences import critical_distance
from exporter.statistics.wilson import wilson


@pytest.mark.parametrize("level", [0.025, 0.001])
def test_of_normal_figures_it_is_the_quantile_of_their_difference(level: float) -> None:
    one, other = 0.3, 0.4
    lower, upper = norm.ppf(0.95) * one, norm.ppf(0.95) * other
    assert critical_distance(lower, upper, confidence=0.9, level=level) == pytest.approx(
        norm.isf(level) * math.hypot(one, other)
    )


def test_it_is_newcombes_method_10_for_shares() -> None:
    # R. G. Newcombe (1998), table II, the first case: 56/70 against 48/80, 95 %: 0.0524 to 0.3339.
    one, other = wilson(56 / 70, 70, Sampling()), wilson(48 / 80, 80, Sampling())
    distance = critical_distance(56 / 70 - one.lower, other.upper - 48 / 80, 0.95, 0.025)
    assert 0.2 - distance == pytest.approx(0.0524, abs=5e-5)


def test_undrifted_shares_are_further_apart_as_often_as_the_level_says() -> None:
    random = np.random.default_rng(6)
    exceeded = 0
    for one, other in random.binomial([[100, 400]], 0.8, (4000, 2)).tolist():
        low, high = wilson(one / 100, 100, Sampling()), wilson(other / 400, 400, Sampling())
        distance = critical_distance(low.upper - one / 100, other / 400 - high.lower, 0.95, 0.025)
        exceeded += other / 400 - one / 100 > distance
    assert 0.012 <= exceeded / 4000 <= 0.035


def test_hardly_any_risk_is_a_risk() -> None:
    """1 - level is 1 for it."""
    assert critical_distance(3.0, 4.0, 0.95, 1e-40) == pytest.approx(norm.isf(1e-40) / norm.isf(0.025) * 5)
