from __future__ import annotations

from exporter.counting.timeline import BEGINNING
from exporter.intake.backlog import Backlog


def test_nothing_is_sure_before_anything_was_read() -> None:
    backlog = Backlog(lateness=5)
    backlog.drained(None)
    assert (backlog.reached, backlog.read_to) == (None, BEGINNING)


def test_the_partition_furthest_behind_counts() -> None:
    backlog = Backlog(lateness=5)
    backlog.observe("a", 100)
    backlog.observe("b", 30)
    backlog.observe("b", 20)
    backlog.had_turn(others_wait=False)
    assert (backlog.reached, backlog.read_to) == (30, 25)


def test_at_the_end_everything_is_read_as_far_as_event_time_has_come() -> None:
    backlog = Backlog(lateness=5)
    backlog.observe("a", 100)
    backlog.observe("b", 30)
    backlog.drained(95)
    assert (backlog.reached, backlog.read_to) == (None, 95)
    # What was certain stays certain.
    backlog.observe("b", 50)
    backlog.had_turn(others_wait=False)
    assert backlog.read_to == 95


def test_a_file_that_was_not_looked_into_may_hold_anything() -> None:
    backlog = Backlog(lateness=5)
    backlog.drained(10)
    backlog.observe("live", 100)
    backlog.had_turn(others_wait=True)
    assert (backlog.reached, backlog.read_to) == (None, 10)
    backlog.observe("rotated", 40)
    backlog.had_turn(others_wait=False)
    assert (backlog.reached, backlog.read_to) == (40, 35)
    # The next round begins; what the one before has shown still holds.
    backlog.observe("live", 120)
    backlog.had_turn(others_wait=True)
    assert backlog.read_to == 35
    # The rotated one had nothing more in it.
    backlog.observe("other", 110)
    backlog.had_turn(others_wait=False)
    assert backlog.read_to == 105
