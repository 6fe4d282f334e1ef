"""Time intervals, by the clocks of their places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from alertmanager.simulation import hours
from alertmanager.simulation.hours import IntervalError

OFFICE = {"weekdays": ["monday:friday"], "times": [{"start_time": "08:00", "end_time": "18:00"}]}


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "moment", "holds"),
    [
        (OFFICE, "2026-06-12 07:59", False),
        (OFFICE, "2026-06-12 08:00", True),
        (OFFICE, "2026-06-12 17:59", True),
        (OFFICE, "2026-06-12 18:00", False),
        (OFFICE, "2026-06-13 12:00", False),
        (OFFICE, "2026-06-14 12:00", False),
        # The same local hours, when clocks are an hour or two ahead.
        ({**OFFICE, "location": "Europe/Berlin"}, "2026-03-27 07:00", True),
        ({**OFFICE, "location": "Europe/Berlin"}, "2026-03-27 06:59", False),
        ({**OFFICE, "location": "Europe/Berlin"}, "2026-03-30 06:00", True),
        ({**OFFICE, "location": "Europe/Berlin"}, "2026-03-30 16:00", False),
        # A local Monday that is a Sunday in UTC.
        ({**OFFICE, "location": "Pacific/Auckland"}, "2026-06-14 21:00", True),
        ({"days_of_month": ["-1"]}, "2028-02-29 12:00", True),
        ({"days_of_month": ["-1"]}, "2027-02-28 12:00", True),
        ({"days_of_month": ["-1"]}, "2028-02-28 12:00", False),
        ({"days_of_month": ["29:31"]}, "2027-02-28 12:00", True),
        ({"months": ["december", "1:2"]}, "2026-02-10 12:00", True),
        ({"months": ["december", "1:2"]}, "2026-03-10 12:00", False),
        ({"years": ["2025:2026"], "months": ["june"]}, "2027-06-10 12:00", False),
        ({"weekdays": ["saturday", "sunday"]}, "2026-06-14 12:00", True),
        ({"times": [{"start_time": "23:00", "end_time": "24:00"}]}, "2026-06-14 23:59", True),
        ({}, "2026-06-14 23:59", True),
    ],
)
def test_when_an_interval_holds(interval: dict[str, Any], moment: str, *, holds: bool) -> None:
    assert hours.within([interval], at(moment)) == holds


def test_any_of_several() -> None:
    assert hours.within([{"years": ["2000"]}, OFFICE], at("2026-06-12 08:00"))
    assert not hours.within([], at("2026-06-12 08:00"))


@pytest.mark.parametrize(
    "interval",
    [
        {"times": [{"start_time": "8:00", "end_time": "18:00"}]},
        {"times": [{"start_time": "08:60", "end_time": "18:00"}]},
        {"times": [{"start_time": "08:00", "end_time": "24:01"}]},
        {"times": [{"start_time": "18:00", "end_time": "08:00"}]},
        {"times": [{"start_time": "18:00"}]},
        {"weekdays": ["mondays"]},
        {"weekdays": ["friday:monday"]},
        {"months": ["13"]},
        {"months": ["june:may"]},
        {"days_of_month": ["0"]},
        {"days_of_month": ["32"]},
        {"years": ["two"]},
        {"location": "Europe/Nowhere"},
        {"location": "../etc"},
    ],
)
def test_what_cannot_be_read(interval: dict[str, Any]) -> None:
    with pytest.raises(IntervalError):
        hours.ensure(interval)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_weeks_have_the_days_on_which_clocks_change(zone: str) -> None:
    found = hours.weeks(zone, 2026)
    place = hours.zone(zone)
    changes = sum(
        before.astimezone(place).utcoffset() != after.astimezone(place).utcoffset()
        for before, after in pairwise(found)
        if after - before == timedelta(hours=1)
    )
    assert changes == (2 if zone in ("Europe/Berlin", "Australia/Lord_Howe") else 0)
    assert len(found) == 168 * (1 + changes)


def test_what_never_ends() -> None:
    assert not hours.ended([OFFICE], hours.FAR)
    assert hours.ended([{"years": ["2025"]}], at("2026-01-01 00:00"))
    assert not hours.ended([{"years": ["2025"]}, OFFICE], at("2026-01-01 00:00"))
    assert not hours.ended([{"years": ["2026"], "months": ["june"]}], at("2026-05-01 00:00"))
