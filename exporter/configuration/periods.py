"""Over which time an objective is kept: so long as is said, or a week, month or quarter of the calendar."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from exporter.configuration.refusal import refusal
from exporter.configuration.values import duration_of
from exporter.durations import DURATION_PATTERN, UNITS, format_duration

CalendarUnit = Literal["week", "month", "quarter"]
# A unit of the calendar is at least so long.
SHORTEST = {"week": 7 * UNITS["d"], "month": 28 * UNITS["d"], "quarter": 90 * UNITS["d"]}
_LEAST, _MOST = UNITS["h"], 400 * UNITS["d"]


class RollingPeriod(NamedTuple):
    """The last so many microseconds, under the name that the configuration writes."""

    name: str
    length: int


def _period_of(value: object) -> RollingPeriod:
    length = duration_of(value)
    if not _LEAST <= length <= _MOST or length % UNITS["s"]:
        limits = f"{format_duration(_LEAST)} to {format_duration(_MOST)}"
        raise refusal(f"must be whole seconds, {limits}, not {value}", "30d is usual")
    return RollingPeriod(str(value), length)


Period = Annotated[
    RollingPeriod,
    PlainValidator(_period_of),
    PlainSerializer(lambda period: period.name),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN}),
]
