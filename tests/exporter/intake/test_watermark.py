from __future__ import annotations

import dataclasses
import json

from hypothesis import given
from hypothesis import strategies as st

from exporter.intake.watermark import Watermark

LATENESS, IDLE, PERIOD, REOPENING = 10, 100, 1000, 20

moves = st.lists(
    st.one_of(
        st.tuples(st.just("observe"), st.sampled_from(["a", "b", "c.1", "c.2"]), st.integers(0, 1000)),
        st.tuples(st.just("wait"), st.just(""), st.integers(0, 150)),
        st.tuples(st.just("drained"), st.just(""), st.just(0)),
    ),
    max_size=30,
)


def caught_up() -> Watermark:
    mark = Watermark(LATENESS, IDLE, reopening=REOPENING)
    mark.drained(0)
    return mark


def test_before_the_first_row_there_is_no_mark() -> None:
    assert Watermark(LATENESS, IDLE).advance(5000) is None
    assert Watermark(LATENESS, IDLE).newest is None


def test_the_mark_is_behind_the_newest_event_by_the_lateness() -> None:
    mark = Watermark(LATENESS, IDLE)
    mark.observe("a", 500, now=0)
    mark.observe("a", 400, now=1)
    assert (mark.newest, mark.advance(1)) == (500, 490)


def test_the_slowest_growing_partition_holds_the_mark_back() -> None:
    mark = caught_up()
    mark.observe("a", 300, now=0)
    mark.observe("b", 500, now=0)
    assert mark.advance(0) == 290
    mark.observe("a", 450, now=50)
    assert mark.advance(50) == 440


def test_a_partition_that_fell_silent_no_longer_holds_it_back() -> None:
    mark = caught_up()
    mark.observe("a", 300, now=0)
    mark.observe("b", 500, now=50)
    assert mark.advance(IDLE - 1) == 290
    assert mark.advance(IDLE) == 490


def test_files_that_were_complete_when_found_never_hold_it_back() -> None:
    mark = Watermark(LATENESS, IDLE)
    mark.observe("old", 100, now=0)
    mark.observe("live", 500, now=0)
    mark.drained(0)
    assert mark.advance(0) == 490
    mark.observe("live", 600, now=1)
    assert mark.advance(1) == 590


def test_a_silent_log_fades_with_the_wall_clock() -> None:
    mark = caught_up()
    mark.observe("a", 500, now=1000)
    assert [mark.advance(1000 + passed) for passed in (0, 99, 100, 150, 1000)] == [490, 490, 590, 640, 1490]
    mark.observe("a", 700, now=2000)
    assert mark.advance(2000) == 1490


def test_the_wall_clock_may_step_back() -> None:
    mark = caught_up()
    mark.observe("a", 500, now=1000)
    assert (mark.advance(1000), mark.advance(0)) == (490, 490)


def test_fading_goes_on_evenly_when_the_last_partition_did_not_have_the_newest_event() -> None:
    mark = caught_up()
    mark.observe("ahead", 1000, now=0)
    mark.observe("behind", 500, now=200)
    assert [mark.advance(now) for now in (300, 310, 320, 1000)] == [1090, 1100, 1110, 1790]


@given(moves)
def test_it_never_moves_back_and_keeps_few_partitions(program: list[tuple[str, str, int]]) -> None:
    mark, now, marks = Watermark(LATENESS, IDLE, reopening=REOPENING), 0, [-(10**9)]
    for what, name, amount in program:
        if what == "observe":
            mark.observe(name, amount, now, place=name[0])
        elif what == "wait":
            now += amount
        else:
            mark.drained(0)
        value = mark.advance(now)
        marks += [] if value is None else [value]
        live = [each for each in mark.partitions.values() if now - each.seen < IDLE]
        assert len(mark.partitions) <= len(live) + 2
    assert marks == sorted(marks)


@given(moves, st.integers(0, 500), st.integers(0, 500))
def test_fading_does_not_depend_on_how_often_it_is_looked_at(
    program: list[tuple[str, str, int]], first: int, second: int
) -> None:
    marks = [Watermark(LATENESS, IDLE, reopening=REOPENING), Watermark(LATENESS, IDLE, reopening=REOPENING)]
    now = 0
    for what, name, amount in program:
        now += amount if what == "wait" else 0
        for mark in marks:
            if what == "observe":
                mark.observe(name, amount, now, place=name[0])
            mark.advance(now)
    marks[0].advance(now + first)
    assert marks[0].advance(now + first + second) == marks[1].advance(now + first + second)


def rotated() -> Watermark:
    """A log that was rotated at 0, with rows in the younger file since."""
    mark = caught_up()
    mark.observe("old", 300, now=0, place="app.log")
    mark.drained(0)
    mark.observe("young", 500, now=1, place="app.log")
    return mark


def test_a_rotated_file_holds_it_back_until_its_writer_has_opened_the_new_one() -> None:
    mark = rotated()
    assert [mark.drained(now) for now in (1, REOPENING - 1, REOPENING)] == [290, 290, 490]


def test_a_writer_that_goes_on_in_a_rotated_file_is_waited_for() -> None:
    mark = rotated()
    mark.observe("old", 320, now=15, place="app.log.1")
    assert [mark.drained(now) for now in (16, REOPENING, REOPENING + 14)] == [310, 310, 310]
    assert mark.drained(REOPENING + 15) == 490


def test_a_rotated_file_that_is_not_read_to_its_end_holds_it_back() -> None:
    mark = rotated()
    mark.observe("old", 310, now=10, place="app.log.1")
    assert mark.advance(IDLE) == 300
    assert mark.drained(IDLE) == 490


def test_of_three_files_in_one_place_the_last_one_counts() -> None:
    mark = rotated()
    mark.observe("youngest", 600, now=10, place="app.log")
    assert [mark.drained(now) for now in (10, REOPENING, 1 + REOPENING)] == [290, 490, 590]


def test_a_slow_file_in_a_place_of_its_own_is_not_taken_for_a_rotated_one() -> None:
    mark = rotated()
    mark.observe("slow", 400, now=1, place="other.log")
    assert [mark.drained(now) for now in (REOPENING, IDLE)] == [390, 390]


def test_a_rotated_file_never_holds_it_back_for_longer_than_others() -> None:
    mark = Watermark(LATENESS, IDLE, reopening=10 * IDLE)
    mark.drained(0)
    mark.observe("old", 300, now=0, place="app.log")
    mark.observe("young", 500, now=50, place="app.log")
    assert [mark.drained(now) for now in (IDLE - 1, IDLE)] == [290, 490]


def test_old_partitions_are_forgotten() -> None:
    mark = caught_up()
    for i in range(1000):
        mark.observe(f"file {i}", 500, now=i * IDLE)
        mark.advance(i * IDLE)
    assert len(mark.partitions) <= 2


def test_what_is_kept_is_plain() -> None:
    mark = caught_up()
    mark.observe("a", 500, now=1)
    mark.advance(1)
    assert json.loads(json.dumps(dataclasses.asdict(mark))) == {
        "lateness": LATENESS,
        "idle_timeout": IDLE,
        "partitions": {"a": {"newest": 500, "seen": 1, "growing": True, "place": "a"}},
        "period": 0,
        "value": 490,
        "boundary": None,
        "caught_up": True,
        "reopening": REOPENING,
    }


def in_drops() -> Watermark:
    mark = Watermark(LATENESS, IDLE, PERIOD)
    mark.observe("first", 5000, now=5100)
    mark.drained(5100)
    return mark


def test_while_a_drop_is_read_the_mark_stays_where_it_is() -> None:
    mark = in_drops()
    mark.observe("second a", 6000, now=6100)
    assert mark.advance(6100) == 4990
    mark.observe("second b", 5500, now=6110)
    assert mark.advance(6110) == 4990
    # No file of a drop holds it back: each was complete when it came.
    assert mark.drained(6110) == 5990


def test_a_long_backlog_of_drops_moves_the_mark_all_the_same() -> None:
    mark = in_drops()
    mark.observe("much later", 5000 + 7 * PERIOD, now=12_000)
    assert mark.advance(12_000) == 4990 + 5 * PERIOD


def test_figures_of_drops_fade_when_one_is_overdue() -> None:
    mark = in_drops()
    assert [mark.drained(5100 + passed) for passed in (PERIOD, PERIOD + IDLE - 1)] == [4990, 4990]
    assert mark.drained(5100 + PERIOD + IDLE) == 4990 + IDLE
    assert mark.drained(5100 + PERIOD + IDLE + 5) == 4990 + IDLE + 5


def test_what_is_late_is_judged_by_the_last_end() -> None:
    mark = caught_up()
    assert mark.boundary is None
    mark.observe("a", 500, now=0)
    mark.advance(0)
    assert mark.boundary is None
    mark.drained(0)
    mark.observe("a", 900, now=1)
    assert mark.advance(1) == 890
    assert mark.boundary == 490
    mark.drained(1)
    assert mark.boundary == 890
