from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.intake.aside import UnansweredError
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


SECOND = 1_000_000
# Longer than any pause.
LATER = 10 * SECOND


def test_a_source_that_cannot_be_read_is_reported_once_until_it_can(caplog: pytest.LogCaptureFixture) -> None:
    error = SourceError("no such file")
    feed, source = feed_of(batch(2, at=1), error, error, batch(4, at=2), error)
    with caplog.at_level(logging.INFO):
        feed.poll(0)
        assert [feed.poll(LATER), feed.poll(2 * LATER)] == [None, None]
        assert (feed.health.up, feed.health.last_success, feed.cursor) == (False, 0, {"at": 1})
        assert feed.poll(3 * LATER) is not None
        assert (feed.health.up, feed.health.last_success) == (True, 3 * LATER)
        feed.poll(20 * LATER)
    assert feed.health.failures == 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "ERROR"]
    fields = getattr(caplog.records[0], "fields", {})
    assert fields == {"model": "m", "source": "predictions", "error": "no such file"}
    assert source.cursors == [{}, {"at": 1}, {"at": 1}, {"at": 1}, {"at": 2}]


def test_a_source_that_comes_and_goes_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    turns = 300
    feed, _ = feed_of(*(step for _ in range(turns) for step in (SourceError("one of many"), batch(2))))
    with caplog.at_level(logging.INFO):
        for turn in range(turns):
            feed.poll(turn * SECOND)
            feed.poll(turn * SECOND + SECOND // 2)
    assert feed.health.failures == turns
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"] * 5


def test_another_reason_is_said_too_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    feed, _ = feed_of(*(SourceError(f"reason {number // 4}") for number in range(12)))
    for number in range(12):
        feed.poll(number * 3 * LATER)
    assert [record.fields["error"] for record in caplog.records] == ["reason 0", "reason 1", "reason 2"]  # type: ignore[attr-defined]


def test_a_source_of_many_reasons_has_a_line_that_ends(caplog: pytest.LogCaptureFixture) -> None:
    feed, _ = feed_of(SourceError("x" * 100_000))
    feed.poll(0)
    (record,) = caplog.records
    assert len(record.fields["error"]) == 2003  # type: ignore[attr-defined]


def test_a_source_that_fails_is_left_alone_for_a_while() -> None:
    error = SourceError("disk on fire")
    source = Script([batch(2, at=1), *[error] * 30])
    feed = Feed(source, Parity(), SourceHealth("m", "predictions"), random=Random(5))
    for moment in range(0, 60 * SECOND, SECOND // 10):
        feed.poll(moment)
    # Twelve at the longest pause, twice as many at most since chance may cut a pause by half, a few on the way there.
    assert 12 <= feed.health.failures <= 28
    assert len(source.cursors) == feed.health.failures + 1
    assert feed.is_failing


def test_a_source_that_works_is_asked_each_time() -> None:
    feed, source = feed_of(*[batch(2)] * 5)
    for _ in range(5):
        assert feed.poll(0) is not None
    assert len(source.cursors) == 5


@pytest.mark.parametrize("culprit", ["source", "decoder"])
def test_an_error_that_nobody_expected_stays_with_its_source(
    culprit: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, source = feed_of(batch(2, at=1), batch(4, at=2), batch(4, at=2))
    feed.poll(0)
    with monkeypatch.context() as broken:
        owner: object = source if culprit == "source" else feed._decoder
        broken.setattr(owner, "poll" if culprit == "source" else "decode", fails)
        assert feed.poll(SECOND) is None
    assert (feed.health.up, feed.health.failures, feed.health.rows, feed.cursor) == (False, 1, 1, {"at": 1})
    assert source.closed
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "ZeroDivisionError" in record.fields["error"]  # type: ignore[attr-defined]
    delivery = feed.poll(LATER)
    assert delivery is not None
    assert (feed.health.up, feed.health.rows) == (True, 2)


def fails(*_: object) -> Any:
    raise ZeroDivisionError("nobody thought of that")


def test_no_answer_is_no_end_and_after_a_while_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    feed, source = feed_of(batch(2, at=1), None)
    feed.poll(0)
    with monkeypatch.context() as hanging:
        hanging.setattr(source, "poll", unanswered)
        found = []
        for moment in (1, 9, 11, 20):
            feed.poll(moment * SECOND)
            found.append((feed.health.up, feed.is_at_end))
        # It was read before: for the time being that is all that there is.
        assert found == [(True, False), (True, False), (False, True), (False, True)]
    feed.poll(30 * SECOND)
    assert (feed.health.up, feed.is_at_end) == (True, True)


def unanswered(_: Cursor) -> None:
    raise UnansweredError


def test_closing_closes_the_source() -> None:
    feed, source = feed_of()
    feed.close()
    assert source.closed


PATIENCE = 7 * SECOND


def test_nothing_new_is_the_end_and_rows_are_not() -> None:
    feed, _ = feed_of(batch(2, at=1), None, batch(4, at=2))
    ends = []
    for now in range(3):
        feed.poll(now)
        ends.append(feed.is_at_end)
    assert ends == [False, True, False]


def test_a_source_that_fails_from_the_start_is_waited_for_but_not_for_ever() -> None:
    error = SourceError("not mounted yet")
    feed, _ = feed_of(error, error, batch(2, at=1))
    feed = patient(feed)
    ends = []
    for now in (LATER, LATER + PATIENCE - 1, LATER + PATIENCE, 4 * LATER):
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
