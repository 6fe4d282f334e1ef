"""The list of windows as the file writes it, and what becomes of it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator

from exporter.configuration.refusal import refusal, refusals
from exporter.configuration.sections import Section
from exporter.configuration.values import Duration, List, duration_of, written
from exporter.configuration.windows import StatedWindow, Window, with_steps

ALL = "all"
_ROWS = re.compile(r"\d+ ?rows?\Z")


class _Length(NamedTuple):
    name: str
    length: int | None


def _length(value: object) -> _Length:
    if value == ALL:
        return _Length(ALL, None)
    if isinstance(value, str) and _ROWS.match(value):
        raise refusal("windows of a number of rows come later", "use a duration such as 24h, or all")
    length = duration_of(value)
    assert isinstance(value, str)
    return _Length(value, length)


class WindowEntry(Section):
    """A window: its length, and the step by which its end moves if the default does not suit."""

    length: Annotated[_Length, PlainValidator(_length, json_schema_input_type=str)]
    """A duration, or `all` for everything since the beginning."""
    step: Duration | None = written(None)
    """Divides the length, the day and the next longer window's step; by default near a sixtieth of the length."""


def _length_first(value: object) -> object:
    return value if isinstance(value, dict) else {"length": value}


def _windows(entries: tuple[WindowEntry, ...]) -> tuple[Window, ...]:
    windows, faults = with_steps([StatedWindow(*entry.length, entry.step) for entry in entries])
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
