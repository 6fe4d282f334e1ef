from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.auc_bounds import auc_bounds, mean_auc_bounds
from exporter.statistics.bounds import Bounds, Sampling
from exporter.statistics.ranking import roc_auc
from tests.exporter.statistics.coverage import coverage


def counted(negative: Floats, positive: Floats) -> tuple[Counts, Counts]:
    distinct, place = np.unique(np.concatenate((negative, positive)), return_inverse=True)
    size = len(distinct)
    return np.bincount(place[: len(negative)], minlength=size), np.bincount(place[len(negative) :], minlength=size)


def delong(negative: Floats, positive: Floats) -> float:
    """The variance as the paper has it: pair by pair."""
    won = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    return float(won.mean(axis=1).var(ddof=1) / len(positive) + won.mean(axis=0).var(ddof=1) / len(negative))


def test_the_width_is_that_of_delongs_variance() -> None:
    random = np.random.default_rng(3)
    negative, positive = random.integers(0, 20, 400).astype(float), random.integers(5, 25, 300).astype(float)
    sides = counted(negative, positive)
    area = roc_auc(*sides)
    half = 1.959964 * delong(negative, positive) ** 0.5
    lower, upper = auc_bounds(*sides, Sampling())
    # Wilson's interval of so many rows is the normal one, but for a shift towards one half.
    assert upper - lower == pytest.approx(2 * half, rel=0.02)
    assert lower == pytest.approx(area - half, abs=0.003)


@pytest.mark.parametrize("rows", [30, 200, 2000])
@pytest.mark.parametrize(("distance", "share"), [(0.0, 0.5), (1.0, 0.2), (2.0, 0.5)])
def test_areas_of_normal_scores_are_held(distance: float, share: float, rows: int) -> None:
    random = np.random.default_rng(rows)
    found = []
    for _ in range(200):
        is_positive = random.random(rows) < share
        scores = random.normal(size=rows) + distance * is_positive
        found.append(auc_bounds(*counted(scores[~is_positive], scores[is_positive]), Sampling()))
    assert coverage(found, norm.cdf(distance / np.sqrt(2))) >= 0.9


def test_classes_that_do_not_overlap_have_a_width() -> None:
    lower, upper = auc_bounds(np.array([20, 0]), np.array([0, 20]), Sampling())
    assert 0.8 < lower < 0.9
    assert upper == 1


def test_a_constant_score_is_not_known_for_certain() -> None:
    lower, upper = auc_bounds(np.array([20]), np.array([20]), Sampling())
    assert lower < 0.4
    assert upper > 0.6


def test_a_single_row_of_a_class_says_nothing() -> None:
    assert auc_bounds(np.array([20, 0]), np.array([0, 1]), Sampling()) == (0, 1)


def test_dependent_rows_are_worth_less() -> None:
    negative, positive = np.array([40, 10]), np.array([10, 40])
    wide, narrow = auc_bounds(negative, positive, Sampling(design_effect=4)), auc_bounds(negative, positive, Sampling())
    assert wide.upper - wide.lower == pytest.approx(2 * (narrow.upper - narrow.lower), rel=0.1)


def test_a_mean_is_as_unsure_as_its_parts_together() -> None:
    assert mean_auc_bounds([Bounds(0.5, 0.7), Bounds(0.7, 0.9)]) == pytest.approx((0.6, 0.8))
