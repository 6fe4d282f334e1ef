from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association

from exporter.statistics.arrays import Counts
from exporter.statistics.chi_square import chi_square, cramers_v
from tests.exporter.statistics.raw import MANY, TABLES
from tests.exporter.statistics.ways import both_ways


@given(TABLES)
def test_equals_scipy_on_the_categories_that_occur(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    seen = table[:, table.any(axis=0)]
    expected = chi2_contingency(seen, correction=False)
    statistic, freedom = both_ways(chi_square, *table)
    assert statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert freedom == expected.dof
    if freedom:
        assert both_ways(cramers_v, *table) == pytest.approx(association(seen, method="cramer"), rel=1e-9, abs=1e-9)


@given(MANY)
def test_many_categories(table: Counts) -> None:
    statistic, freedom = both_ways(chi_square, *table)
    seen = table[:, table.any(axis=0)]
    assert freedom == max(seen.shape[1] - 1, 0)
    if table.any(axis=1).all():
        assert statistic == pytest.approx(chi2_contingency(seen, correction=False).statistic, rel=1e-9, abs=1e-9)


def test_counts_that_are_not_plain_are_left_to_numpy() -> None:
    one, other = np.array([10, 30, 0]), np.array([30, 10, 0])
    assert chi_square(one.astype(np.int32), np.repeat(other, 2)[::2]) == (20.0, 1)
    with pytest.raises(ValueError, match="broadcast"):
        chi_square(one, other[:2])


def test_cramers_v_of_disjoint_sides_is_1_however_it_is_rounded() -> None:
    # The root alone would be one bit above 1.
    one, other = np.array([509, 621, 0, 0, 0, 0, 0, 0]), np.array([0, 0, 202, 194, 809, 688, 498, 759])
    assert both_ways(cramers_v, one, other) == 1.0


def test_one_category_has_no_association() -> None:
    one = np.array([0, 7])
    assert chi_square(one, one * 3) == (0.0, 0)
    assert cramers_v(one, one * 3) == 0.0


def test_billions_of_rows_do_not_overflow() -> None:
    billions = np.array([4, 6], dtype=np.int64) * 10**10
    assert both_ways(chi_square, billions, billions[::-1].copy())[0] == pytest.approx(8e9)


@pytest.mark.parametrize("sides", [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0])])
def test_no_rows_cannot_be_compared(sides: tuple[list[int], list[int]]) -> None:
    reference, current = (np.array(side, dtype=np.int64) for side in sides)
    assert math.isnan(both_ways(chi_square, reference, current)[0])
    assert math.isnan(both_ways(cramers_v, reference, current))
