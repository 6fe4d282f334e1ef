"""Run lengths and delays by simulation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from exporter.sequential.cusum import FARTHEST, GREATEST, LEARN, Cusum
from exporter.sequential.run_length import limit_for

FOREVER = 10**9


def slices(random: np.random.Generator, likeness: float) -> Iterator[float]:
    """Yield values that depend on the one before, with a mean of 0 and a standard deviation of 1."""
    value = random.normal()
    while True:
        yield value
        value = likeness * value + np.sqrt(1 - likeness**2) * random.normal()


def until_alarm(random: np.random.Generator, limit: float, likeness: float, *, most: int) -> int:
    """Return how many slices were judged before the first alarm."""
    cusum = Cusum()
    for judged, value in enumerate(slices(random, likeness), 1 - LEARN):
        cusum.add(value, limit, floor=0.0, relearn=FOREVER)
        if cusum.score > limit or judged >= most:
            return judged
    raise AssertionError("slices never end")


@pytest.mark.parametrize("likeness", [0.0, 0.5, 0.9])
def test_false_alarms_are_as_rare_as_they_should_be(likeness: float) -> None:
    """What is usual is not known beforehand; likeness between neighbours would halve the run length more than once."""
    random = np.random.default_rng(1)
    lengths = [until_alarm(random, limit_for(2 * 100), likeness, most=600) for _ in range(120)]
    assert np.mean(lengths) > 80
    if not likeness:
        assert np.mean(lengths) < 160


@pytest.mark.parametrize(("shift", "slices_needed"), [(1.0, 20), (2.0, 6), (-2.0, 6)])
def test_a_change_is_found_soon(shift: float, slices_needed: int) -> None:
    random = np.random.default_rng(2)
    delays = []
    for _ in range(60):
        cusum, limit = Cusum(), limit_for(1200)
        for place, value in enumerate(slices(random, 0.0)):
            cusum.add(value + shift * (place >= 60), limit, floor=0.0, relearn=FOREVER)
            if (cusum.score > limit and place >= 60) or place > 200:
                break
        delays.append(place - 60)
    assert np.median(delays) <= slices_needed


def learnt(*, two_sided: bool = True) -> Cusum:
    cusum = Cusum(two_sided=two_sided)
    for place in range(40):
        cusum.add(0.5 + 0.1 * (-1) ** place, 5.0, floor=0.0, relearn=FOREVER)
    return cusum


def test_no_single_slice_alarms() -> None:
    cusum = learnt()
    cusum.add(1e9, 5.0, floor=0.0, relearn=FOREVER)
    assert cusum.score <= FARTHEST


def test_while_it_alarms_nothing_is_learnt_and_the_sum_stays_in_reach() -> None:
    cusum = learnt()
    for _ in range(10):
        cusum.add(2.0, 5.0, floor=0.0, relearn=FOREVER)
    mean = cusum.mean
    for _ in range(200):
        cusum.add(2.0, 5.0, floor=0.0, relearn=FOREVER)
    assert cusum.mean == mean
    assert cusum.score == GREATEST * 5.0
    back = 0
    while cusum.score > 5.0:
        cusum.add(0.5, 5.0, floor=0.0, relearn=FOREVER)
        back += 1
    assert 0 < back < 15


def test_a_change_that_lasts_becomes_the_usual() -> None:
    cusum = learnt()
    added = 0
    while cusum.over < 29:
        cusum.add(2.0, 5.0, floor=0.0, relearn=30)
        added += 1
    cusum.add(2.0, 5.0, floor=0.0, relearn=30)
    assert (cusum.slices, cusum.score, cusum.mean) == (1, 0.0, 2.0)
    assert added < 40


def test_what_differs_by_less_than_the_floor_is_equal() -> None:
    still, moved = Cusum(), Cusum()
    for place in range(60):
        small = 0.001 * (place >= 40) + 1e-5 * (-1) ** place
        still.add(small, 5.0, floor=0.01, relearn=FOREVER)
        moved.add(small, 5.0, floor=0.0, relearn=FOREVER)
    assert still.score == 0
    assert moved.score > 5


def test_of_errors_only_growth_counts() -> None:
    better, worse = learnt(two_sided=False), learnt(two_sided=False)
    for _ in range(20):
        better.add(0.0, 5.0, floor=0.0, relearn=FOREVER)
        worse.add(1.0, 5.0, floor=0.0, relearn=FOREVER)
    assert better.score == 0
    assert worse.score > 5


def test_a_constant_is_no_change() -> None:
    cusum = Cusum()
    for _ in range(50):
        cusum.add(0.25, 5.0, floor=0.0, relearn=FOREVER)
    assert cusum.score == 0
    cusum.add(0.5, 5.0, floor=0.0, relearn=FOREVER)
    assert 0 < cusum.score <= FARTHEST


@pytest.mark.parametrize("absurd", [50.0, 1e9, 1e150, -1e150])
def test_one_absurd_slice_does_not_blind_it(absurd: float) -> None:
    random = np.random.default_rng(4)
    cusum, limit = Cusum(), limit_for(1200)
    for place in range(100):
        cusum.add(absurd if place == 40 else random.normal(), limit, floor=0.0, relearn=FOREVER)
    assert cusum.score <= limit
    for _ in range(25):
        cusum.add(2 + random.normal(), limit, floor=0.0, relearn=FOREVER)
    assert cusum.score > limit


def test_absurd_slices_while_it_learns_leave_it_finite() -> None:
    cusum = Cusum()
    for place in range(40):
        cusum.add(1e150 * (-1) ** place if place < 15 else 1.0, 5.0, floor=0.0, relearn=30)
    assert np.isfinite([cusum.score, cusum.mean, cusum.squares, cusum.products]).all()
