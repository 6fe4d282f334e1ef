from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association

from exporter.statistics.arrays import Counts
from exporter.statistics.chi_square import chi_square, cramers_v
from tests.exporter.statistics.raw import TABLES


@given(TABLES)
def test_equals_scipy_on_the_categories_that_occur(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    seen = table[:, table.any(axis=0)]
    expected = chi2_contingency(seen, correction=False)
    statistic, freedom = chi_square(*table)
    assert statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert freedom == expected.dof
    if freedom:
        assert cramers_v(*table) == pytest.approx(association(seen, method="cramer"), rel=1e-9, abs=1e-9)


def test_one_category_has_no_association() -> None:
    one = np.array([0, 7])
    assert chi_square(one, one * 3) == (0.0, 0)
    assert cramers_v(one, one * 3) == 0.0


def test_billions_of_rows_do_not_overflow() -> None:
    billions = np.array([4, 6], dtype=np.int64) * 10**10
    assert chi_square(billions, billions[::-1])[0] == pytest.approx(8e9)


@pytest.mark.parametrize("sides", [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0])])
def test_no_rows_cannot_be_compared(sides: tuple[list[int], list[int]]) -> None:
    reference, current = (np.array(side, dtype=np.int64) for side in sides)
    assert math.isnan(chi_square(reference, current)[0])
    assert math.isnan(cramers_v(reference, current))
