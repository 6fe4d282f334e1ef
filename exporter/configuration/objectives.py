"""Service level objectives: which events are good, and what share of them has to be."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from exporter.burn_rates import DAY
from exporter.configuration.periods import SHORTEST, CalendarUnit, Period
from exporter.configuration.refusal import Fault, described, refusal
from exporter.configuration.sections import Section
from exporter.configuration.values import Fraction, OptionalDuration, RequiredPath, TimeZone, written
from exporter.durations import UNITS, format_duration

Kind = Literal["latency", "availability", "errors", "throughput", "quality", "label_freshness", "ratio"]
_KINDS: dict[Kind, str] = {
    "latency": "latency: 250ms",
    "availability": "availability: true",
    "errors": "errors: any",
    "throughput": "throughput: 100/min",
    "quality": "quality: true",
    "label_freshness": "label_freshness: 24h",
    "ratio": "ratio: {good: PATH, total: PATH}",
}
_NOMINAL_DAYS: dict[CalendarUnit, int] = {"week": 7, "month": 30, "quarter": 90}
_PACE = re.compile(r"([1-9][0-9]{0,11})/(min|h)", re.ASCII)
_PACE_PATTERN = "^[1-9][0-9]{0,11}/(min|h)$"


class Throughput(NamedTuple):
    """At least so many ``requests`` in ``every`` so many microseconds; ``text`` is how it is written."""

    requests: int
    every: int
    text: str


def _throughput_of(value: object) -> Throughput | None:
    if value is None:
        return None
    match = _PACE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        hint = "such as 100/min or 5000/h; each whole minute, or hour, is one event"
        raise refusal(f"must be a whole number of requests per min or h, not {described(value)}", hint)
    number, unit = match.groups()
    return Throughput(int(number), UNITS["m" if unit == "min" else unit], match.string)


class Quality(Section):
    """How near a predicted number has to be to its label; for a class there is nothing to say."""

    error: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = written(None)
    """Regression: good are predictions at most this far from their label."""
    relative_error: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = written(None)
    """Regression: good are predictions at most this share of the label away from it, such as `0.1`."""

    @field_validator("relative_error")
    @classmethod
    def _instead_of_error(cls, relative: float | None, info: ValidationInfo) -> float | None:
        if relative is not None and info.data.get("error") is not None:
            raise refusal("error and relative_error are two objectives", "write one of them in each")
        return relative

    @property
    def has_limit(self) -> bool:
        return self.error is not None or self.relative_error is not None


def _quality_first(value: object) -> object:
    if value is not None and value is not True and not isinstance(value, dict | Quality):
        hint = "true where the task is about classes, {error: 5.0} or {relative_error: 0.1} for numbers"
        raise refusal(f"must be true or a mapping, not {described(value)}", hint)
    return {} if value is True else value


class Ratio(Section):
    """Two numbers of each record, added up."""

    good: RequiredPath
    """Where the number of good ones is; it is at most `total`."""
    total: RequiredPath
    """Where the number of all is."""


class Slo(Section):
    """One objective: what makes an event a good one, and what share has to be good. Exactly one kind is said."""

    objective: Fraction
    """Share of events that has to be good, such as `0.99`."""
    latency: OptionalDuration = written(None)
    """Good are requests that take this long at most and end in no server error; it becomes an edge of the histogram."""
    availability: bool = written(False)
    """Good are requests that end in no server error (5xx)."""
    errors: Literal["client", "server", "any"] | None = written(None)
    """Good are requests that end in no error of this kind: client (4xx), server (5xx) or any."""
    throughput: Annotated[
        Throughput | None,
        PlainValidator(_throughput_of),
        PlainSerializer(lambda said: said and said.text),
        WithJsonSchema({"anyOf": [{"type": "string", "pattern": _PACE_PATTERN}, {"type": "null"}]}),
    ] = written(None)
    """Good is each whole minute (or hour, `5000/h`) of event time that has at least so many requests, such as `100/min`."""
    quality: Annotated[
        Quality | None, BeforeValidator(_quality_first, json_schema_input_type=Literal[True] | Quality | None)
    ] = written(None)
    """Good are labelled predictions that were right: `true` for classes, a section for numbers. Each counts once, when it
    settles (`labels.settle`)."""
    label_freshness: OptionalDuration = written(None)
    """Good are predictions whose label comes within this time; each counts once, when the time is over."""
    ratio: Ratio | None = written(None)
    """Each record brings its own numbers of good ones and of all."""
    period: Period = written("30d")
    """The error budget is for this long, ending now."""
    calendar: CalendarUnit | None = written(None)
    """Instead of `period`: the budget is new each `week` (from Monday on), `month` or `quarter`."""
    time_zone: TimeZone = written(None)
    """IANA zone in which the `calendar` begins; null: UTC."""

    @property
    def kind(self) -> Kind:
        return next(kind for kind in _KINDS if getattr(self, kind))

    @property
    def span(self) -> int:
        """Return how long the period is, at least, in microseconds."""
        return self.period.length if self.calendar is None else SHORTEST[self.calendar]

    @property
    def nominal_period(self) -> int:
        """Return the seconds that burn rates reckon with: a month's factors are those of 30 days, by which they are known."""
        return self.period.length // UNITS["s"] if self.calendar is None else _NOMINAL_DAYS[self.calendar] * DAY

    @property
    def period_name(self) -> str:
        """The value of the label ``window`` where a figure is about the period."""
        return self.calendar or self.period.name

    @field_validator("latency", "label_freshness")
    @classmethod
    def _longer_than_nothing(cls, limit: int | None) -> int | None:
        if limit == 0:
            raise refusal("must be more than 0s", "nothing is as fast as that")
        return limit

    @field_validator("ratio")
    @classmethod
    def _of_one_kind(cls, ratio: Ratio | None, info: ValidationInfo) -> Ratio | None:
        # Absent when it is wrong itself: then that is said, and nothing else.
        if info.data.keys() >= _KINDS.keys() - {"ratio"}:
            said = [kind for kind in _KINDS if (ratio if kind == "ratio" else info.data[kind])]
            if len(said) != 1:
                raise _not_one(said)
        return ratio


def _not_one(said: list[Kind]) -> Exception:
    if said:
        hint = "write an objective of its own for each"
        return refusal(f"an objective is of one kind, not of {len(said)}: {', '.join(said)}", hint)
    return refusal("it is not said what the objective is about", f"write one of {'; '.join(_KINDS.values())}")


def impossible(slo: Slo, *, regression: bool, labels: Any) -> Fault | None:
    """Say why a model cannot have an objective: its task does not suit, or it has no (or too short-lived) ``labels``."""
    if slo.kind in ("quality", "label_freshness") and labels is None:
        return Fault("the model has no labels", "say where they are with labels", (slo.kind,))
    if slo.quality is not None and regression and not slo.quality.has_limit:
        return Fault(
            "a predicted number is never quite right", "write {error: 5.0} or {relative_error: 0.1}", ("quality",)
        )
    if slo.quality is not None and slo.quality.has_limit and not regression:
        return Fault("a class has no distance from its label", "write quality: true", ("quality",))
    if slo.label_freshness is not None and slo.label_freshness > labels.horizon:
        hint = f"labels.horizon is {format_duration(labels.horizon)}; a label that comes after it is never seen"
        return Fault("must not be longer than the horizon", hint, ("label_freshness",))
    return None
