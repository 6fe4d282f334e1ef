from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from exporter.intake.backoff import Backoff

FIRST, LONGEST = 1000, 60_000


def pauses(seed: int, failures: int) -> list[int]:
    """How long one has to wait after each failure in a row, to the unit."""
    backoff, found, now = Backoff(FIRST, LONGEST, Random(seed)), [], 0
    for _ in range(failures):
        backoff.fail(now)
        pause = next(step for step in range(LONGEST + 2) if backoff.is_due(now + step))
        found.append(pause)
        now += pause
    return found


@given(st.integers())
def test_pauses_double_up_to_the_longest_and_are_cut_by_half_at_most(seed: int) -> None:
    found = pauses(seed, 9)
    for number, pause in enumerate(found):
        whole = min(FIRST * 2**number, LONGEST)
        assert whole / 2 <= pause <= whole


def test_chance_keeps_a_fleet_from_marching_in_step() -> None:
    assert len({tuple(pauses(seed, 4)) for seed in range(20)}) == 20
    assert pauses(3, 4) == pauses(3, 4)


def test_a_success_begins_anew() -> None:
    backoff = Backoff(FIRST, LONGEST, Random(0))
    for _ in range(10):
        backoff.fail(0)
    backoff.succeed()
    assert backoff.is_due(0)
    backoff.fail(0)
    assert backoff.is_due(FIRST)


def test_a_clock_that_was_set_back_is_not_waited_for() -> None:
    backoff = Backoff(FIRST, LONGEST, Random(0))
    backoff.fail(10**15)
    assert not backoff.is_due(10**15)
    assert backoff.is_due(0)


def test_years_of_failures_cost_nothing() -> None:
    backoff = Backoff(FIRST, LONGEST, Random(0), failures=10**9)
    backoff.fail(0)
    assert backoff.is_due(LONGEST)
