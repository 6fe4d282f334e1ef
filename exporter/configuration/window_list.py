"""The list of windows as the file writes it, and what becomes of it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator

from exporter.configuration.problem import shown
from exporter.configuration.refusal import refusal, refusals
from exporter.configuration.sections import Section
from exporter.configuration.values import Duration, List, duration_of, written
from exporter.configuration.windows import StatedWindow, Window, with_steps

ALL = "all"
MOST_ROWS = 100_000
# More digits than a number of rows can have are not worth reading.
_ROWS = re.compile(r"(\d{1,12})\s*rows?\Z", re.ASCII)


class _Length(NamedTuple):
    name: str
    length: int | None
    rows: int | None = None


def _length(value: object) -> _Length:
    if value == ALL:
        return _Length(ALL, None)
    if isinstance(value, str) and (match := _ROWS.match(value)):
        return _Length(value, None, _rows(value, int(match[1])))
    length = duration_of(value)
    assert isinstance(value, str)
    return _Length(value, length)


def _rows(text: str, rows: int) -> int:
    """Return a number of rows; it has one spelling, since that is the window's label."""
    if not 1 <= rows <= MOST_ROWS:
        hint = f"the rows of a window are kept in memory: at most {MOST_ROWS}rows" if rows else "at least 1row"
        raise refusal(f"a window of {rows} rows is not possible", hint)
    spelling = "1row" if rows == 1 else f"{rows}rows"
    if text != spelling:
        raise refusal(f"{shown(text)} is not how a number of rows is written", f"write {spelling}")
    return rows


class WindowEntry(Section):
    """A window: its length, the step by which its end moves if the default does not suit, and what comes beside it."""

    length: Annotated[_Length, PlainValidator(_length, json_schema_input_type=str)]
    """A duration, `all` for everything since the beginning, or the newest rows: `1000rows` (at most `100000rows`)."""
    step: Duration | None = written(None)
    """Divides the length, the day and the next longer window's step; by default near a sixtieth of the length."""
    previous: bool = written(False)
    """Also show the window before it, to compare with: before `24h` it is called `24h_previous`."""


def _length_first(value: object) -> object:
    return value if isinstance(value, dict) else {"length": value}


def _stated(entry: WindowEntry) -> StatedWindow:
    name, length, rows = entry.length
    return StatedWindow(name, length, entry.step, rows, entry.previous)


def _windows(entries: tuple[WindowEntry, ...]) -> tuple[Window, ...]:
    windows, faults = with_steps([_stated(entry) for entry in entries])
    if faults:
        raise refusals(faults)
    return windows


# The serializer would otherwise expect the entries that the windows were made from.
_DUMPED = PlainSerializer(lambda windows: [asdict(window) for window in windows])

if TYPE_CHECKING:
    # What the validators make of the entries; Pydantic has no way to say that a type changes on the way.
    Windows = tuple[Window, ...]
else:
    _Entry = Annotated[WindowEntry, BeforeValidator(_length_first, json_schema_input_type=str | WindowEntry)]
    Windows = Annotated[tuple[_Entry, ...], List, Field(min_length=1), AfterValidator(_windows), _DUMPED]
