from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.timeline import BEGINNING, Level, Timeline

MINUTE, HOUR, DAY = 60, 3600, 86_400


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Nested windows, some with a previous one: each step divides its own length and the next longer window's step."""
    return Timeline([Level(reach, step) for _, step, reach in draw(windows())], endless=draw(st.booleans()))


@st.composite
def windows(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Return the length, the step and the reach of each window."""
    step, length = draw(st.integers(1, 3)), 0
    found = []
    for _ in range(draw(st.integers(0, 3))):
        length = (length // step + draw(st.integers(1, 5))) * step
        found.append((length, step, length * draw(st.sampled_from((1, 1, 2)))))
        step *= draw(st.integers(1, 4))
    return list(draw(st.permutations(found)))


moments = st.integers(-100, 300)


def panes(timeline: Timeline, times: list[int], now: int) -> list[tuple[int, int]]:
    starts, steps = timeline.panes(np.array(times, np.int64), now)
    return list(zip(starts.tolist(), steps.tolist(), strict=True))


@given(timelines(), moments)
def test_every_time_lies_in_its_pane_and_panes_do_not_overlap(timeline: Timeline, now: int) -> None:
    times = list(range(now - 200, now + 20))
    found = panes(timeline, times, now)
    for time, (start, step) in zip(times, found, strict=True):
        assert (start <= time < start + step) if step > 0 else start == BEGINNING
        assert step >= 0 or not timeline.endless
    # Times are consecutive, so panes that do not overlap come one after the other.
    runs = [pane for i, pane in enumerate(found) if not i or pane != found[i - 1]]
    assert len(runs) == len(set(runs))


@given(timelines(), moments, st.integers(0, 100))
def test_merging_as_time_moves_on_is_the_same_as_cutting_later(timeline: Timeline, now: int, later: int) -> None:
    times = list(range(now - 200, now + 20))
    early = panes(timeline, times, now)
    merged = panes(timeline, [start for start, _ in early], now + later)
    assert merged == panes(timeline, times, now + later)


@given(windows(), moments)
def test_no_pane_lies_across_the_edge_of_a_window_or_of_its_previous_one(
    stated: list[tuple[int, int, int]], now: int
) -> None:
    timeline = Timeline([Level(reach, step) for _, step, reach in stated])
    found = set(panes(timeline, list(range(now - 200, now + 20)), now))
    for length, step, reach in stated:
        end = now // step * step
        for edge in range(end - reach, end + 1, length):
            # At its end the coarser windows' rows lie in panes of the finest step.
            assert not any(start < edge < start + width for start, width in found if width > 0)


@given(windows(), moments)
def test_a_window_is_made_of_whole_panes(stated: list[tuple[int, int, int]], now: int) -> None:
    timeline = Timeline([Level(reach, step) for _, step, reach in stated])
    for length, step, reach in stated:
        end = now // step * step
        for start in range(end - reach, end, length):
            for pane, width in panes(timeline, list(range(start, start + length)), now):
                assert start <= pane
                assert width > 0
                assert pane + width <= start + length


@given(timelines(), moments)
def test_there_are_never_more_panes_than_said(timeline: Timeline, now: int) -> None:
    found = {pane for pane in panes(timeline, list(range(now - 400, now + 1)), now) if pane[1] >= 0}
    assert len(found) <= timeline.panes_at_most


def test_the_number_of_panes_is_not_far_below_what_is_said() -> None:
    timeline = Timeline([Level(HOUR, MINUTE), Level(DAY, 30 * MINUTE)], endless=True)
    found = [
        len(set(panes(timeline, list(range(now - 2 * DAY, now + 1, 30)), now))) for now in range(0, HOUR, 7 * MINUTE)
    ]
    assert timeline.panes_at_most - 1 <= max(found) <= timeline.panes_at_most


@given(timelines(), moments, st.integers(0, 100))
def test_what_is_late_stays_late(timeline: Timeline, now: int, later: int) -> None:
    times = np.arange(now - 200, now + 20)
    late = timeline.is_late(times, now)
    assert not (late & ~timeline.is_late(times, now + later)).any()


@given(windows(), moments)
def test_what_is_late_lies_before_every_window(stated: list[tuple[int, int, int]], now: int) -> None:
    timeline = Timeline([Level(reach, step) for _, step, reach in stated])
    times = np.arange(now - 200, now + 20)
    assert timeline.is_late(times, now).tolist() == [
        bool(stated) and all(time < now // step * step - reach for _, step, reach in stated) for time in times.tolist()
    ]


def test_nothing_is_late_where_everything_counts() -> None:
    timeline = Timeline([Level(HOUR, MINUTE)], endless=True)
    assert not timeline.is_late(np.array([BEGINNING, 0]), 10 * HOUR).any()


def test_panes_by_hand() -> None:
    timeline = Timeline([Level(DAY, 30 * MINUTE), Level(HOUR, MINUTE)])
    now = DAY + HOUR + 59 * MINUTE + 59
    # The hour begins at 00:59; on the day's grid that is 00:30.
    assert timeline.limits(now) == [DAY + 30 * MINUTE, 90 * MINUTE]
    times = [now, now + HOUR, DAY + 30 * MINUTE, DAY + 30 * MINUTE - 1, 90 * MINUTE, 90 * MINUTE - 1]
    assert panes(timeline, times, now) == [
        (DAY + HOUR + 59 * MINUTE, MINUTE),
        (DAY + 2 * HOUR + 59 * MINUTE, MINUTE),
        (DAY + 30 * MINUTE, MINUTE),
        (DAY, 30 * MINUTE),
        (90 * MINUTE, 30 * MINUTE),
        (BEGINNING, -1),
    ]


def test_a_longer_window_may_begin_inside_a_previous_one() -> None:
    """The day's panes must then begin where those of the 20 hours end."""
    timeline = Timeline([Level(40 * HOUR, 15 * MINUTE), Level(DAY, 30 * MINUTE)])
    assert timeline.levels == [Level(40 * HOUR, 15 * MINUTE), Level(40 * HOUR, 30 * MINUTE)]
    assert set(panes(timeline, list(range(2 * DAY, 4 * DAY, 60)), 4 * DAY)) == {
        *((start, 15 * MINUTE) for start in range(4 * DAY - 40 * HOUR, 4 * DAY, 15 * MINUTE)),
        (BEGINNING, -1),
    }
    # A coarse end lies before the fine one.
    now = 4 * DAY + 20 * MINUTE
    (start,) = {start for start, step in panes(timeline, [now - 40 * HOUR - 10 * MINUTE], now) if step}
    assert start == 4 * DAY - 40 * HOUR


def test_without_windows_of_time_there_are_no_panes_and_nothing_is_late() -> None:
    timeline = Timeline([])
    assert panes(timeline, [-5, 0, 10**15], 7) == [(BEGINNING, -1)] * 3
    assert timeline.panes_at_most == 0
    assert not timeline.is_late(np.array([BEGINNING, 0]), 7).any()


def test_with_the_window_of_everything_alone_there_is_one_pane() -> None:
    timeline = Timeline([], endless=True)
    assert panes(timeline, [-5, 0, 10**15], 7) == [(BEGINNING, 0)] * 3
    assert timeline.panes_at_most == 1
