from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.intake.feed import Feed
from exporter.intake.source_health import SourceHealth
from exporter.rows.record import Decoded, Labels, Refusals
from exporter.sources import Batch, Cursor, SourceError

Step = Batch[list[int]] | SourceError | None


class Script:
    """A source that does what it is told, one step a poll."""

    name = "script"

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = iter(steps)
        self.cursors: list[Cursor] = []
        self.closed = False

    def poll(self, cursor: Cursor) -> Batch[list[int]] | None:
        self.cursors.append(cursor)
        step = next(self._steps)
        if isinstance(step, SourceError):
            raise step
        return step

    def close(self) -> None:
        self.closed = True


class Parity:
    """Takes even numbers for rows; multiples of three belong to another model."""

    def decode(self, payload: Any, now: int) -> Decoded[Labels]:
        own = [number for number in payload if number % 3]
        rows = np.array([number for number in own if number % 2 == 0], np.int64)
        refusals = Refusals(Counter(odd=len(own) - len(rows)), Counter(), len(payload) - len(own))
        return Decoded(Labels(rows + now, rows.astype(np.uint64), rows.astype(np.float64)), len(payload), refusals)


def feed_of(*steps: Step) -> tuple[Feed[Labels], Script]:
    source = Script(steps)
    return Feed(source, Parity(), SourceHealth("m", "predictions")), source


def batch(*numbers: int, at: int = 0, **rejected: int) -> Batch[list[int]]:
    return Batch("part", list(numbers), rejected, {"at": at}, {"truncated": 1} if rejected else {})


def test_rows_come_with_their_partition_and_move_the_cursor() -> None:
    feed, source = feed_of(batch(2, 4, at=1), batch(8, at=2), None)
    first, second = feed.poll(100), feed.poll(200)
    assert first is not None
    assert second is not None
    assert (first.partition, first.rows.time.tolist(), second.rows.time.tolist()) == ("part", [102, 104], [208])
    assert (feed.poll(300), feed.cursor) == (None, {"at": 2})
    assert source.cursors == [{}, {"at": 1}, {"at": 2}]
    assert (feed.health.up, feed.health.last_success) == (True, 300)


def test_what_the_source_skipped_is_read_and_rejected() -> None:
    feed, _ = feed_of(batch(2, 5, 3, too_long=2))
    feed.poll(0)
    health = feed.health
    assert (health.rows, health.accepted, health.ignored) == (5, 1, 1)
    assert (health.rejected, health.notes) == ({"odd": 1, "too_long": 2}, {"truncated": 1})


@given(st.lists(st.none() | st.tuples(st.lists(st.integers(0, 20)), st.integers(0, 3)), max_size=8))
def test_read_is_always_accepted_late_ignored_and_rejected(steps: list[tuple[list[int], int] | None]) -> None:
    feed, _ = feed_of(*(step and batch(*step[0], too_long=step[1]) for step in steps))
    delivered = sum(len(delivery.rows) for _ in steps if (delivery := feed.poll(0)) is not None)
    health = feed.health
    assert health.accepted == delivered
    assert health.rows == delivered + health.ignored + health.rejected.total() + health.late


def test_a_source_that_cannot_be_read_is_reported_once_until_it_can(caplog: pytest.LogCaptureFixture) -> None:
    error = SourceError("no such file")
    feed, source = feed_of(batch(2, at=1), error, error, batch(4, at=2), error)
    with caplog.at_level(logging.INFO):
        feed.poll(10)
        assert [feed.poll(20), feed.poll(30)] == [None, None]
        assert (feed.health.up, feed.health.last_success, feed.cursor) == (False, 10, {"at": 1})
        assert feed.poll(40) is not None
        assert (feed.health.up, feed.health.last_success) == (True, 40)
        feed.poll(50)
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "ERROR"]
    fields = getattr(caplog.records[0], "fields", {})
    assert fields == {"model": "m", "source": "predictions", "error": "no such file"}
    assert source.cursors == [{}, {"at": 1}, {"at": 1}, {"at": 1}, {"at": 2}]


def test_closing_closes_the_source() -> None:
    feed, source = feed_of()
    feed.close()
    assert source.closed


PATIENCE = 100


def test_nothing_new_is_the_end_and_rows_are_not() -> None:
    feed, _ = feed_of(batch(2, at=1), None, batch(4, at=2))
    ends = []
    for now in range(3):
        feed.poll(now)
        ends.append(feed.is_at_end)
    assert ends == [False, True, False]


def test_a_source_that_fails_from_the_start_is_waited_for_but_not_for_ever() -> None:
    error = SourceError("not mounted yet")
    feed, _ = feed_of(error, error, error, batch(2, at=1))
    feed = patient(feed)
    ends = []
    for now in (1000, 1000 + PATIENCE - 1, 1000 + PATIENCE, 1200):
        feed.poll(now)
        ends.append((feed.is_at_end, feed.is_failing))
    assert ends == [(False, True), (False, True), (True, True), (False, False)]


def test_a_source_that_could_be_read_and_fails_now_is_at_its_end() -> None:
    feed = patient(feed_of(batch(2, at=1), SourceError("one of several files is damaged"))[0])
    feed.poll(0)
    feed.poll(1)
    assert (feed.is_at_end, feed.is_failing) == (True, True)


def patient(feed: Feed[Labels]) -> Feed[Labels]:
    return Feed(feed._source, feed._decoder, feed.health, PATIENCE)
