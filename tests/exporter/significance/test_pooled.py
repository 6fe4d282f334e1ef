from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from exporter.significance.pooled import (
    Moments,
    chi_square_term,
    jensen_shannon_term,
    moments,
    population_stability_term,
)
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.chi_square import chi_square
from exporter.statistics.jensen_shannon import jensen_shannon
from exporter.statistics.population_stability import population_stability
from tests.exporter.statistics.raw import TABLES


def of_table(reference: Counts, current: Counts) -> Moments:
    """Return the moments of PSI, chi-square and the square of Jensen and Shannon's distance."""
    m, n = int(reference.sum()), int(current.sum())
    terms = population_stability_term(m, n, 1e-4), chi_square_term(m, n), jensen_shannon_term(m, n)
    return moments(reference, current, terms)


def scores(reference: Counts, current: Counts) -> list[float]:
    squared = jensen_shannon(reference, current) ** 2
    return [population_stability(reference, current), chi_square(reference, current)[0], squared]


def split(pooled: Sequence[int], rows: int) -> tuple[Counts, Counts]:
    """Return any reference and window that have these pooled counts."""
    current = np.zeros(len(pooled), np.int64)
    for place, most in enumerate(pooled):
        current[place] = min(most, rows - current.sum())
    return np.array(pooled) - current, current


def every_table(pooled: Sequence[int], rows: int) -> tuple[Floats, Floats]:
    """Return the scores of every window that has so many of the pooled rows, and its probability."""
    found, ways = [], []
    for each in itertools.product(*(range(most + 1) for most in pooled)):
        if sum(each) == rows:
            current = np.array(each)
            found.append(scores(np.array(pooled) - current, current))
            ways.append(math.prod(math.comb(most, some) for most, some in zip(pooled, each, strict=True)))
    every = math.comb(sum(pooled), rows)
    return np.array(found), np.array([way / every for way in ways])


@pytest.mark.parametrize(
    ("pooled", "rows"),
    [((30, 30), 30), ((100, 20, 3), 60), ((10, 20, 30), 30), ((5, 5, 5, 5, 5), 10), ((40, 3, 1), 10)],
)
def test_means_and_spreads_are_nearly_those_of_all_tables_there_can_be(pooled: Sequence[int], rows: int) -> None:
    found, probability = every_table(pooled, rows)
    mean = probability @ found
    spread = np.sqrt(probability @ (found - mean) ** 2)
    result = of_table(*split(pooled, rows))
    assert result.mean == pytest.approx(mean, rel=0.025)
    assert np.sqrt(result.covariance.diagonal()) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize(
    ("pooled", "rows"),
    [
        (np.full(10, 200), 1000),
        (np.full(100, 12), 200),
        (np.maximum(600 // np.arange(1, 21), 1), 200),
        (np.array([900, 60, 3, 2, 1, 1]), 300),
    ],
    ids=["even", "many", "uneven", "rare"],
)
def test_larger_tables_behave_as_they_say(pooled: Counts, rows: int) -> None:
    drawn = np.random.default_rng(1).multivariate_hypergeometric(pooled, rows, size=3000)
    found = np.array([scores(pooled - current, current) for current in drawn])
    result = of_table(*split(pooled.tolist(), rows))
    assert result.mean == pytest.approx(found.mean(axis=0), rel=0.03)
    assert np.sqrt(result.covariance.diagonal()) == pytest.approx(found.std(axis=0), rel=0.06)
    assert result.correlation == pytest.approx(np.corrcoef(found.T), abs=0.05)
    for place in range(3):
        rate = (found[:, place] > result.null(place).critical(0.05)).mean()
        assert 0.035 < rate < 0.065


@settings(max_examples=50)
@given(st.lists(st.integers(200, 5000), min_size=2, max_size=6), st.floats(0.1, 0.9))
def test_the_points_that_are_looked_at_stand_for_all(pooled: list[int], share: float) -> None:
    """Each category is binomial, but for the sum of all, which takes off what goes with it."""
    reference, current = split(pooled, round(sum(pooled) * share))
    m, n = int(reference.sum()), int(current.sum())
    terms = population_stability_term(m, n, 1e-6), chi_square_term(m, n)
    mean, covariance = np.zeros(2), np.zeros((2, 2))
    with_off, with_square, share = np.zeros(2), np.zeros(2), n / (m + n)
    for size in pooled:
        found = np.arange(size + 1.0)
        weights, off = binom.pmf(found, size, share), found - size * share
        values = np.stack([term(found, np.full(found.shape, float(size))) for term in terms])
        spread = values - (values @ weights)[:, None]
        mean += values @ weights
        covariance += weights * spread @ spread.T
        with_off += spread @ (weights * off)
        with_square += spread @ (weights * off**2)
    variance = (m + n) * share * (1 - share)
    mean -= with_square / (2 * variance)
    left = covariance - np.outer(with_off, with_off) / variance - np.outer(with_square, with_square) / (2 * variance**2)
    result = moments(reference, current, terms)
    assert result.mean == pytest.approx(mean, rel=1e-8)
    # What is left of nearly nothing is rounding.
    assert result.covariance == pytest.approx(left, rel=1e-7, abs=1e-9 * covariance.max())


@given(st.lists(st.integers(60, 500), min_size=2, max_size=30), st.floats(0.2, 0.8))
def test_the_mean_of_chi_square_is_known(pooled: list[int], share: float) -> None:
    total, rows = sum(pooled), round(sum(pooled) * share)
    expected = total / (total - 1) * (len(pooled) - 1)
    assert of_table(*split(pooled, rows)).mean[1] == pytest.approx(expected, rel=0.02)


def test_a_jump_is_what_a_category_counts_more_where_one_side_has_none_of_it() -> None:
    reference, current = np.array([3, 40]), np.array([1, 20])
    share, ratios = 21 / 64, population_stability_term(43, 21, 1e-4)
    # That of the other category's 60 rows all are on one side hardly ever happens.
    jumps = of_table(reference, current).jumps[0]
    assert len(jumps) == 2
    found = np.arange(5.0)
    values = ratios(found, np.full(5, 4.0))
    for absent, place in ((0, 0), (4, 1)):
        weight = binom.pmf(found, 4, share) * (found != absent)
        assert jumps[place].tolist() == pytest.approx(
            [values[absent] - weight @ values / weight.sum(), binom.pmf(absent, 4, share)]
        )


def test_few_rows_in_even_bins_make_the_index_jump() -> None:
    random = np.random.default_rng(3)
    above, rounds = np.zeros(2), 500
    for _ in range(rounds):
        reference, current = (random.multinomial(rows, np.full(10, 0.1)) for rows in (1000, 50))
        null = of_table(reference, current).null(0)
        above += [population_stability(reference, current) > null.critical(level) for level in (0.05, 0.01)]
    assert 0.025 < above[0] / rounds < 0.07
    assert 0.002 < above[1] / rounds < 0.022


@given(TABLES)
def test_whatever_was_found_all_is_finite(table: Counts) -> None:
    reference, current = table
    if not (reference.any() and current.any()):
        return
    result = of_table(reference, current)
    for place, score in enumerate(scores(reference, current)):
        null = result.null(place)
        assert 0 <= null.p_value(score) <= 1
        criticals = [null.critical(level) for level in (0.5, 0.05, 1e-3, 1e-6)]
        assert np.isfinite(criticals).all()
        assert sorted(criticals) == criticals
        assert null.p_value(0.0) == pytest.approx(1)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=12).filter(any), st.integers(1, 5))
def test_equal_shares_are_never_suspicious(counts: list[int], times: int) -> None:
    reference = np.array(counts)
    result = of_table(reference, reference * times)
    for place, score in enumerate(scores(reference, reference * times)):
        assert result.null(place).p_value(max(score, 0.0)) == pytest.approx(1, abs=1e-6)


def test_categories_that_nobody_has_do_not_matter() -> None:
    some, none = np.array([50, 30, 20]), np.zeros(4, np.int64)
    one, other = of_table(some, some), of_table(np.append(some, none), np.append(some, none))
    assert one.mean.tolist() == other.mean.tolist()
    assert one.covariance.tolist() == other.covariance.tolist()


def test_one_category_does_not_vary() -> None:
    result = of_table(np.array([8]), np.array([31]))
    assert not result.covariance.any()
    assert result.correlation.tolist() == np.ones((3, 3)).tolist()
    assert [result.null(place).critical(1e-6) for place in range(3)] == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_new_category_is_the_more_suspicious_the_more_rows_it_has() -> None:
    reference = np.array([500, 500, 0])
    p_values = [
        of_table(reference, np.array([100, 100, new])).null(0).p_value(
            population_stability(reference, np.array([100, 100, new]))
        )
        for new in (1, 2, 4, 8)
    ]  # fmt: skip
    assert p_values == sorted(p_values, reverse=True)
    assert p_values[0] > 0.1
    assert p_values[-1] < 1e-3


def test_of_many_rows_points_stand_for_all() -> None:
    """A million rows give the moments of chi-square's limit: 2 (k - 1) for the variance."""
    even = np.full(5, 200_000)
    result = of_table(even, even)
    assert result.mean[1] == pytest.approx(4, rel=1e-3)
    assert result.covariance[1, 1] == pytest.approx(8, rel=0.01)
    # Of even shares PSI is chi-square over rows on one side and a half.
    assert result.mean[0] == pytest.approx(4 * 2 / 1_000_000, rel=0.01)
    assert result.correlation[0, 1] == pytest.approx(1, abs=1e-3)
