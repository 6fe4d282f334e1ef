"""Weeks, months and quarters as people of a time zone count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from exporter.configuration.periods import CalendarUnit
from exporter.rows.record import Ints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# The years 2 to 9998: what is dated before or after belongs to the first or last period.
_FIRST, _LAST = ((datetime(year, 6, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND for year in (2, 9998))


class CalendarPeriods:
    """The periods of one unit of the calendar in one zone (None: UTC). Moments are microseconds since the epoch."""

    def __init__(self, unit: CalendarUnit, zone: str | None) -> None:
        self._unit = unit
        self._zone = ZoneInfo(zone or "UTC")

    def bounds(self, moment: int) -> tuple[int, int]:
        """Return the start and end [start, end) of the period that a moment lies in."""
        day = (_EPOCH + min(max(moment, _FIRST), _LAST) * _MICROSECOND).astimezone(self._zone).date()
        first = self._first_day(day)
        return self._midnight(first), self._midnight(self._next(first))

    def starts(self, moments: Ints) -> Ints:
        """Return the start (n,) of the period of each moment (n,)."""
        moments = np.clip(moments, _FIRST, _LAST)
        starts = np.empty_like(moments)
        left = np.ones(len(moments), dtype=bool)
        while left.any():
            start, end = self.bounds(int(moments[left].min()))
            inside = left & (moments < end)
            starts[inside] = start
            left &= ~inside
        return starts

    def _first_day(self, day: date) -> date:
        if self._unit == "week":
            return day - timedelta(days=day.weekday())
        month = day.month if self._unit == "month" else (day.month - 1) // 3 * 3 + 1
        return date(day.year, month, 1)

    def _next(self, first: date) -> date:
        """Return the first day of the next period: so many days on, it has surely begun and not ended."""
        return self._first_day(first + timedelta(days={"week": 7, "month": 35, "quarter": 100}[self._unit]))

    def _midnight(self, day: date) -> int:
        return (datetime(day.year, day.month, day.day, tzinfo=self._zone) - _EPOCH) // _MICROSECOND
