"""Periods of the calendar, against dates that people can look up, and going back day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration.periods import CalendarUnit
from exporter.durations import parse_timestamp
from exporter.objectives.calendar_periods import CalendarPeriods

IS_FIRST: dict[CalendarUnit, Callable[[date], bool]] = {
    "week": lambda day: day.weekday() == 0,
    "month": lambda day: day.day == 1,
    "quarter": lambda day: day.day == 1 and day.month in (1, 4, 7, 10),
}
# Summer time, half and three quarters of an hour, a zone that changes at midnight, and one that once left out a day.
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/Santiago", "Pacific/Apia")


def micros(text: str, zone: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("unit", "zone", "moment", "start", "end"),
    [
        ("month", "UTC", "2026-02-28T23:59:59Z", "2026-02-01", "2026-03-01"),
        ("month", "Europe/Berlin", "2026-02-28T23:00:00Z", "2026-03-01", "2026-04-01"),
        ("month", "Europe/Berlin", "2026-03-31T21:59:59Z", "2026-03-01", "2026-04-01"),
        ("quarter", "Asia/Kolkata", "2025-12-31T18:30:00Z", "2026-01-01", "2026-04-01"),
        ("quarter", "UTC", "2025-12-31T18:30:00Z", "2025-10-01", "2026-01-01"),
        ("week", "UTC", "2026-03-01T12:00:00Z", "2026-02-23", "2026-03-02"),
        ("week", "UTC", "2026-03-02T00:00:00Z", "2026-03-02", "2026-03-09"),
    ],
)
def test_bounds(unit: CalendarUnit, zone: str, moment: str, start: str, end: str) -> None:
    found = CalendarPeriods(unit, zone).bounds(parse_timestamp(moment))
    assert found == (micros(start, zone), micros(end, zone))


@given(
    st.sampled_from(sorted(IS_FIRST)),
    st.sampled_from(ZONES),
    st.lists(st.integers(946_684_800, 2_145_916_800), min_size=1, max_size=5),
)
def test_starts_are_midnights_of_first_days(unit: CalendarUnit, zone: str, seconds: list[int]) -> None:
    moments = np.array(seconds) * 1_000_000
    for moment, start in zip(seconds, CalendarPeriods(unit, zone).starts(moments).tolist(), strict=True):
        first = datetime.fromtimestamp(moment, ZoneInfo(zone)).date()
        while not IS_FIRST[unit](first):
            first -= timedelta(days=1)
        assert start == micros(first.isoformat(), zone)
        assert start <= moment * 1_000_000


def test_times_out_of_all_reason_belong_to_some_period() -> None:
    moments = np.array([-(1 << 62), 0, 1 << 62])
    assert CalendarPeriods("month", None).starts(moments).tolist()[1] == 0
