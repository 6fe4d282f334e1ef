"""Minutes with enough requests, against counting by hand, and however rows and time come."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.objectives.throughput import Throughput

MINUTE = 60


def judged(throughput: Throughput, now: int) -> dict[int, bool]:
    events = throughput.advance(now)
    (column,) = events.columns.values()
    assert column.events.all()
    return dict(zip(events.moment.tolist(), column.good.tolist(), strict=True))


def made(silence: int = 1000 * MINUTE) -> Throughput:
    return Throughput(0, 2, MINUTE, silence)


def test_whole_minutes_from_the_first_row_on() -> None:
    throughput = made()
    throughput.add(np.array([30, 45, 60, 119, 120, 200]))
    assert judged(throughput, 30) == {}
    assert judged(throughput, 239) == {60: True, 120: False}
    assert judged(throughput, 239) == {}
    assert judged(throughput, 420) == {180: False, 240: False, 300: False, 360: False}


def test_a_first_row_on_the_minute_begins_a_whole_one() -> None:
    throughput = made()
    throughput.add(np.array([60, 61]))
    assert judged(throughput, 120) == {60: True}


def test_what_comes_after_its_minute_changes_nothing() -> None:
    throughput = made()
    throughput.add(np.array([60]))
    assert judged(throughput, 180) == {60: False, 120: False}
    throughput.add(np.array([61, 62, 130, 190, 191]))
    assert judged(throughput, 240) == {180: True}
    assert not throughput.open


def test_a_silence_ends_with_the_period() -> None:
    throughput = made(silence=5 * MINUTE)
    throughput.add(np.array([0, 1, 100 * MINUTE, 100 * MINUTE + 1]))
    assert judged(throughput, 102 * MINUTE) == {
        0: True,
        **{minute * MINUTE: False for minute in range(1, 6)},
        100 * MINUTE: True,
        101 * MINUTE: False,
    }
    assert judged(throughput, 500 * MINUTE).keys() == {minute * MINUTE for minute in range(102, 106)}


@given(st.lists(st.integers(0, 40 * MINUTE), min_size=1, max_size=60), st.lists(st.integers(0, 60 * MINUTE)))
def test_however_time_moves_on(times: list[int], stops: list[int]) -> None:
    throughput, waiting = made(10 * MINUTE), times
    found: dict[int, bool] = {}
    for stop in [*sorted(stops), 60 * MINUTE]:
        # All rows dated before a moment have been read when time comes there; some others, too.
        new = [time for time in waiting if time < stop + 90]
        waiting = [time for time in waiting if time >= stop + 90]
        if new:
            throughput.add(np.array(new))
        found |= judged(throughput, stop)
    assert found == expected(times)


def expected(times: list[int]) -> dict[int, bool]:
    requests, first = Counter(time // MINUTE for time in times), -(-min(times) // MINUTE)
    truth, silent = {}, 0
    for minute in range(first, 60):
        silent = 0 if requests[minute] else silent + 1
        if silent <= 10:
            truth[minute * MINUTE] = requests[minute] >= 2
    return truth
