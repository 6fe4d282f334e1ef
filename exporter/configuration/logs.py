"""Where a model's predictions, labels and reference are, and where things are in their records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ValidationInfo, field_validator

from exporter.configuration.arrival import Delivery
from exporter.configuration.files import SourcePath
from exporter.configuration.log_files import LogFiles
from exporter.configuration.refusal import described, refusal
from exporter.configuration.sections import Section
from exporter.configuration.values import (
    Duration,
    FeaturesPath,
    KeyPath,
    Moment,
    Name,
    OptionalPath,
    RequiredPath,
    ScoresPath,
    TimeZone,
    at_least,
    duration_of,
    written,
)
from exporter.durations import format_duration, parse_duration

TimeFormat = Literal["rfc3339", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns"]
_SETTLE = "24h"


def _path_first(value: object) -> object:
    """Accept a path, or a list of them, in place of the whole section."""
    if not isinstance(value, str | list | dict):
        raise refusal(f"must be a path, a list of paths, or a mapping, not {described(value)}", "such as log.jsonl")
    return value if isinstance(value, dict) else {"path": value}


def _one_path_first(value: object) -> object:
    if not isinstance(value, str | dict):
        raise refusal(f"must be a path or a mapping, not {described(value)}", "a reference is one file")
    return value if isinstance(value, dict) else {"path": value}


class Fields(Section):
    """Where things are in a prediction record; null means that the log does not have it."""

    timestamp: RequiredPath = written("timestamp")
    """The moment of the prediction."""
    request_id: OptionalPath = written("request_id")
    """What labels are joined by."""
    model: OptionalPath = written(None)
    """If set, only records whose value here equals `model_id` are read."""
    features: FeaturesPath = written("features")
    """The object that holds the features; `""` or `[]` if they stand at the top level."""
    prediction: OptionalPath = written("prediction")
    """The predicted class or value."""
    score: OptionalPath = written("score")
    """Binary models: the probability of the positive class."""
    scores: ScoresPath = written("scores")
    """Multiclass models: an object from class to probability, a list in the order of `classes`, or a path per class."""
    latency: OptionalPath = written("latency_ms")
    """How long the request took, in `latency_unit`."""
    status: OptionalPath = written("status")
    """HTTP status; a record without one succeeded."""
    endpoint: OptionalPath = written("endpoint")
    """Which endpoint answered."""
    version: OptionalPath = written("version")
    """The model's version; a record without one is of the version `unknown`."""


class LabelFields(Section):
    """Where things are in a label record."""

    request_id: RequiredPath = written("request_id")
    """The request that the label is for."""
    label: RequiredPath = written("label")
    """The true class or value."""
    timestamp: OptionalPath = written("timestamp")
    """When the label became known; null: when it was read."""


class ReferenceFields(Section):
    """Where things are in the reference; what is not written is where the model's own `fields` say.

    If `features` is not written and the reference has no such column, its features stand at the top level, as in most
    tables.
    """

    timestamp: OptionalPath = written(None)
    request_id: OptionalPath = written(None)
    model: OptionalPath = written(None)
    """Not taken over from the model's own fields: a reference rarely mixes models."""
    features: FeaturesPath = written(None)
    prediction: OptionalPath = written(None)
    score: OptionalPath = written(None)
    scores: ScoresPath = written(None)
    latency: OptionalPath = written(None)
    status: OptionalPath = written(None)
    endpoint: OptionalPath = written(None)
    version: OptionalPath = written(None)
    label: OptionalPath = written(None)

    def completed(self, fields: Fields, label: KeyPath) -> ReferenceFields:
        """Return these fields with what is not written taken from the logs; ``model_fields_set`` stays."""
        inherited = {name: getattr(fields, name) for name in Fields.model_fields if name != "model"}
        own = {name: getattr(self, name) for name in self.model_fields_set}
        values = {"model": None, **inherited, "label": label, **own}
        return ReferenceFields.model_construct(set(self.model_fields_set), **values)


class PredictionLog(LogFiles):
    delivery: Delivery = written("continuous")
    """`continuous`: the log grows as requests are answered. `{batch: 1h}`: complete files come about once an hour."""
    delayed_after: Annotated[Duration, at_least("1s")] = written("2m")
    """Records read later than this after their time stamp are counted as delayed."""


class LabelLog(LogFiles):
    delivery: Delivery = written("continuous")
    """`continuous`: the log grows as requests are answered. `{batch: 1h}`: complete files come about once an hour."""
    delayed_after: Annotated[Duration, at_least("1s")] = written("2m")
    """Records read later than this after their time stamp are counted as delayed."""
    shared: bool = written(False)
    """The log also holds labels of predictions that another exporter reads: such lines are ignored, not orphans."""
    time_format: TimeFormat = written("rfc3339")
    """If it is not written, the model's own."""
    time_zone: TimeZone = written(None)
    """If it is not written, the model's own."""
    fields: LabelFields = written({})
    horizon: Annotated[Duration, at_least("1s")] = written("30d")
    """So long after its prediction a label can come."""
    settle: Annotated[
        int,
        BeforeValidator(lambda value: -1 if value is None else duration_of(value), json_schema_input_type=str | None),
    ] = written(None)
    """So long after the prediction it is counted for good; null: 24h, or the horizon if that is shorter."""

    @field_validator("settle")
    @classmethod
    def _within_the_horizon(cls, settle: int, info: ValidationInfo) -> int:
        horizon = info.data.get("horizon", parse_duration("36500d"))
        if settle > horizon:
            raise refusal(
                f"must not be longer than the horizon ({format_duration(horizon)}), not {format_duration(settle)}",
                "a label that comes after the horizon is never seen",
            )
        return min(horizon, parse_duration(_SETTLE)) if settle < 0 else settle


class Reference(Section):
    path: SourcePath
    """Training data (Parquet, CSV, JSON lines) or a ready profile (`.json`), relative to this file's folder."""
    fields: ReferenceFields = written({})
    name: Name = written("training")
    """The value of the label `reference`."""
    as_of: Moment = written(None)
    """When its newest data were recorded, such as `2026-01-31T00:00:00Z`; by default `info.trained_at`."""


Predictions = Annotated[
    PredictionLog, BeforeValidator(_path_first, json_schema_input_type=str | list[str] | PredictionLog)
]
Labels = Annotated[LabelLog, BeforeValidator(_path_first, json_schema_input_type=str | list[str] | LabelLog)]
ReferenceData = Annotated[Reference, BeforeValidator(_one_path_first, json_schema_input_type=str | Reference)]
