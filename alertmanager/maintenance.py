"""Planned maintenance: what is muted, until when, and why. It ends by itself, and what has ended has to go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("maintenance.yml")
_KEYS = {"name", "model", "begins", "ends", "reason"}
_LONGEST = timedelta(days=14)
_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", re.ASCII)


class MaintenanceError(ValueError):
    """The file of maintenance cannot be used; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """``model`` "" is every model; times are local ones of the settings' zone, to the minute."""

    name: str
    model: str
    begins: datetime
    ends: datetime
    reason: str

    @property
    def interval(self) -> str:
        """The name of its time interval."""
        return f"maintenance-{self.name}"


def planned(text: str) -> tuple[Maintenance, ...]:
    """Read the file. Raises MaintenanceError."""
    try:
        entries = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise MaintenanceError(f"is no YAML: {error}") from error
    if not isinstance(entries, list):
        raise MaintenanceError("maintenance must be a list of entries with name, model, begins, ends and reason")
    found = tuple(_entry(number, entry) for number, entry in enumerate(entries, 1))
    names = [each.name for each in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise MaintenanceError(f"names must differ: {', '.join(sorted(twice))}")
    return found


def _entry(number: int, entry: Any) -> Maintenance:
    where = f"maintenance, entry {number}"
    if not isinstance(entry, dict) or (set(entry) | {"model"}) != _KEYS:
        raise MaintenanceError(f"{where}: needs name, begins, ends and reason, and may have model")
    begins, ends = (_moment(where, key, entry[key]) for key in ("begins", "ends"))
    if not _NAME.fullmatch(str(entry["name"])):
        raise MaintenanceError(f"{where}: name must consist of letters, digits and hyphens")
    if not str(entry["reason"] or "").strip():
        raise MaintenanceError(f"{where}: say the reason, for whoever wonders why nothing came")
    if not begins < ends <= begins + _LONGEST:
        raise MaintenanceError(f"{where}: must end after it begins, and within {_LONGEST.days} days")
    return Maintenance(str(entry["name"]), str(entry.get("model") or ""), begins, ends, str(entry["reason"]))


def _moment(where: str, key: str, value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(second=0, microsecond=0)
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a local time of the settings' zone
    except ValueError:
        raise MaintenanceError(f"{where}: {key} must be a local time such as 2026-03-01 22:00") from None


def over(entries: Sequence[Maintenance], now: datetime) -> list[Maintenance]:
    """Return what has ended by a local time of the settings' zone, and has to be taken out of the file."""
    return [each for each in entries if each.ends <= now]


def refuse_over(entries: Sequence[Maintenance], now: datetime) -> None:
    """Raise MaintenanceError if something has ended: what nobody takes out is believed to hold by the next reader."""
    if ended := over(entries, now):
        names = ", ".join(f"{each.name} (on {each.ends:%Y-%m-%d %H:%M})" for each in ended)
        raise MaintenanceError(f"has ended, and has to be taken out: {names}")


def time_interval(entry: Maintenance, zone: str) -> dict[str, Any]:
    """Return the entry as Alertmanager's time interval, a piece for each of its days."""
    return {"name": entry.interval, "time_intervals": [_day(*piece, zone) for piece in _days(entry)]}


def _days(entry: Maintenance) -> Iterator[tuple[date, str, str]]:
    day = entry.begins.date()
    while day <= entry.ends.date():
        start = entry.begins.strftime("%H:%M") if day == entry.begins.date() else "00:00"
        end = entry.ends.strftime("%H:%M") if day == entry.ends.date() else "24:00"
        if start != end:
            yield day, start, end
        day += timedelta(days=1)


def _day(day: date, start: str, end: str, zone: str) -> dict[str, Any]:
    return {
        "years": [str(day.year)],
        "months": [str(day.month)],
        "days_of_month": [str(day.day)],
        "times": [{"start_time": start, "end_time": end}],
        "location": zone,
    }
