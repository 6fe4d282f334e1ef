"""Time intervals: is a moment in one, by the clocks of its place?"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
PARTS = ("times", "weekdays", "days_of_month", "months", "years")
_DAY_MINUTES = 24 * 60
FAR = datetime(9999, 12, 1, tzinfo=UTC)
"""Later than whatever ends."""


class IntervalError(ValueError):
    """A time interval that cannot be read."""


def within(intervals: Iterable[Mapping[str, Any]], moment: datetime) -> bool:
    """Say whether an aware moment is in any of some intervals. Raises IntervalError."""
    return any(_within(each, moment) for each in intervals)


def _within(interval: Mapping[str, Any], moment: datetime) -> bool:
    local = moment.astimezone(zone(str(interval.get("location") or "UTC")))
    return all(
        any(first <= value <= last for first, last in _inclusive(key, interval[key], local))
        for key, value in _values(local).items()
        if interval.get(key)
    )


def _values(local: datetime) -> dict[str, int]:
    return {
        "times": local.hour * 60 + local.minute,
        "weekdays": (local.weekday() + 1) % 7,
        "days_of_month": local.day,
        "months": local.month,
        "years": local.year,
    }


def _inclusive(key: str, values: Iterable[Any], local: datetime) -> list[tuple[int, int]]:
    """Return spans with both ends within, and days as they are called in the month of a moment."""
    if key == "times":
        return [(start, end - 1) for start, end in spans(key, values)]
    if key == "days_of_month":
        length = monthrange(local.year, local.month)[1]
        return [(_day(first, length), _day(last, length)) for first, last in spans(key, values)]
    return spans(key, values)


def ensure(interval: Mapping[str, Any]) -> None:
    """Raise IntervalError unless each part of an interval can be read."""
    zone(str(interval.get("location") or "UTC"))
    for key in PARTS:
        spans(key, interval.get(key) or ())


def zone(name: str) -> ZoneInfo:
    """Return a time zone. Raises IntervalError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise IntervalError(f"{name} is no time zone") from error


def _day(day: int, last: int) -> int:
    """Return a day of a month; the negative ones count from its end."""
    return min(day, last) if day > 0 else max(last + 1 + day, 1)


def spans(key: str, values: Iterable[Any]) -> list[tuple[int, int]]:
    """Return the first and the last of each span of a part of an interval (of ``times`` minutes, the last one excluded).
    Raises IntervalError.

    >>> spans("weekdays", ["monday:friday", "sunday"])
    [(1, 5), (0, 0)]
    """
    if key == "times":
        return [_times(each) for each in values]
    found = []
    for each in values:
        first, _, last = str(each).strip().partition(":")
        found.append((_number(key, first), _number(key, last or first)))
    for first_one, last_one in found:
        if first_one > last_one and first_one * last_one > 0:
            raise IntervalError(f"{key}: {first_one}:{last_one} ends before it begins")
    return found


def _times(span: Any) -> tuple[int, int]:
    start, end = clock(span, "start_time"), clock(span, "end_time")
    if start >= end:
        raise IntervalError("times: a span has to end after it starts; one over midnight is two")
    return start, end


_ALLOWED = {"months": (1, 12), "days_of_month": (-31, 31), "years": (0, 9999)}


def _number(key: str, text: str) -> int:
    names: tuple[str, ...] = {"weekdays": WEEKDAYS, "months": MONTHS}.get(key, ())
    text = text.strip().lower()
    if text in names:
        return names.index(text) + (key == "months")
    low, high = _ALLOWED.get(key, (1, 0))
    if not text.lstrip("-").isdecimal() or not low <= int(text) <= high or (key == "days_of_month" and int(text) == 0):
        raise IntervalError(f"{key}: {text} is none")
    return int(text)


def clock(times: Any, key: str) -> int:
    """Return the minutes since midnight of a time such as 08:00. Raises IntervalError."""
    text = str(times.get(key) if isinstance(times, Mapping) else times)
    hours, colon, minutes = text.partition(":")
    if not (
        colon and hours.isdecimal() and minutes.isdecimal() and len(hours) == len(minutes) == 2 and int(minutes) < 60
    ):
        raise IntervalError(f"{key}: {text} is no time such as 08:00")
    total = int(hours) * 60 + int(minutes)
    if total > _DAY_MINUTES:
        raise IntervalError(f"{key}: {text} is later than 24:00")
    return total


def ended(intervals: Iterable[Mapping[str, Any]], now: datetime) -> bool:
    """Say whether none of the intervals can hold again after a moment: all name years, and those are over."""
    return all(_ended(each, now) for each in intervals)


def _ended(interval: Mapping[str, Any], now: datetime) -> bool:
    years = spans("years", interval.get("years") or ())
    if not years:
        return False
    local = now.astimezone(zone(str(interval.get("location") or "UTC")))
    last_year = max(last for _, last in years)
    if last_year != local.year:
        return last_year < local.year
    months = [last for _, last in spans("months", interval.get("months") or ())]
    last_month = max(months, default=12)
    if last_month != local.month:
        return last_month < local.month
    days = [
        _day(last, monthrange(local.year, last_month)[1])
        for _, last in spans("days_of_month", interval.get("days_of_month") or ())
    ]
    last_day = max(days, default=31)
    if last_day != local.day:
        return last_day < local.day
    ends = [end for _, end in spans("times", interval.get("times") or ())]
    return max(ends, default=_DAY_MINUTES) <= local.hour * 60 + local.minute


def weeks(name: str, year: int) -> list[datetime]:
    """Return the hours, in UTC, of an ordinary week and of the weeks in which the clocks of a zone change in a year."""
    place = zone(name)
    starts = [datetime(year, 6, 7, tzinfo=UTC), *(_week_of(day) for day in _changes(place, year))]
    return [datetime.fromtimestamp(start.timestamp() + 3600 * hour, UTC) for start in starts for hour in range(7 * 24)]


def _changes(place: ZoneInfo, year: int) -> list[datetime]:
    days = [
        datetime.fromtimestamp(datetime(year, 1, 1, tzinfo=UTC).timestamp() + 86_400 * day, UTC) for day in range(366)
    ]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    return [days[at - 1] for at in range(1, len(days)) if offsets[at] != offsets[at - 1]]


def _week_of(day: datetime) -> datetime:
    """Return a start such that the day is the fourth of seven."""
    return datetime.fromtimestamp(day.timestamp() - 3 * 86_400, UTC)
