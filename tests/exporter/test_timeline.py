from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.timeline import BEGINNING, Level, Timeline

MINUTE, HOUR, DAY = 60, 3600, 86_400


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Nested windows: each step divides its own length and the next longer window's step."""
    step, length = draw(st.integers(1, 3)), 0
    levels = []
    for _ in range(draw(st.integers(0, 3))):
        length = (length // step + draw(st.integers(1, 5))) * step
        levels.append(Level(length, step))
        step *= draw(st.integers(1, 4))
    shuffled = draw(st.permutations(levels))
    return Timeline(shuffled, endless=draw(st.booleans()) or not levels)


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
    # Times are consecutive, so panes that do not overlap come one after the other.
    runs = [pane for i, pane in enumerate(found) if not i or pane != found[i - 1]]
    assert len(runs) == len(set(runs))


@given(timelines(), moments, st.integers(0, 100))
def test_merging_as_time_moves_on_is_the_same_as_cutting_later(timeline: Timeline, now: int, later: int) -> None:
    times = list(range(now - 200, now + 20))
    early = panes(timeline, times, now)
    merged = panes(timeline, [start for start, _ in early], now + later)
    assert merged == panes(timeline, times, now + later)


@given(timelines(), moments)
def test_no_pane_lies_across_the_edge_of_a_window(timeline: Timeline, now: int) -> None:
    found = set(panes(timeline, list(range(now - 200, now + 20)), now))
    for level in timeline.levels:
        end = now // level.step * level.step
        for start, step in found:
            if step > 0:
                for edge in (end - level.length, *([end] if level == timeline.levels[0] else [])):
                    assert not start < edge < start + step


@given(timelines(), moments)
def test_a_window_is_made_of_whole_panes(timeline: Timeline, now: int) -> None:
    for level in timeline.levels:
        end = now // level.step * level.step
        times = list(range(end - level.length, end))
        for start, step in panes(timeline, times, now):
            assert end - level.length <= start
            assert start + step <= end


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
def test_what_is_late_stays_late_and_lies_before_every_window(timeline: Timeline, now: int, later: int) -> None:
    times = np.arange(now - 200, now + 20)
    late = timeline.is_late(times, now)
    assert not (late & ~timeline.is_late(times, now + later)).any()
    if not timeline.endless:
        windows = timeline.levels[-1:]
        assert late.tolist() == [
            all(time < now // level.step * level.step - level.length for level in windows) for time in times
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


def test_with_the_window_of_everything_alone_there_is_one_pane() -> None:
    timeline = Timeline([], endless=True)
    assert panes(timeline, [-5, 0, 10**15], 7) == [(BEGINNING, 0)] * 3
    assert timeline.panes_at_most == 1
