from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.demo.replay import (
    GAP,
    TICK,
    Line,
    Pace,
    Record,
    Span,
    one_pass,
    passes,
    play,
    read,
    seconds_of,
    span_of,
    stamp_of,
)

START = 1_700_000_000.0


def record(seconds: float, request_id: str = "a", **more: object) -> Record:
    return {"timestamp": stamp_of(seconds), "request_id": request_id, **more}


def decoded(line: Line) -> Record:
    found: Record = json.loads(line.text)
    return found


@given(st.floats(0, 4e9), st.floats(0, 1e8), st.sampled_from([1.0, 60.0, 345_600.0]))
def test_the_first_event_is_now_and_lags_are_divided_by_the_speed(event: float, lag: float, speed: float) -> None:
    pace = Pace(START, event, speed)
    assert pace.now(event) == START
    assert pace.now(event + lag) - START == pytest.approx(lag / speed, abs=1e-5)


@given(st.integers(0, 4_000_000_000_000_000))
def test_a_time_stamp_survives_to_the_microsecond(microseconds: int) -> None:
    assert seconds_of(stamp_of(microseconds / 1e6)) == pytest.approx(microseconds / 1e6, abs=2e-6)


def test_a_line_keeps_everything_but_its_time() -> None:
    (line,) = one_pass([record(60.0, score=0.25, features={"a b": None})], "p", Pace(START, 0.0, 60.0), 1)
    assert line.due == START + 1
    assert line.target == "p"
    assert line.text.endswith("}\n")
    assert decoded(line) == record(START + 1, score=0.25, features={"a b": None})


def test_a_time_that_runs_backwards_is_kept_but_written_in_order() -> None:
    lines = list(one_pass([record(60.0), record(30.0)], "p", Pace(START, 0.0, 1.0), 1))
    assert [line.due - START for line in lines] == [60.0, 60.0]
    assert [seconds_of(decoded(line)["timestamp"]) - START for line in lines] == [60.0, 30.0]


def test_labels_come_after_their_predictions_and_keep_their_scaled_lag() -> None:
    logs = {"p": [record(0.0), record(60.0, "b")], "l": [record(30.0, label=1)]}
    lines = list(islice(passes(logs, START, speed=10.0), 3))
    assert [(line.target, line.due - START) for line in lines] == [("p", 0.0), ("l", 3.0), ("p", 6.0)]


def test_the_second_pass_follows_the_first_with_request_ids_of_its_own() -> None:
    logs = {"p": [record(0.0), record(60.0, "b")], "l": [record(90.0, label=1)]}
    lines = list(islice(passes(logs, START, speed=10.0), 6))
    assert [decoded(line)["request_id"] for line in lines] == ["a", "b", "a", "a-2", "b-2", "a-2"]
    assert [line.due - START for line in lines[3:]] == [9 + GAP, 15 + GAP, 18 + GAP]


def test_the_position_is_where_the_lines_are() -> None:
    logs = {"p": [record(0.0), record(60.0, "b")], "l": [record(90.0, label=1)]}
    found = [span_of(logs).position(line.due - START, 10.0) for line in islice(passes(logs, START, 10.0), 5)]
    assert [number for number, _ in found] == [1, 1, 1, 2, 2]
    assert [event for _, event in found] == pytest.approx([0.0, 60.0, 90.0, 0.0, 60.0])


def test_between_two_passes_the_position_stays_at_the_end() -> None:
    assert Span(0.0, 90.0).position(9.0 + GAP / 2, speed=10.0) == (1, 90.0)


class Clock:
    """A clock that only waiting moves."""

    def __init__(self, stop_after: int = 1_000) -> None:
        self.time = START
        self.waits: list[float] = []
        self.stop_after = stop_after

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.time += seconds
        return len(self.waits) >= self.stop_after


def test_lines_that_fall_due_within_a_tick_are_written_together() -> None:
    clock, written = Clock(), list[tuple[float, str, str]]()
    lines = [Line(START + at, "p", f"{at}\n") for at in (0.0, 0.05, 0.1, 0.5)]
    play(lines, lambda target, text: written.append((clock.now(), target, text)), clock.now, clock.wait)
    assert [(target, text) for _, target, text in written] == [("p", "0.0\n"), ("p", "0.05\n0.1\n"), ("p", "0.5\n")]
    assert clock.waits == pytest.approx([TICK, 0.4])
    assert all(at >= START + float(text.split()[-1]) - 1e-6 for at, _, text in written)


def test_the_loop_ends_when_it_is_told_to() -> None:
    clock, written = Clock(stop_after=2), list[str]()
    play(passes({"p": [record(0.0)]}, START, 1.0), lambda _, text: written.append(text), clock.now, clock.wait)
    assert len(written) == 2


def test_logs_are_read_from_gzip(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a":1}\n{"a":null}\n'))
    assert read(path) == [{"a": 1}, {"a": None}]
