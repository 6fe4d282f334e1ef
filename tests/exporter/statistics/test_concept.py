from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

from exporter.statistics.concept import concept_chi_square, concept_shift, strata_of

Counts = NDArray[np.int64]
TABLES = st.integers(1, 6).flatmap(
    lambda bins: st.integers(2, 4).flatmap(
        lambda outcomes: st.lists(
            st.lists(st.integers(0, 60), min_size=2 * outcomes, max_size=2 * outcomes), min_size=bins, max_size=bins
        )
    )
)


def drawn(random: np.random.Generator, weights: NDArray[np.float64], positive: NDArray[np.float64], n: int) -> Counts:
    """Draw a table of ``n`` rows: bins by weight, then outcomes by the bin's probability."""
    rows = random.multinomial(n, weights)
    hits = random.binomial(rows, positive)
    return np.column_stack((rows - hits, hits))


@given(TABLES)
def test_it_is_the_sum_over_bins_of_the_contingency_statistic(table: list[list[int]]) -> None:
    both = np.array(table).reshape(len(table), 2, -1)
    reference, current = both[:, 0], both[:, 1]
    statistic = harmonic = 0.0
    for one, other in zip(reference, current, strict=True):
        if one.sum() >= 5 and other.sum() >= 5:
            seen = one + other > 0
            statistic += chi2_contingency(np.array([one[seen], other[seen]]), correction=False).statistic
            harmonic += one.sum() * other.sum() / (one.sum() + other.sum())
    score = concept_chi_square(strata_of(reference, current))
    if harmonic:
        assert score**2 == pytest.approx(statistic / harmonic, abs=1e-9)
    else:
        assert math.isnan(score)
        assert math.isnan(concept_shift(strata_of(reference, current)))


def test_the_same_outcomes_are_no_drift_however_the_scores_move() -> None:
    """Traffic that grows tenfold, and only in the upper bins, changes nothing given the score."""
    reference = np.array([[90, 10], [50, 50], [10, 90]])
    current = reference * np.array([[1], [3], [10]])
    strata = strata_of(reference, current)
    assert concept_chi_square(strata) == 0
    assert concept_shift(strata) == 0


def test_the_size_of_effect_does_not_hang_on_rows() -> None:
    share = np.array([[0.7, 0.3], [0.4, 0.6]])
    moved = share + np.array([[-0.1, 0.1], [0.1, -0.1]])
    found = []
    for n, m in ((100, 1000), (10_000, 1000), (100, 10_000)):
        strata = strata_of((share * m).round().astype(np.int64), (moved * n).round().astype(np.int64))
        assert concept_shift(strata) == pytest.approx(0.1)
        found.append(concept_chi_square(strata))
    assert found == pytest.approx([0.21] * 3, abs=0.015)


def test_flipped_labels_show_and_moved_scores_do_not() -> None:
    random = np.random.default_rng(1)
    even, moved = np.full(10, 0.1), np.arange(1, 11) / 55
    positive = np.linspace(0.05, 0.95, 10)
    reference = drawn(random, even, positive, 5000)
    shifted = strata_of(reference, drawn(random, moved, positive, 2000))
    flipped = strata_of(reference, drawn(random, even, positive * 0.7 + 0.15, 2000))
    assert concept_chi_square(shifted) < 0.15
    assert concept_chi_square(flipped) > 0.25
    assert concept_shift(shifted) < 0.05
    assert concept_shift(flipped) > 0.06


def test_bins_with_few_rows_are_left_out() -> None:
    assert strata_of(np.array([[4, 0], [5, 0]]), np.array([[50, 50], [4, 0]])) == []
    assert len(strata_of(np.array([[5, 0]]), np.array([[0, 5]]))) == 1
