from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import ks_2samp

from exporter.statistics.arrays import Floats
from exporter.statistics.kolmogorov_smirnov import kolmogorov_smirnov, thinning_bound
from tests.exporter.statistics.raw import VALUES, slots_of
from tests.exporter.statistics.ways import both_ways


def statistic(edges: Floats, reference: Floats, current: Floats) -> float:
    return both_ways(kolmogorov_smirnov, slots_of(edges, reference).counts, slots_of(edges, current).counts)


def of_scipy(reference: Floats, current: Floats) -> float:
    with warnings.catch_warnings():
        # They are about the p-value of tiny samples, which is not asked for here.
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(ks_2samp(reference, current, method="asymp").statistic)


@given(VALUES, VALUES)
def test_equals_scipy_when_every_reference_value_is_an_edge(reference: Floats, current: Floats) -> None:
    expected = of_scipy(reference, current)
    edges = np.unique(reference)
    assert statistic(edges, reference, current) == pytest.approx(expected, abs=1e-12)
    assert thinning_bound(slots_of(edges, reference).counts) == 0


@given(VALUES, VALUES)
def test_edges_without_reference_rows_change_nothing(reference: Floats, current: Floats) -> None:
    edges = np.unique(reference)
    more = np.unique(np.concatenate((edges, [-1.25, 0.5, 7.0])))
    assert statistic(more, reference, current) == pytest.approx(statistic(edges, reference, current), abs=1e-12)


@given(VALUES, VALUES)
def test_a_thinned_reference_stays_within_the_bound(reference: Floats, current: Floats) -> None:
    edges = np.unique(reference)[::3]
    exact = of_scipy(reference, current)
    thinned = statistic(edges, reference, current)
    bound = thinning_bound(slots_of(edges, reference).counts)
    assert thinned - 1e-12 <= exact <= thinned + bound + 1e-12


def test_the_bound_can_be_reached() -> None:
    reference, current = np.array([0.0, 1.0, 2.0, 10.0]), np.array([0.0, 2.5, 2.5, 10.0])
    edges = np.array([0.0, 10.0])
    assert statistic(edges, reference, current) == 0
    assert thinning_bound(slots_of(edges, reference).counts) == 0.5
    assert of_scipy(reference, current) == pytest.approx(0.5)


def test_disjoint_samples_are_one_apart() -> None:
    assert statistic(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([5.0])) == 1.0


@pytest.mark.parametrize(("reference", "current"), [([], [1.0]), ([1.0], []), ([], [])])
def test_no_rows_cannot_be_compared(reference: list[float], current: list[float]) -> None:
    assert math.isnan(statistic(np.array([1.0]), np.array(reference), np.array(current)))


def test_thinning_bound_of_no_rows() -> None:
    assert math.isnan(thinning_bound(np.zeros(3, np.int64)))
