from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from exporter.significance.tail import TailNull

LEVELS = st.floats(1e-6, 0.3)


@pytest.mark.parametrize("found", [2, 5, 9])
def test_of_one_tail_it_is_fishers_test(found: int) -> None:
    null = TailNull(((4, found),), 1000, 300, 1.0)
    score = found / 300 - 4 / 1000
    expected = fisher_exact([[found, 300 - found], [4, 996]], alternative="greater").pvalue
    assert null.p_value(score) == pytest.approx(expected)


def test_two_tails_are_two_chances() -> None:
    one, two = TailNull(((4, 9),), 1000, 300, 1.0), TailNull(((4, 9), (4, 0)), 1000, 300, 1.0)
    assert two.p_value(0.026) == pytest.approx(2 * one.p_value(0.026))
    assert two.critical(0.05) == one.critical(0.025)


@given(
    st.tuples(st.integers(0, 300), st.integers(0, 300)),
    st.integers(300, 5000),
    st.integers(1, 50_000),
    st.sampled_from([1.0, 1.7, 20.0, 3000.0]),
    LEVELS,
)
def test_the_critical_excess_is_that_of_the_tail_that_may_have_more(
    hits: tuple[int, int], reference_rows: int, rows: int, effect: float, level: float
) -> None:
    both = TailNull(tuple((each, 0) for each in hits), reference_rows, rows, effect)
    each = [TailNull(((tail, 0),), reference_rows, rows, effect).critical(level / 2) for tail in hits]
    assert both.critical(level) == pytest.approx(max(each), rel=1e-12, abs=1e-15)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=2),
    st.integers(30, 5000),
    st.integers(1, 5000),
    st.sampled_from([1.0, 1.7, 20.0]),
    LEVELS,
)
def test_one_row_more_than_the_critical_share_is_significant(
    hits: list[int], reference_rows: int, rows: int, effect: float, level: float
) -> None:
    null = TailNull(tuple((each, 0) for each in hits), reference_rows, rows, effect)
    critical = null.critical(level)
    assert 0 <= critical <= 1
    worth = round(rows / effect)
    if worth and critical + max(hits) / reference_rows + 2 / worth < 1:
        assert null.p_value(critical + 1.01 / worth) <= level * (1 + 1e-9)


@given(st.integers(0, 30), st.integers(30, 5000), st.integers(1, 5000), st.floats(0, 1), st.floats(0, 1))
def test_a_greater_excess_is_no_more_probable(
    hits: int, reference_rows: int, rows: int, one: float, other: float
) -> None:
    null = TailNull(((hits, 0), (0, 0)), reference_rows, rows, 1.0)
    assert 1 >= null.p_value(min(one, other)) >= null.p_value(max(one, other)) >= 0


def test_no_excess_is_no_surprise() -> None:
    assert TailNull(((10, 10), (10, 3)), 1000, 1000, 1.0).p_value(0.0) == 1


def test_rows_that_depend_on_each_other_are_worth_fewer() -> None:
    score = 0.05
    plain, worth = TailNull(((10, 60),), 1000, 1000, 1.0), TailNull(((10, 60),), 1000, 1000, 10.0)
    # As 1 and 6 of a hundred on either side.
    assert worth.p_value(score) == pytest.approx(hypergeom.sf(5, 200, 7, 100))
    assert worth.p_value(score) > 1000 * plain.p_value(score)
    assert worth.critical(0.01) > 2 * plain.critical(0.01)


def test_nothing_is_too_much_where_no_row_is_left() -> None:
    null = TailNull(((1, 3),), 100, 40, 1000.0)
    assert null.p_value(0.5) == 1
    assert null.critical(0.01) == pytest.approx(0.99)


@pytest.mark.parametrize("rows", [50, 1000])
def test_chance_exceeds_it_no_more_often_than_it_may(rows: int) -> None:
    random, rounds = np.random.default_rng(11), 2000
    # The limits are the reference's own: of the highest and lowest 10 of 1000 rows the share has a beta distribution.
    shares = random.dirichlet([10, 981, 10], rounds)
    above = 0
    criticals = TailNull(((10, 0), (10, 0)), 1000, rows, 1.0).critical(0.05)
    for share in shares:
        low, _, high = random.multinomial(rows, share)
        above += max(low, high) / rows - 0.01 > criticals
    assert 0.002 < above / rounds < 0.055
