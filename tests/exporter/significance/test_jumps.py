from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.significance.jumps import JumpingNull, null_with_jumps
from exporter.significance.null import GammaNull

# Two kinds of jumps, of which the greater is rarer, over a smooth part of mean 9 and variance 18.
SIZE, PROBABILITY = np.array([10.0] * 8 + [30.0] * 2), np.array([0.01] * 8 + [0.004] * 2)
JUMPS = np.column_stack((SIZE, PROBABILITY))
MEAN, VARIANCE = 9 + PROBABILITY @ SIZE, 18 + (PROBABILITY * (1 - PROBABILITY)) @ SIZE**2


def test_it_is_a_gamma_distribution_with_jumps_on_top() -> None:
    random = np.random.default_rng(2)
    drawn = random.gamma(4.5, 2.0, 100_000) + (random.random((100_000, 10)) < PROBABILITY) @ SIZE
    null = null_with_jumps(MEAN, VARIANCE, JUMPS)
    assert isinstance(null, JumpingNull)
    for level in (0.2, 0.05, 0.01, 0.002):
        assert (drawn > null.critical(level)).mean() == pytest.approx(level, rel=0.1)


def test_a_distribution_without_the_jumps_would_be_wrong() -> None:
    jumping, smooth = null_with_jumps(MEAN, VARIANCE, JUMPS), GammaNull(MEAN, VARIANCE)
    assert jumping.critical(0.002) > 1.15 * smooth.critical(0.002)


@given(st.floats(1e-8, 0.5))
def test_critical_values_and_p_values_agree(level: float) -> None:
    null = null_with_jumps(MEAN, VARIANCE, JUMPS)
    assert null.p_value(null.critical(level)) == pytest.approx(level, rel=1e-4)


@given(st.floats(0, 200), st.floats(0, 200))
def test_a_greater_figure_is_no_more_probable(one: float, other: float) -> None:
    null = null_with_jumps(MEAN, VARIANCE, JUMPS)
    assert 1 >= null.p_value(min(one, other)) >= null.p_value(max(one, other)) >= 0


@pytest.mark.parametrize(
    "jumps",
    [
        np.empty((0, 2)),
        # Frequent; small; impossible; so large that they explain more than there is.
        np.array([[10.0, 0.5]]),
        np.array([[1.0, 0.01]]),
        np.array([[10.0, 0.0]]),
        np.array([[1e4, 0.1]]),
    ],
)
def test_what_is_no_rare_and_large_jump_is_part_of_the_whole(jumps: np.ndarray) -> None:
    assert null_with_jumps(9.0, 18.0, jumps) == GammaNull(9.0, 18.0)


def test_many_jumps_at_once_stay_on_the_grid() -> None:
    jumps = np.column_stack((np.full(100, 100.0), np.full(100, 0.02)))
    null = null_with_jumps(900.0, 23_000.0, jumps)
    assert isinstance(null, JumpingNull)
    assert null.probabilities.sum() == pytest.approx(1)
    assert (null.probabilities >= 0).all()
    assert np.isfinite(null.critical(1e-9))
