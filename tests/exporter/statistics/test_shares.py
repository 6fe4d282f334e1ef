"""PSI, Jensen-Shannon and L-infinity: distances between two sets of shares."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial import distance

from exporter.statistics.arrays import Counts
from exporter.statistics.jensen_shannon import jensen_shannon
from exporter.statistics.l_infinity import l_infinity
from exporter.statistics.population_stability import _logarithms, population_stability
from exporter.statistics.shares import shares
from tests.exporter.statistics.raw import MANY, TABLES
from tests.exporter.statistics.ways import both_ways

Distance = Callable[[Counts, Counts], float]
DISTANCES = [population_stability, jensen_shannon, l_infinity]


def counts(*values: int) -> Counts:
    return np.array(values, dtype=np.int64)


@given(TABLES)
def test_psi_by_its_definition(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    total = 0.0
    for r, c in zip(table[0] / table[0].sum(), table[1] / table[1].sum(), strict=True):
        low, high = max(r, 1e-4), max(c, 1e-4)
        total += (high - low) * math.log(high / low)
    assert both_ways(population_stability, *table) == pytest.approx(total, abs=1e-12)


@given(MANY, st.sampled_from([1e-300, 1e-4, 0.01, 0.5]))
def test_psi_of_many_categories(table: Counts, floor: float) -> None:
    found = both_ways(population_stability, *table, floor=floor)
    if not table.any(axis=1).all():
        assert math.isnan(found)
        return
    r, c = np.maximum(table / table.sum(axis=1, keepdims=True), floor)
    assert found == pytest.approx(math.fsum(((c - r) * np.log(c / r)).tolist()), rel=1e-12)


def test_logarithms_of_psi_are_the_c_librarys() -> None:
    quotients = np.random.default_rng(3).lognormal(0, 1, 100_000)
    found = _logarithms(np.append(quotients, 1.0))
    assert found.tolist() == [*map(math.log, quotients.tolist()), 0.0]


def test_psi_may_have_the_least_floor_there_is() -> None:
    found = both_ways(population_stability, counts(1, 0), counts(1, 3), floor=5e-324)
    assert found == math.inf


def test_psi_of_counts_that_are_not_plain_is_left_to_numpy() -> None:
    table = counts(50, 50), counts(25, 75)
    expected = population_stability(*table)
    assert population_stability(table[0].astype(np.int32), np.repeat(table[1], 2)[::2]) == expected
    with pytest.raises(ValueError, match="broadcast"):
        population_stability(counts(1, 2), counts(1, 2, 3))


def test_the_floor_of_psi_is_an_argument_and_shares_are_not_normalised_again() -> None:
    disjoint = counts(1, 0), counts(0, 1)
    assert population_stability(*disjoint) == pytest.approx(2 * (1 - 1e-4) * math.log(1e4))
    assert population_stability(*disjoint, floor=0.01) == pytest.approx(2 * 0.99 * math.log(100))


@given(TABLES)
def test_jensen_shannon_equals_scipy(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    # scipy's sum cancels near zero and its root magnifies that, so it is only good to 1e-7 there.
    assert both_ways(jensen_shannon, *table) == pytest.approx(
        distance.jensenshannon(*table, base=2), rel=1e-12, abs=1e-7
    )


@given(st.integers(10**6, 10**9), st.integers(1, 100))
def test_jensen_shannon_keeps_its_digits_near_zero(rows: int, moved: int) -> None:
    # With shares of a half and a half + d the divergence is d^2 / (2 ln 2) bits to leading order.
    expected = moved / (2 * rows) / math.sqrt(2 * math.log(2))
    result = jensen_shannon(counts(rows, rows), counts(rows + moved, rows - moved))
    assert result == pytest.approx(expected, rel=1e-6, abs=0)


@given(TABLES, st.integers(1, 50))
def test_equal_shares_are_exactly_zero_apart(table: Counts, factor: int) -> None:
    assume(table[0].any())
    for measure in DISTANCES:
        assert measure(table[0], table[0] * factor) == 0.0


@given(TABLES)
def test_symmetry_and_range(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    for measure, greatest in zip(DISTANCES, (math.inf, 1.0, 1.0), strict=True):
        assert 0 <= both_ways(measure, *table) <= greatest
        assert measure(*table) == pytest.approx(measure(table[1], table[0]), abs=1e-12)


@given(TABLES)
def test_l_infinity_by_its_definition(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    r, c = table / table.sum(axis=1, keepdims=True)
    assert l_infinity(*table) == pytest.approx(distance.chebyshev(r, c), abs=1e-15)


def test_disjoint_sides() -> None:
    assert jensen_shannon(counts(3, 0), counts(0, 4)) == pytest.approx(1.0)
    assert l_infinity(counts(3, 0), counts(0, 4)) == 1.0


@pytest.mark.parametrize("measure", DISTANCES)
@pytest.mark.parametrize("sides", [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0]), ([], [])])
def test_no_rows_cannot_be_compared(measure: Distance, sides: tuple[list[int], list[int]]) -> None:
    assert math.isnan(measure(counts(*sides[0]), counts(*sides[1])))


def test_shares_of_no_rows() -> None:
    assert np.isnan(shares(counts(0, 0))).all()
