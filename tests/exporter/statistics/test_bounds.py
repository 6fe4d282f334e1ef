from __future__ import annotations

import pytest
from scipy.stats import norm
from scipy.stats import t as student

from exporter.statistics.bounds import Sampling, normal_quantile, t_quantile


@pytest.mark.parametrize("probability", [0.9, 0.975, 0.9995])
def test_the_normal_quantile_is_scipys(probability: float) -> None:
    assert normal_quantile(probability) == pytest.approx(norm.ppf(probability), rel=1e-9)


@pytest.mark.parametrize(
    ("freedom", "error"), [(2, 0.04), (4, 0.006), (10, 2e-4), (29, 2e-6), (1e6, 1e-9), (3.5, 0.01)]
)
def test_the_t_quantile_is_as_near_to_scipys_as_it_says(freedom: float, error: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(student.ppf(0.975, freedom), rel=error)


def test_less_than_one_degree_of_freedom_counts_as_one() -> None:
    assert t_quantile(0.975, 0.1) == t_quantile(0.975, 1)


def test_the_width_grows_with_the_confidence() -> None:
    assert Sampling(0.95).deviations == pytest.approx(1.959964, rel=1e-6)
    assert Sampling(0.8).deviations < Sampling().deviations < Sampling(0.99).deviations
