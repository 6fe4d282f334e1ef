from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from exporter.significance.overlap import independent_tests, shared_level
from exporter.statistics.arrays import Floats

LEVELS = st.floats(1e-6, 0.5)


def pair(correlation: float) -> Floats:
    return np.array([[1.0, correlation], [correlation, 1.0]])


def test_independent_figures_share_the_level_evenly() -> None:
    assert shared_level(np.eye(4), 0.01) == pytest.approx(0.0025, rel=0.02)
    assert independent_tests(np.eye(1), 0.05) == 1


@given(st.integers(1, 5), LEVELS)
def test_the_same_figure_several_times_is_one(count: int, level: float) -> None:
    assert shared_level(np.ones((count, count)), level) == pytest.approx(level)


@given(st.floats(-1, 1), st.floats(-1, 1), LEVELS)
def test_more_alike_figures_are_fewer_tests(one: float, other: float, level: float) -> None:
    few, many = independent_tests(pair(max(one, other)), level), independent_tests(pair(min(one, other)), level)
    assert 1 <= few <= many <= 2


@given(st.lists(st.lists(st.floats(-1, 1), min_size=4, max_size=4), min_size=4, max_size=4), LEVELS)
def test_each_has_at_least_its_even_share_and_at_most_all(rows: list[list[float]], level: float) -> None:
    correlation = np.array(rows)
    assert level / 4 * (1 - 1e-9) <= shared_level((correlation + correlation.T) / 2, level) <= level


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("level", [0.05, 0.005])
def test_normal_figures_exceed_their_shares_together_as_often_as_they_may(correlation: float, level: float) -> None:
    shape = np.full((3, 3), correlation) + (1 - correlation) * np.eye(3)
    drawn = np.random.default_rng(5).multivariate_normal(np.zeros(3), shape, size=200_000)
    rate = (drawn > norm.isf(shared_level(shape, level))).any(axis=1).mean()
    # On the safe side: the third figure is charged for what it has in common with one of the others only.
    assert 0.8 * level < rate < 1.05 * level


def test_without_a_figure_the_level_stays() -> None:
    assert shared_level(np.eye(0), 0.05) == 0.05
