from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from exporter.statistics.bounds import Sampling
from exporter.statistics.calibration import (
    BINS,
    LEAST_ROWS,
    ScoreBins,
    calibration_error,
    calibration_error_bounds,
    equal_mass_bins,
)

Floats = NDArray[np.float64]


def bins_of(scores: Floats, hits: NDArray[np.bool_]) -> ScoreBins:
    order = np.argsort(scores)
    return equal_mass_bins(scores[order], (~hits[order]).astype(np.int64), hits[order].astype(np.int64))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60).filter(
        lambda rows: any(misses + hits for _, misses, hits in rows)
    )
)
def test_bins_hold_every_row_once_and_in_order(rows: list[tuple[float, int, int]]) -> None:
    table = {score: (misses, hits) for score, misses, hits in sorted(rows)}
    if not any(map(sum, table.values())):
        return
    scores = np.array(list(table))
    misses, hits = np.array(list(table.values())).T
    bins = equal_mass_bins(scores, misses, hits)
    assert bins.rows.sum() == (misses + hits).sum()
    assert bins.hits.sum() == hits.sum()
    assert bins.stated @ bins.rows == pytest.approx(scores @ (misses + hits))
    assert (np.diff(bins.stated) > 0).all()
    assert len(bins.rows) <= max(min(BINS, bins.rows.sum() // LEAST_ROWS), 1)
    assert bins.rows.min() > 1 or bins.rows.sum() == 1


def test_bins_of_distinct_scores_have_equal_rows() -> None:
    scores = np.linspace(0, 1, 1500)
    bins = bins_of(scores, scores > 0.5)
    assert bins.rows.tolist() == [100] * BINS


@pytest.mark.parametrize("misses", [[36, 0], [1, 30], [1, 100, 1]])
def test_a_single_row_beside_many_of_one_score_does_not_hide_the_error(misses: list[int]) -> None:
    """A score that most rows have takes up all bins but those of the ends."""
    scores, hits = np.linspace(0.1, 0.9, len(misses)), np.array(misses) // 10
    hits[-1] = len(misses) == 2
    bins = equal_mass_bins(scores, np.array(misses), hits)
    assert bins.rows.tolist() == [sum(misses) + hits.sum()]
    assert not math.isnan(calibration_error(bins))
    assert calibration_error_bounds(bins, Sampling()) is not None


def test_the_error_is_the_mean_square_less_its_noise() -> None:
    """By hand: two bins of 101 and 201 rows, off by 0.1 and 0.05."""
    bins = ScoreBins(np.array([101, 201]), np.array([0, 201]), np.array([0.1, 0.95]))
    assert calibration_error(bins) == pytest.approx(math.sqrt((101 * 0.1**2 + 201 * 0.05**2) / 302))
    half = ScoreBins(np.array([101]), np.array([50]), np.array([0.3]))
    share = 50 / 101
    assert calibration_error(half) ** 2 == pytest.approx((share - 0.3) ** 2 - share * (1 - share) / 100)


def test_no_rows_and_one_row_say_nothing() -> None:
    for rows in (0, 1):
        bins = bins_of(np.full(rows, 0.3), np.zeros(rows, dtype=bool))
        assert math.isnan(calibration_error(bins))
        assert calibration_error_bounds(bins, Sampling()) is None


@pytest.mark.parametrize("share", ["even", "rare"])
@pytest.mark.parametrize("rows", [60, 400, 4000])
@pytest.mark.parametrize("stretch", [1.0, 1.4])
def test_bounds_cover_the_true_error(share: str, rows: int, stretch: float) -> None:
    """The truth is that of the same bins, with the probabilities that the labels were drawn with."""
    random = np.random.default_rng(5)
    missed = np.zeros(2)
    rounds = 300
    for _ in range(rounds):
        scores = np.sort(random.beta(1, 1 if share == "even" else 40, rows))
        true = np.clip(scores * stretch, 0, 1)
        bins = bins_of(scores, random.random(rows) < true)
        ends = np.cumsum(bins.rows)[:-1]
        mean = np.array([part.mean() for part in np.split(true, ends)])
        error = math.sqrt(bins.rows / rows @ (mean - bins.stated) ** 2)
        bounds = calibration_error_bounds(bins, Sampling())
        assert bounds is not None
        missed += error < bounds.lower - 1e-12, error > bounds.upper + 1e-12
    assert (missed / rounds < 0.05).all()


def test_a_calibrated_model_has_no_error_on_average() -> None:
    """The plain error of 1,000 rows in 15 bins would be about 0.05."""
    random = np.random.default_rng(6)
    squares = []
    for _ in range(300):
        scores = random.random(1000)
        bins = bins_of(scores, random.random(1000) < scores)
        plain = bins.rows / 1000 @ (bins.hits / bins.rows - bins.stated) ** 2
        noise = bins.rows / 1000 @ (bins.hits / bins.rows * (1 - bins.hits / bins.rows) / (bins.rows - 1))
        squares.append(plain - noise)
    assert abs(np.mean(squares)) < 3 * np.std(squares) / math.sqrt(300) + 1e-5


def test_dependent_rows_widen_the_bounds() -> None:
    scores = np.linspace(0.01, 0.99, 3000)
    bins = bins_of(scores, np.random.default_rng(2).random(3000) < scores**2)
    alone, together = (calibration_error_bounds(bins, Sampling(design_effect=effect)) for effect in (1.0, 5.0))
    assert alone is not None
    assert together is not None
    assert together.upper - together.lower > 1.5 * (alone.upper - alone.lower)
