from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import t as student

from exporter.statistics.arrays import Floats
from exporter.statistics.bounds import Sampling
from exporter.statistics.mean_bounds import MeanSums, mean_bounds, size_bounds
from tests.exporter.statistics.coverage import coverage

Draw = Callable[[np.random.Generator, int], Floats]
SIZES: dict[str, tuple[Draw, float]] = {
    "absolute": (lambda random, n: np.abs(random.normal(size=n)), math.sqrt(2 / math.pi)),
    "exponential": (lambda random, n: random.exponential(size=n), 1.0),
    "squares": (lambda random, n: random.normal(size=n) ** 2, 1.0),
}


def sums_of(values: Floats) -> MeanSums:
    return MeanSums(len(values), float(values.sum()), float((values**2).sum()))


def test_a_mean_has_students_interval() -> None:
    values = np.random.default_rng(1).normal(3, 2, 40)
    expected = student.interval(0.9, 39, values.mean(), values.std(ddof=1) / math.sqrt(40))
    assert mean_bounds(sums_of(values), Sampling(0.9)) == pytest.approx(expected, rel=1e-5)


def test_a_size_has_it_on_its_logarithm() -> None:
    values = np.random.default_rng(2).exponential(size=40)
    error = values.std(ddof=1) / math.sqrt(40) / values.mean()
    reach = math.exp(student.ppf(0.975, 39) * error)
    assert size_bounds(sums_of(values), Sampling()) == pytest.approx(
        (values.mean() / reach, values.mean() * reach), rel=1e-5
    )
    root = math.sqrt(values.mean())
    expected = (root / math.sqrt(reach), root * math.sqrt(reach))
    assert size_bounds(sums_of(values), Sampling(), power=0.5) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("rows", "least"), [(30, 0.9), (200, 0.92), (2000, 0.93)])
@pytest.mark.parametrize("name", SIZES)
def test_means_of_skewed_sizes_are_held(name: str, rows: int, least: float) -> None:
    draw, truth = SIZES[name]
    random = np.random.default_rng(rows)
    found = [size_bounds(sums_of(draw(random, rows)), Sampling()) for _ in range(600)]
    assert least <= coverage(found, truth) <= 0.98


def test_one_absurd_term_widens_as_much_as_it_moves() -> None:
    values = np.full(1000, 0.1)
    plain = size_bounds(sums_of(values), Sampling())
    values[0] = 36.0
    moved = size_bounds(sums_of(values), Sampling())
    assert plain is not None
    assert moved is not None
    assert moved.lower < plain.upper < moved.upper


@pytest.mark.parametrize("bounds", [mean_bounds, size_bounds])
def test_too_few_rows_and_overflow_have_no_bounds(bounds: Callable[[MeanSums, Sampling], object]) -> None:
    assert bounds(MeanSums(1, 2.0, 4.0), Sampling()) is None
    assert bounds(MeanSums(5, 2.0, math.inf), Sampling()) is None
    assert bounds(MeanSums(5, 1e200, 1e290), Sampling()) is None


def test_terms_that_are_all_alike_have_no_width() -> None:
    for bounds in (mean_bounds(MeanSums(10, 1.0, 0.1), Sampling()), size_bounds(MeanSums(10, 1.0, 0.1), Sampling())):
        assert bounds == pytest.approx((0.1, 0.1))
    assert size_bounds(MeanSums(10, 0.0, 0.0), Sampling()) == (0, 0)


def test_dependent_rows_are_worth_less() -> None:
    values = np.random.default_rng(4).exponential(size=4000)
    plain, worth_less = (size_bounds(sums_of(values), Sampling(design_effect=effect)) for effect in (1.0, 4.0))
    assert plain is not None
    assert worth_less is not None
    assert math.log(worth_less.upper / worth_less.lower) == pytest.approx(
        2 * math.log(plain.upper / plain.lower), rel=0.01
    )
