from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, norm

from exporter.significance.null import GammaNull, LargestNull, Null, ScaledNull

LEVELS = st.floats(1e-9, 0.5)
SIZES = st.floats(1e-6, 1e6)
SHAPES = st.floats(0.05, 500)


def nulls() -> st.SearchStrategy[Null]:
    gammas = st.builds(lambda mean, shape: GammaNull(mean, mean**2 / shape), SIZES, SHAPES)
    scaled = st.builds(ScaledNull, gammas, SIZES, st.sampled_from([1.0, 2.0]))
    largest = st.lists(SIZES, min_size=1, max_size=5).map(lambda spread: LargestNull(np.array(spread)))
    return st.one_of(gammas, scaled, largest)


@given(nulls(), LEVELS)
def test_the_critical_value_is_reached_with_the_probability_of_its_level(null: Null, level: float) -> None:
    assert null.p_value(null.critical(level)) == pytest.approx(level, rel=1e-5)


@given(nulls(), LEVELS, LEVELS)
def test_a_smaller_risk_takes_a_greater_figure(null: Null, one: float, other: float) -> None:
    assert null.critical(min(one, other)) >= null.critical(max(one, other)) >= 0


@given(nulls(), st.floats(0, 1e12), st.floats(0, 1e12))
def test_a_greater_figure_is_no_more_probable(null: Null, one: float, other: float) -> None:
    assert 1 >= null.p_value(min(one, other)) >= null.p_value(max(one, other)) >= 0


@given(nulls())
def test_no_distance_is_no_surprise(null: Null) -> None:
    assert null.p_value(0.0) == 1


@given(st.floats(0.1, 100), st.floats(0.1, 100), st.floats(0, 300))
def test_a_gamma_distribution_is_scipys(mean: float, variance: float, score: float) -> None:
    expected = gamma(mean**2 / variance, scale=variance / mean)
    assert GammaNull(mean, variance).p_value(score) == pytest.approx(expected.sf(score), rel=1e-9, abs=1e-300)
    assert expected.mean() == pytest.approx(mean)
    assert expected.var() == pytest.approx(variance)


def test_a_scaled_one_is_a_root() -> None:
    null = GammaNull(5.0, 10.0)
    assert ScaledNull(null, 400.0, 2.0).critical(0.01) == pytest.approx(np.sqrt(null.critical(0.01) / 400))
    assert ScaledNull(null, 400.0, 2.0).p_value(0.2) == pytest.approx(null.p_value(16.0))


def test_the_largest_of_several_normal_variables() -> None:
    spread = np.array([0.5, 1.0, 1.0, 0.2])
    drawn = np.abs(np.random.default_rng(1).normal(size=(200_000, 4)) * spread).max(axis=1)
    for level in (0.1, 0.01):
        # Independent ones, of which Bonferroni's bound is nearly sharp.
        assert level * 0.9 < (drawn > LargestNull(spread).critical(level)).mean() <= level * 1.02
    assert LargestNull(np.array([2.0])).critical(0.05) == pytest.approx(2 * norm.isf(0.025))


@pytest.mark.parametrize("mean", [0.0, -1e-17, 3.7])
def test_without_variance_there_is_one_figure_and_rounding_does_not_matter(mean: float) -> None:
    null = GammaNull(mean, 0.0)
    assert null.critical(1e-6) == max(mean, 0.0)
    assert null.p_value(max(mean, 0.0) * (1 + 1e-14)) == 1
    assert null.p_value(mean + 0.1) == 0


def test_where_nothing_varies_any_difference_is_one() -> None:
    null = LargestNull(np.empty(0))
    assert null.critical(0.01) == 0
    assert null.p_value(0.0) == 1
    assert null.p_value(1e-9) == 0
