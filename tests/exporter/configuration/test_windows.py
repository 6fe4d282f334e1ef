"""The grid of the windows: steps that are asked for by name, and what holds for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration.windows import CANDIDATES, DAY, StatedWindow, Window, default_step, with_steps
from exporter.durations import format_duration, parse_duration

PROMISED = {"5m": "5s", "1h": "1m", "24h": "30m", "7d": "3h", "30d": "12h"}


def stated(length: str, step: str | None = None) -> StatedWindow:
    if length == "all":
        return StatedWindow(length, None, parse_duration(step) if step else None)
    return StatedWindow(length, parse_duration(length), parse_duration(step) if step else None)


def steps(*windows: StatedWindow) -> dict[str, str]:
    found, faults = with_steps(windows)
    assert faults == ()
    return {window.name: format_duration(window.step) for window in found}


@pytest.mark.parametrize(("length", "step"), PROMISED.items())
def test_a_window_alone_has_a_round_step(length: str, step: str) -> None:
    assert steps(stated(length)) == {length: step}


def test_together_they_keep_their_steps() -> None:
    assert steps(*map(stated, reversed(PROMISED))) == PROMISED


@pytest.mark.parametrize(
    ("length", "step"),
    [("1s", "1s"), ("7s", "1s"), ("90m", "2m"), ("6h", "5m"), ("25h", "30m"), ("365d", "1d"), ("1h1s", "1s")],
)
def test_lengths_that_are_not_round_still_have_a_step(length: str, step: str) -> None:
    assert steps(stated(length)) == {length: step}


def test_a_shorter_window_bends_to_the_longer_ones_step() -> None:
    # Alone 90m has 2m, which does not divide the 5m of 6h.
    assert steps(stated("6h"), stated("90m")) == {"90m": "1m", "6h": "5m"}


def test_windows_come_sorted_and_all_comes_last_without_a_grid() -> None:
    windows, faults = with_steps([stated("all"), stated("7d"), stated("1h")])
    assert [window.name for window in windows] == ["1h", "7d", "all"]
    assert (windows[-1], faults) == (Window("all", None, 0), ())


def test_a_stated_step_is_taken_and_shorter_windows_follow_it() -> None:
    assert steps(stated("24h", "20m"), stated("1h")) == {"1h": "1m", "24h": "20m"}


@pytest.mark.parametrize(
    ("windows", "at", "phrase", "hint"),
    [
        ([stated("1h", "7m")], (0, "step"), "does not divide the window", "1m would do"),
        ([stated("5d", "5h")], (0, "step"), "does not divide the day", "2h would do"),
        ([stated("24h"), stated("1h", "20m")], (1, "step"), "longer window 24h", "1m would do"),
        ([stated("1h", "1500ms")], (0, "step"), "whole seconds", "1m would do"),
        ([stated("1h", "0s")], (0, "step"), "whole seconds", "1m would do"),
        ([stated("1h", "2h")], (0, "step"), "does not divide the window", "1m would do"),
        ([stated("500ms")], (0,), "not possible", "at least 1s"),
        ([stated("1500ms")], (0,), "not possible", "whole seconds"),
        ([stated("0s")], (0,), "not possible", "at least 1s"),
        ([stated("1h"), stated("60m")], (1,), "as long as 1h", "keep one"),
        ([stated("all"), stated("1h"), stated("all")], (2,), "twice", "keep one"),
        ([stated("all", "1h")], (0, "step"), "no step", "take the step out"),
    ],
)
def test_a_grid_that_does_not_fit_is_refused(
    windows: list[StatedWindow], at: tuple[int | str, ...], phrase: str, hint: str
) -> None:
    _, (fault,) = with_steps(windows)
    assert fault.at == at
    assert phrase in fault.message
    assert hint in fault.hint


def test_every_window_that_cannot_be_is_named() -> None:
    windows, faults = with_steps([stated("1h", "7m"), stated("24h", "7m"), stated("7d")])
    assert ([fault.at for fault in faults], [window.name for window in windows]) == ([(1, "step"), (0, "step")], ["7d"])


def rows(name: str, number: int, step: str | None = None, *, previous: bool = False) -> StatedWindow:
    return StatedWindow(name, None, parse_duration(step) if step else None, number, previous)


def test_windows_of_rows_come_last_and_have_no_grid() -> None:
    windows, faults = with_steps([rows("1000rows", 1000), stated("all"), rows("20rows", 20), stated("1h")])
    assert faults == ()
    assert [window.name for window in windows] == ["1h", "all", "20rows", "1000rows"]
    assert windows[-1] == Window("1000rows", None, 0, rows=1000)


def test_a_previous_window_comes_behind_its_window_and_has_its_grid() -> None:
    day = StatedWindow("24h", parse_duration("24h"), previous=True)
    windows, faults = with_steps([day, stated("1h"), stated("7d")])
    assert faults == ()
    assert [window.name for window in windows] == ["1h", "24h", "24h_previous", "7d"]
    _, shown, before, _ = windows
    assert (before.length, before.step, before.behind) == (shown.length, shown.step, shown.length)
    assert [window.reach for window in (shown, before)] == [parse_duration("24h"), parse_duration("48h")]


@pytest.mark.parametrize(
    ("windows", "at", "phrase"),
    [
        ([rows("5rows", 5, step="1m")], (0, "step"), "the window 5rows has no step"),
        ([rows("5rows", 5, previous=True)], (0, "previous"), "the window 5rows has no previous one"),
        ([StatedWindow("all", None, previous=True)], (0, "previous"), "the window all has no previous one"),
        ([rows("5rows", 5), stated("all"), rows("5rows", 5)], (2,), "the window 5rows is there twice"),
    ],
)
def test_what_a_window_of_rows_cannot_have(windows: list[StatedWindow], at: tuple[int | str, ...], phrase: str) -> None:
    _, (fault,) = with_steps(windows)
    assert fault.at == at
    assert phrase in fault.message


def test_candidates_divide_the_day() -> None:
    assert [step for step in CANDIDATES if DAY % step] == []


@given(st.sets(st.integers(1, 10**7), min_size=1, max_size=6))
def test_grids_nest_whatever_the_lengths(lengths: set[int]) -> None:
    windows, faults = with_steps([StatedWindow(f"{length}s", length * 1_000_000) for length in lengths])
    assert faults == ()
    assert [window.length for window in windows] == sorted(length * 1_000_000 for length in lengths)
    for window, longer in zip(windows, [*windows[1:], None], strict=True):
        assert window.length is not None
        assert window.length % window.step == DAY % window.step == 0
        assert longer is None or longer.step % window.step == 0


@given(st.integers(1, 10**7))
def test_the_default_step_is_the_nearest_that_fits(seconds: int) -> None:
    length = seconds * 1_000_000
    chosen = default_step(length)

    def distance(step: int) -> float:
        return max(60 * step / length, length / (60 * step))

    assert all(distance(chosen) <= distance(step) for step in CANDIDATES if length % step == 0)
