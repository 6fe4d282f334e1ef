from __future__ import annotations

import numpy as np
import pytest

from exporter.significance.dependence import INDEPENDENT
from exporter.significance.rhythm import Likeness, effects_of, larger, likenesses

HOUR = 3_600_000_000
DAY = 24 * HOUR


def rows(days: int, a_day: int, shift: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times and deciles of normal values whose mean moves from day to day with the standard deviation ``shift``."""
    random = np.random.default_rng(seed)
    cuts = np.array([-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28]) * np.sqrt(1 + shift**2)
    means = np.repeat(random.normal(0, shift, days), a_day)
    times = np.arange(days * a_day) * (DAY // a_day)
    return times, np.searchsorted(cuts, random.normal(means, 1))


def alike(period: int, shift: float, a_day: int = 240, seed: int = 7) -> Likeness:
    found = likenesses(*rows(200, a_day, shift, seed), 10)
    return next(each for each in found if each.period == period)


def test_independent_rows_are_not_alike() -> None:
    for each in likenesses(*rows(200, 240, 0.0, 3), 10):
        assert max(each.overall, each.cumulated, each.linear) < 0.01


@pytest.mark.parametrize("shift", [0.3, 1.0])
def test_the_correlation_of_one_day_is_that_of_its_mean(shift: float) -> None:
    found = np.mean([alike(86_400, shift, seed=seed).cumulated for seed in range(8)])
    # W. F. Sheppard (1899): of two normal values with this correlation both lie on one side of the middle.
    assert found == pytest.approx(2 / np.pi * np.arcsin(shift**2 / (1 + shift**2)), rel=0.2)


def test_it_does_not_depend_on_how_many_rows_a_day_there_are() -> None:
    few, many = alike(86_400, 0.5, a_day=24), alike(86_400, 0.5, a_day=960)
    assert few.cumulated == pytest.approx(many.cumulated, rel=0.3)


def test_periods_of_which_there_are_too_few_are_left_out() -> None:
    assert [each.period for each in likenesses(*rows(6, 240, 0.5, 1), 10)] == [3600, 21_600, 86_400]


@pytest.mark.parametrize(
    ("length", "rows", "effect"),
    [
        (DAY, 1, 1.0),
        (DAY, 101, 1 + 100 * 0.2),
        # A quarter of a day knows the hour only: its six hours count for themselves.
        (6 * HOUR, 601, 1 + (601 / 6 - 1) * 0.5),
        (HOUR, 11, 1 + 10 * 0.5),
        # Shorter than anything known.
        (HOUR // 2, 11, 1 + 10 * 0.5),
        (10 * DAY, 1001, 1 + (100.1 - 1) * 0.2),
    ],
)
def test_effects_of_a_window(length: int, rows: int, effect: float) -> None:
    known = (Likeness(3600, 0.5, 2.0, 0.5, 0.5), Likeness(86_400, 0.2, 3.0, 0.2, 0.2))
    found = effects_of(known, length, rows)
    assert (found.overall, found.cumulated, found.linear) == pytest.approx((effect,) * 3)


def test_without_times_rows_are_taken_for_independent() -> None:
    assert effects_of((), DAY, 1000) == INDEPENDENT


def test_the_larger_of_two() -> None:
    other = INDEPENDENT._replace(cumulated=3.0)
    assert larger(INDEPENDENT, other) == other == larger(other, INDEPENDENT)
