from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstwobign

from exporter.significance.table import LEVELS, TableNull, at_rows

SMIRNOV = kstwobign.isf(LEVELS)
EXPONENTIAL = -np.log(LEVELS)
# With as many digits as are kept.
QUANTILES = st.lists(st.floats(0, 50), min_size=len(LEVELS), max_size=len(LEVELS)).map(
    lambda each: np.sort(np.round(each, 4))
)


@pytest.mark.parametrize("level", [0.9, 0.3, 0.05, 0.02, 1e-3, 1e-5, 1e-8])
@pytest.mark.parametrize("scale", [1.0, 0.03])
def test_smirnovs_distribution_is_continued_rightly(level: float, scale: float) -> None:
    null = TableNull(SMIRNOV, scale, 2.0)
    assert null.critical(level) == pytest.approx(kstwobign.isf(level) * scale, rel=0.02)
    assert null.p_value(kstwobign.isf(level) * scale) == pytest.approx(level, rel=0.25)


@pytest.mark.parametrize("level", [0.05, 1e-3, 1e-6])
def test_an_exponential_tail_is_continued_rightly(level: float) -> None:
    null = TableNull(EXPONENTIAL, 2.0, 1.0)
    assert null.critical(level) == pytest.approx(-2 * math.log(level))
    assert null.p_value(-2 * math.log(level)) == pytest.approx(level)


@given(st.floats(1e-12, 0.98), st.floats(0.001, 1e6), st.sampled_from([1.0, 2.0]))
def test_critical_values_and_p_values_agree(level: float, scale: float, power: float) -> None:
    null = TableNull(SMIRNOV, scale, power)
    assert null.p_value(null.critical(level)) == pytest.approx(level, rel=1e-6)


@given(QUANTILES, st.sampled_from([1.0, 2.0]), st.floats(0, 200), st.floats(0, 200))
def test_whatever_was_drawn_a_greater_figure_is_no_more_probable(
    quantiles: np.ndarray, power: float, one: float, other: float
) -> None:
    null = TableNull(quantiles, 1.0, power)
    assert 1 >= null.p_value(min(one, other)) >= null.p_value(max(one, other)) >= 0


@given(QUANTILES, st.sampled_from([1.0, 2.0]))
def test_whatever_was_drawn_a_smaller_risk_takes_a_greater_figure(quantiles: np.ndarray, power: float) -> None:
    null = TableNull(quantiles, 1.0, power)
    found = [null.critical(level) for level in (0.5, 0.1, 0.06, 0.05, 0.049, 0.01, 1e-3, 1e-6, 1e-12)]
    assert np.isfinite(found).all()
    assert all(low <= high * (1 + 1e-9) for low, high in pairwise(found))


def test_no_distance_is_no_surprise() -> None:
    assert TableNull(SMIRNOV, 0.1, 2.0).p_value(0.0) == 1


def test_where_all_draws_were_alike_nothing_greater_comes_by_chance() -> None:
    null = TableNull(np.full(len(LEVELS), 0.7), 1.0, 2.0)
    assert null.critical(1e-9) == pytest.approx(0.7)
    assert null.p_value(0.71) == 0
    assert null.p_value(0.69) > 0.9


def test_between_sizes_quantiles_are_interpolated_in_the_logarithm_of_rows() -> None:
    rows, quantiles = np.array([10, 1000, 10_000]), np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 7.0]])
    assert at_rows(rows, quantiles, 10).tolist() == [1, 2]
    assert at_rows(rows, quantiles, 100).tolist() == pytest.approx([2, 4])
    assert at_rows(rows, quantiles, 10_000).tolist() == [5, 7]


@pytest.mark.parametrize(("rows", "expected"), [(0.0, 1.0), (3.0, 1.0), (1e9, 5.0)])
def test_beyond_the_sizes_they_stay_as_they_are(rows: float, expected: float) -> None:
    found = at_rows(np.array([10, 1000, 10_000]), np.array([[1.0], [3.0], [5.0]]), rows)
    assert found.tolist() == [expected]
