from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from exporter.reference.numeric import numeric_column
from exporter.reference.profile import NumericColumn
from exporter.statistics.arrays import Floats
from exporter.statistics.slot_distances import slot_distances
from exporter.statistics.wasserstein import wasserstein, wasserstein_bound
from tests.exporter.statistics.raw import VALUES, array_of, slots_of

Sampler = Callable[[np.random.Generator, int], Floats]

# Beyond an edge at zero, near and very far.
OUTSIDE = st.lists(st.sampled_from([0.001, 1.0, 30.0, 1000.0]), min_size=1, max_size=12).map(array_of)

SAMPLERS: dict[str, Sampler] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "log-normal": lambda random, rows: random.lognormal(0, 1.5, size=rows),
    "Student's t": lambda random, rows: random.standard_t(2, size=rows),
    "rounded": lambda random, rows: random.normal(size=rows).round(1),
}


def distance(edges: Floats, reference: Floats, current: Floats) -> float:
    arguments = edges, *slots_of(edges, reference), *slots_of(edges, current)
    found, compiled = wasserstein(*arguments), slot_distances(*arguments)
    assert compiled is None or compiled.wasserstein == found
    return found


def bound(edges: Floats, reference: Floats, current: Floats) -> float:
    return wasserstein_bound(edges, *slots_of(edges, reference), *slots_of(edges, current))


def rounding(reference: Floats, current: Floats) -> float:
    return float(1e-12 * (1 + np.abs(reference).max() + np.abs(current).max()))


def profiled(reference: Floats) -> NumericColumn:
    """The reference as profiles keep it: with edges in its wide gaps."""
    return numeric_column(reference, rows=reference.size, missing=0, invalid=0, bins=10, max_edges=10_000)


@given(VALUES, VALUES)
def test_exact_when_every_value_is_an_edge(reference: Floats, current: Floats) -> None:
    edges = np.unique(np.concatenate((reference, current)))
    limit = rounding(reference, current)
    expected = wasserstein_distance(reference, current)
    assert distance(edges, reference, current) == pytest.approx(expected, rel=0, abs=limit)
    assert bound(edges, reference, current) == 0


@given(VALUES, VALUES)
def test_the_bound_holds_when_the_reference_is_kept_whole(reference: Floats, current: Floats) -> None:
    edges = np.unique(reference)
    error = abs(distance(edges, reference, current) - wasserstein_distance(reference, current))
    assert error <= bound(edges, reference, current) + rounding(reference, current)


@given(VALUES, VALUES)
def test_the_bound_holds_for_a_thinned_reference(reference: Floats, current: Floats) -> None:
    # Neither end need be an edge: both sides may then have rows in an outer gap.
    edges = np.unique(reference)[::4][-3:]
    error = abs(distance(edges, reference, current) - wasserstein_distance(reference, current))
    assert error <= bound(edges, reference, current) + rounding(reference, current)


@given(OUTSIDE, OUTSIDE, st.sampled_from([1, -1]))
def test_the_bound_holds_when_all_rows_of_both_sides_are_outside(one: Floats, other: Floats, sign: int) -> None:
    edges, reference, current = np.zeros(1), sign * one, sign * other
    error = abs(distance(edges, reference, current) - wasserstein_distance(reference, current))
    assert error <= bound(edges, reference, current) + rounding(reference, current)


@given(VALUES)
def test_a_reference_of_one_value_is_exact(current: Floats) -> None:
    edges = np.array([0.5])
    limit = rounding(edges, current)
    expected = np.abs(current - 0.5).mean()
    assert distance(edges, np.array([0.5, 0.5]), current) == pytest.approx(expected, rel=0, abs=limit)
    assert bound(edges, np.array([0.5, 0.5]), current) == 0


@given(VALUES)
def test_one_current_row_is_exact_wherever_it_falls(reference: Floats) -> None:
    edges, current = np.unique(reference), np.array([0.123])
    limit = rounding(reference, current)
    expected = wasserstein_distance(reference, current)
    assert distance(edges, reference, current) == pytest.approx(expected, rel=0, abs=limit)
    assert bound(edges, reference, current) <= limit


@given(VALUES)
def test_a_sample_is_nowhere_from_itself(values: Floats) -> None:
    assert distance(np.unique(values), values, values) == 0
    assert distance(np.array([-1.0, 2.0]), values, values) == pytest.approx(0, abs=rounding(values, values))


@given(VALUES, VALUES, VALUES)
def test_counts_and_sums_of_parts_add_up(reference: Floats, one: Floats, other: Floats) -> None:
    edges = np.unique(reference)
    first, second = slots_of(edges, one), slots_of(edges, other)
    added = wasserstein(edges, *slots_of(edges, reference), first.counts + second.counts, first.sums + second.sums)
    whole = np.concatenate((one, other))
    assert added == pytest.approx(distance(edges, reference, whole), rel=0, abs=rounding(reference, whole))


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize(
    ("reference_rows", "current_rows", "shift"), [(300, 3000, 0), (1000, 1000, 0.1), (1000, 100, 1), (20_000, 5000, 0)]
)
def test_close_with_the_edges_of_a_profile(name: str, reference_rows: int, current_rows: int, shift: float) -> None:
    random = np.random.default_rng(7)
    for _ in range(5):
        reference = SAMPLERS[name](random, reference_rows)
        current = SAMPLERS[name](random, current_rows) + shift
        column = profiled(reference)
        found, exact = distance(column.edges, reference, current), wasserstein_distance(reference, current)
        assert found == pytest.approx(exact, rel=0, abs=1e-4 * column.std)
        assert abs(found - exact) <= bound(column.edges, reference, current) + rounding(reference, current)


@pytest.mark.parametrize("name", SAMPLERS)
def test_close_enough_with_the_values_alone(name: str) -> None:
    random = np.random.default_rng(9)
    reference, current = SAMPLERS[name](random, 1000), SAMPLERS[name](random, 3000)
    edges = np.unique(reference)
    found = distance(edges, reference, current)
    assert found == pytest.approx(wasserstein_distance(reference, current), rel=0, abs=1e-2 * reference.std())


@pytest.mark.parametrize("value", [0.2, 0.5, 0.75])
def test_a_value_that_comes_many_times_is_exact_wherever_it_falls(value: float) -> None:
    # A default or a rounded price in a hole of the reference: the rows lie at their mean.
    edges, current = np.array([0.0, 1.0]), np.full(1000, value)
    assert distance(edges, edges, current) == pytest.approx(wasserstein_distance(edges, current), abs=1e-12)


def test_rows_that_spread_over_a_wide_gap_are_within_the_bound() -> None:
    # Uniform rows between two values: taken to lie at their mean they make 1/4 + 1/4, in truth half of it.
    edges, current = np.array([0.0, 1.0]), np.linspace(0, 1, 10_002)[1:-1]
    assert wasserstein_distance(edges, current) == pytest.approx(0.25, abs=1e-3)
    assert distance(edges, edges, current) == pytest.approx(0.5, abs=1e-3)
    assert bound(edges, edges, current) >= 0.25
    # The edges that a profile puts there make it right.
    assert distance(profiled(edges).edges, edges, current) == pytest.approx(0.25, abs=1e-4)


def test_huge_outliers_are_exact_outside_the_reference() -> None:
    reference, current = np.arange(1000.0), np.concatenate((np.arange(1000.0), [1e15, -1e15]))
    assert distance(reference, reference, current) == pytest.approx(wasserstein_distance(reference, current), rel=1e-12)


@pytest.mark.parametrize(("reference", "current"), [([], [1.0]), ([1.0], []), ([], [])])
def test_no_rows_cannot_be_compared(reference: list[float], current: list[float]) -> None:
    edges = np.array([1.0])
    assert math.isnan(distance(edges, np.array(reference), np.array(current)))
    assert math.isnan(bound(edges, np.array(reference), np.array(current)))


def test_a_column_without_edges() -> None:
    assert math.isnan(distance(np.empty(0), np.empty(0), np.array([1.0])))
