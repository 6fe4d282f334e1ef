"""Service level objectives: which events are good, and what share of them has to be."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from exporter.configuration.refusal import refusal
from exporter.configuration.sections import Section
from exporter.configuration.values import Fraction, OptionalDuration, written


class Slo(Section):
    """One objective: what makes an event a good one, and what share has to be good. Exactly one kind is said."""

    objective: Fraction
    """Share of events that has to be good, such as `0.99`."""
    latency: OptionalDuration = written(None)
    """Good are requests that take this long at most and end in no server error; it becomes an edge of the histogram."""
    availability: bool = written(False)
    """Good are requests that end in no server error (5xx)."""

    @field_validator("latency")
    @classmethod
    def _longer_than_nothing(cls, limit: int | None) -> int | None:
        if limit == 0:
            raise refusal("must be more than 0s", "no request is as fast as that")
        return limit

    @field_validator("availability")
    @classmethod
    def _of_one_kind(cls, availability: bool, info: ValidationInfo) -> bool:
        # Absent when it is wrong itself: then that is said, and nothing else.
        if "latency" not in info.data:
            return availability
        if availability == (info.data["latency"] is not None):
            found = "both" if availability else "neither"
            hint = "write latency: 250ms, or availability: true; an objective of its own for each"
            raise refusal(f"an objective is about latency or availability, not {found}", hint)
        return availability
