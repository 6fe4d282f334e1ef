from __future__ import annotations

import math

import numpy as np
import pytest

from exporter.statistics import regression
from exporter.statistics.arrays import Floats
from exporter.statistics.bounds import Bounds, Sampling
from exporter.statistics.r2_bounds import MomentSums, moment_terms, r2_bounds
from tests.exporter.statistics.coverage import coverage


def bounds_of(prediction: Floats, label: Floats, centre: float, sampling: Sampling | None = None) -> Bounds | None:
    with np.errstate(all="ignore"):
        sums = regression.error_sums(len(label), regression.terms(prediction, label, centre).sum(axis=0), len(label))
        moments = MomentSums(*moment_terms(prediction, label, centre).sum(axis=0).tolist())
    return r2_bounds(sums, moments, sampling or Sampling())


def rows_of(random: np.random.Generator, rows: int, noise: float) -> tuple[Floats, Floats]:
    prediction = random.normal(5, 1, rows)
    return prediction, prediction + noise * random.normal(size=rows)


@pytest.mark.parametrize("rows", [30, 200, 2000])
@pytest.mark.parametrize("noise", [0.2, 0.5, 2.0])
def test_the_truth_is_held(noise: float, rows: int) -> None:
    random = np.random.default_rng(rows)
    found = [bounds_of(*rows_of(random, rows, noise), centre=4.0) for _ in range(300)]
    assert 0.88 <= coverage(found, 1 - noise**2 / (1 + noise**2)) <= 0.99


def test_the_width_is_that_of_resampled_rows() -> None:
    random = np.random.default_rng(8)
    prediction, label = rows_of(random, 500, 0.5)
    values = []
    for _ in range(500):
        chosen = random.integers(0, 500, 500)
        values.append(np.sum((prediction - label)[chosen] ** 2) / np.sum((label[chosen] - label[chosen].mean()) ** 2))
    bounds = bounds_of(prediction, label, 5.0)
    assert bounds is not None
    assert math.log((1 - bounds.lower) / (1 - bounds.upper)) == pytest.approx(2 * 1.965 * np.log(values).std(), rel=0.1)


def test_the_centre_does_not_matter() -> None:
    prediction, label = rows_of(np.random.default_rng(9), 200, 0.5)
    assert bounds_of(prediction, label, 0.0) == pytest.approx(bounds_of(prediction, label, 5.0), rel=1e-6)


@pytest.mark.parametrize("seed", range(9, 15))
def test_where_digits_ran_out_nothing_is_said_or_the_same(seed: int) -> None:
    prediction, label = rows_of(np.random.default_rng(seed), 200, 0.5)
    near = bounds_of(prediction, label, 5.0)
    assert near is not None
    for centre in (10.0, 100.0, 500.0, 1000.0, 1e4, 1e5, 1e6):
        far = bounds_of(prediction, label, centre)
        assert far is None or tuple(far) == pytest.approx(tuple(near), rel=1e-3)
        assert centre > 100 or far is not None


def test_constant_labels_few_rows_and_overflow_have_no_bounds() -> None:
    assert bounds_of(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 1.0) is None
    assert bounds_of(np.array([1.0, 2.0]), np.array([1.0, 2.5]), 1.0) is None
    assert bounds_of(np.array([1e200, 2.0, 3.0]), np.array([1.0, 2.5, 3.0]), 1.0) is None


def test_a_perfect_model_is_perfect() -> None:
    label = np.array([1.0, 2.0, 3.0, 4.0])
    assert bounds_of(label, label, 2.0) == (1, 1)


@pytest.mark.parametrize("scale", [1e76, 3e76, 1e77, 1e90])
def test_moments_that_nearly_overflow_have_no_bounds_or_finite_ones(scale: float) -> None:
    prediction, label = rows_of(np.random.default_rng(9), 50, 0.5)
    bounds = bounds_of(prediction * scale, label * scale, 0.0)
    assert bounds is None or (math.isfinite(bounds.lower) and math.isfinite(bounds.upper))
