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
    assert (backlog.reached, backlog.read_to) == (30, 25)


def test_at_the_end_everything_is_read_as_far_as_event_time_has_come() -> None:
    backlog = Backlog(lateness=5)
    backlog.observe("a", 100)
    backlog.observe("b", 30)
    backlog.drained(95)
    assert (backlog.reached, backlog.read_to) == (None, 95)
    # What was certain stays certain.
    backlog.observe("b", 50)
    assert backlog.read_to == 95
