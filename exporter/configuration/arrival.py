"""When records come: how a log is delivered, and from which moment on it counts."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from exporter.configuration.refusal import described, refusal
from exporter.configuration.values import duration_of
from exporter.durations import DURATION_PATTERN, DurationError, format_duration, parse_duration, parse_timestamp

_CONTINUOUS = "continuous"
_SECOND = 1_000_000
_DURATION = {"type": "string", "pattern": DURATION_PATTERN}
_BATCH = {"type": "object", "properties": {"batch": _DURATION}, "required": ["batch"], "additionalProperties": False}


class StartAt(NamedTuple):
    """The moment of the first start from which on records count; times and durations in microseconds.

    It is ``moment``, or ``ago`` before the first start; neither: the beginning of the logs.
    """

    moment: int | None = None
    ago: int | None = None

    def resolve(self, now: int) -> int | None:
        """Return the moment for a first start at ``now``; None for the beginning of the logs."""
        return self.moment if self.ago is None else now - self.ago


def _period_of(value: object) -> int:
    """Return the microseconds between two drops, 0 for a log that grows continuously."""
    if value == _CONTINUOUS:
        return 0
    if not isinstance(value, dict) or value.keys() != {"batch"}:
        said = "nothing but batch" if isinstance(value, dict) else described(value)
        raise refusal(f"must be {_CONTINUOUS} or a mapping with batch, not {said}", "such as {batch: 1h}")
    period = duration_of(value["batch"])
    if period < _SECOND:
        raise refusal(f"must be at least 1s, not {format_duration(period)}", at=("batch",))
    return period


def _start_of(value: object) -> StartAt:
    if value == "beginning":
        return StartAt()
    if value == "now":
        return StartAt(ago=0)
    text = value if isinstance(value, str) else ""
    try:
        return StartAt(ago=parse_duration(text))
    except DurationError:
        pass  # then it is a time, or nothing at all
    try:
        return StartAt(moment=parse_timestamp(text))
    except ValueError as error:
        raise refusal(
            f"must be beginning, now, a duration or a time, not {described(value)}",
            "such as 7d, or 2026-03-01T12:00:00Z with its offset",
        ) from error


Delivery = Annotated[
    int,
    PlainValidator(_period_of),
    WithJsonSchema({"anyOf": [{"const": _CONTINUOUS, "type": "string"}, _BATCH]}),
]
Start = Annotated[
    StartAt,
    PlainValidator(_start_of),
    # What was written becomes a tuple, and Pydantic would expect that class where it dumps.
    PlainSerializer(list),
    WithJsonSchema({"anyOf": [{"enum": ["beginning", "now"], "type": "string"}, _DURATION, {"type": "string"}]}),
]
