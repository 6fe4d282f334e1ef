"""Bounds of confusion matrices: closed forms, slopes against differences, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from exporter.statistics import class_averages, class_bounds
from exporter.statistics.arrays import Floats
from exporter.statistics.bounds import Sampling
from exporter.statistics.class_averages import Average
from tests.exporter.statistics.coverage import coverage

CELLS = np.array([[50, 10], [5, 35]])
AVERAGES = {
    name: getattr(class_averages, name)
    for name in ("MACRO_PRECISION", "MACRO_RECALL", "MACRO_F1", "WEIGHTED_PRECISION", "WEIGHTED_F1")
}
THREE = np.array([[0.3, 0.03, 0.02], [0.04, 0.25, 0.01], [0.05, 0.05, 0.25]])
ONE_RARE = np.array([[0.6, 0.02, 0.01], [0.03, 0.25, 0.01], [0.01, 0.01, 0.06]])


def test_shares_have_wilsons_interval() -> None:
    cases = [
        (class_bounds.accuracy_bounds(CELLS, Sampling()), 85, 100),
        (class_bounds.precision_bounds(CELLS, 1, Sampling()), 35, 45),
        (class_bounds.recall_bounds(CELLS, 1, Sampling()), 35, 40),
    ]
    for found, part, whole in cases:
        expected = binomtest(part, whole).proportion_ci(method="wilson")
        assert found == pytest.approx((expected.low, expected.high))


def test_f1_has_that_of_the_rows_in_which_the_class_occurs() -> None:
    ratio = binomtest(35, 50).proportion_ci(method="wilson")
    lower, upper = class_bounds.f1_bounds(CELLS, 1, Sampling())
    assert lower == pytest.approx(2 * ratio.low / (1 + ratio.low))
    assert upper == pytest.approx(2 * ratio.high / (1 + ratio.high))


def test_a_class_that_does_not_occur_could_be_anything() -> None:
    cells = np.array([[5, 0], [0, 0]])
    for bounds in (class_bounds.precision_bounds, class_bounds.recall_bounds, class_bounds.f1_bounds):
        assert bounds(cells, 1, Sampling()) == (0, 1)


def test_dependent_rows_are_worth_less() -> None:
    plain = class_bounds.accuracy_bounds(CELLS, Sampling())
    assert class_bounds.accuracy_bounds(CELLS * 4, Sampling(design_effect=4.0)) == pytest.approx(plain)
    wide = class_bounds.average_bounds(CELLS, class_averages.MACRO_F1, Sampling(design_effect=4.0))
    narrow = class_bounds.average_bounds(CELLS, class_averages.MACRO_F1, Sampling())
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


@pytest.mark.parametrize("average", AVERAGES.values(), ids=AVERAGES)
def test_slopes_are_those_of_small_differences(average: Average) -> None:
    gradient, step = average.gradient(THREE), 1e-6
    found = np.empty_like(THREE)
    for place in np.ndindex(*THREE.shape):
        moved = THREE.copy()
        moved[place] += step
        found[place] = (average.figure(moved) - average.figure(THREE)) / step
    # Up to a constant: a figure of shares does not change when all of them grow alike.
    difference = gradient - found
    assert np.ptp(difference) < 1e-4


@pytest.mark.parametrize("rows", [30, 200, 2000])
@pytest.mark.parametrize("average", AVERAGES.values(), ids=AVERAGES)
@pytest.mark.parametrize("shares", [THREE, ONE_RARE], ids=["alike", "one rare"])
def test_means_over_classes_are_held(shares: Floats, average: Average, rows: int) -> None:
    shares = shares / shares.sum()
    samples = np.random.default_rng(rows).multinomial(rows, shares.ravel(), 300).reshape(-1, 3, 3)
    found = [class_bounds.average_bounds(cells, average, Sampling()) for cells in samples]
    # Of a class with two or three rows the mean itself is biased: no interval around it makes up for that.
    least = 0.9 if rows * shares.sum(axis=1).min() > 5 else 0.8
    assert least <= coverage(found, average.figure(shares)) <= 0.99


def test_classes_without_rows_do_not_count() -> None:
    more = np.zeros((4, 4), np.int64)
    more[:2, :2] = CELLS
    for average in AVERAGES.values():
        assert class_bounds.average_bounds(more, average, Sampling()) == class_bounds.average_bounds(
            CELLS, average, Sampling()
        )


@pytest.mark.parametrize("average", AVERAGES.values(), ids=AVERAGES)
def test_all_right_is_not_known_for_certain(average: Average) -> None:
    lower, upper = class_bounds.average_bounds(np.diag([10, 10, 10]), average, Sampling())
    assert 0.7 < lower < 0.95
    assert upper == 1
    assert class_bounds.average_bounds(np.array([[5]]), average, Sampling()).upper == 1
    assert class_bounds.average_bounds(np.zeros((2, 2), np.int64), average, Sampling()) == (0, 1)
