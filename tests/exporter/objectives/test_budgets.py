"""Budgets: windows and periods against adding up plain events, and grids that fit each other."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.configuration.objectives import Slo
from exporter.configuration.windows import StatedWindow, with_steps
from exporter.counting.layout import Objective
from exporter.durations import UNITS, parse_duration
from exporter.objectives.budgets import Budgets, Extract, period_steps
from exporter.objectives.events import Column, Events
from tests.exporter.small_models import model_of

SECOND, MINUTE, HOUR, DAY = (UNITS[unit] for unit in ("s", "m", "h", "d"))
# A Wednesday, and the first of a month.
START = 1_698_796_800 * SECOND
SAID = """windows: [10m, 1h, 24h]
slos:
  short: {availability: true, objective: 0.9, period: 2h}
  long: {availability: true, objective: 0.9, period: 100h}
  week: {availability: true, objective: 0.9, calendar: week}"""


def budgets_of(folder: Path, said: str = SAID) -> Budgets:
    model = model_of(folder, "binary", said)
    return Budgets([Objective(name, slo) for name, slo in model.slos.items()], model.windows)


def events_of(rows: list[tuple[int, int, bool]]) -> Events:
    """Return events of a version, a moment and whether they are good, of all three objectives."""
    version, moment, good = (np.array(column) for column in zip(*rows, strict=True))
    column = Column(np.ones(len(rows)), good)
    return Events(version.astype(np.int32), moment.astype(np.int64), dict.fromkeys(range(3), column))


def together(extract: Extract, objective: int = 0) -> tuple[float, float]:
    _, events, good = next(extract.of(objective))
    return events, good


def added(rows: list[tuple[int, int, bool]], start: int, stop: int) -> tuple[int, int]:
    inside = [good for _, moment, good in rows if start <= moment < stop]
    return len(inside), sum(inside)


FAR = 1 << 61


@pytest.mark.parametrize("seed", range(5))
def test_windows_and_periods_hold_what_is_dated_in_them(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    budgets = budgets_of(tmp_path)
    rows: list[tuple[int, int, bool]] = []
    now = START
    for _ in range(60):
        now += random_.choice((MINUTE, HOUR, 5 * HOUR))
        # Some lie ahead of event time, as rows within the lateness do.
        new = [
            (random_.randrange(2), now - random_.randrange(-MINUTE, 2 * HOUR), random_.random() < 0.7)
            for _ in range(20)
        ]
        rows += new
        budgets.add(events_of(new), now)
        budgets.advance(now)
        for length, step in ((10 * MINUTE, 10 * SECOND), (HOUR, MINUTE)):
            end = now // step * step
            assert together(budgets.within(end - length, end)) == added(rows, end - length, end)
        for objective, length in ((0, 2 * HOUR), (1, 100 * HOUR)):
            step = budgets.steps[objective]
            assert step <= length / 30
            start = (now - length) // step * step
            assert together(budgets.period(objective, now), objective) == added(rows, start, FAR)
        monday = START - 2 * DAY + (now - 1 - START + 2 * DAY) // (7 * DAY) * 7 * DAY
        # Rows ahead of event time in the next week are not in this one.
        assert together(budgets.period(2, now), 2) == added(rows, monday, monday + 7 * DAY)
    assert len(budgets.tallies) < 2 * 250


def test_a_forgotten_version_does_not_give_its_budget_back(tmp_path: Path) -> None:
    budgets = budgets_of(tmp_path)
    budgets.add(events_of([(0, START, True), (1, START + 1, False)]), START)
    before = [together(budgets.period(objective, START + MINUTE), objective) for objective in range(3)]
    budgets.forget(1)
    assert [together(budgets.period(objective, START + MINUTE), objective) for objective in range(3)] == before
    assert [version for version, *_ in budgets.period(0, START + MINUTE).of(0)] == [None, 0]
    assert [version for version, *_ in budgets.period(2, START + MINUTE).of(2)] == [None, 0]


def test_what_lies_before_everything_is_counted_all_the_same(tmp_path: Path) -> None:
    budgets = budgets_of(tmp_path)
    found = budgets.add(events_of([(0, START - 1000 * DAY, True)]), START)
    assert found[0].tolist() == [[1, 1]] * 3
    assert not budgets.tallies
    budgets.advance(START)
    assert budgets.periods[2] == {}


def test_a_window_longer_than_the_period_is_not_shown(tmp_path: Path) -> None:
    shown = [[window.name for window in windows] for windows in budgets_of(tmp_path).windows]
    assert shown == [["10m", "1h"], ["10m", "1h", "24h"], ["10m", "1h", "24h"]]


def test_a_period_that_is_a_window_is_shown_once(tmp_path: Path) -> None:
    said = "windows: [1h, 24h]\nslos: {up: {availability: true, objective: 0.9, period: 24h}}"
    budgets = budgets_of(tmp_path, said)
    assert [window.name for window in budgets.windows[0]] == ["1h"]
    assert budgets.steps == {0: 30 * MINUTE}


_lengths = st.sampled_from(("90s", "10m", "1h", "7h", "24h", "36h", "7d", "30d", "100d"))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_lengths, max_size=4, unique=True),
    st.lists(st.sampled_from(("1h", "5h", "36h", "7d", "28d", "30d", "90d", "1h1s")), min_size=1, max_size=3),
)
def test_steps_fit_each_other(windows: list[str], periods: list[str]) -> None:
    stated, faults = with_steps([StatedWindow(name, parse_duration(name)) for name in windows])
    assert not faults
    slos = [Slo.model_validate({"availability": True, "objective": 0.9, "period": period}) for period in periods]
    steps = period_steps(slos, stated)
    known = {(window.length or 0): window.step for window in stated}
    known |= {slo.period.length: steps[place] for place, slo in enumerate(slos)}
    ordered = [step for _, step in sorted(known.items())]
    assert all(coarse % fine == 0 for fine, coarse in pairwise(ordered))
    assert DAY % ordered[-1] == 0
