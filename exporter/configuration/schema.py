"""The shape of the configuration, and what can be checked about it.

Cross checks are validators of the later of the fields that they compare: so Pydantic still reports
everything else that is wrong with the model. The order of the fields matters for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    field_validator,
)

from exporter.configuration.alerts import Alerts
from exporter.configuration.arrival import Start
from exporter.configuration.comparisons import Comparison, Past, comparison_faults, pasts_of
from exporter.configuration.data_quality_limits import DataQuality
from exporter.configuration.dead_letters import DeadLetters, OptionalDeadLetters, refuse_part_of_log, refuse_shared
from exporter.configuration.drift import Drift
from exporter.configuration.logs import Fields, LabelLog, Labels, Predictions, Reference, ReferenceData, TimeFormat
from exporter.configuration.objectives import Slo, impossible
from exporter.configuration.problem import shown
from exporter.configuration.quality_limits import QualityJudgement
from exporter.configuration.refusal import Fault, described, refusal, refusals
from exporter.configuration.sections import Info, Limits, PageLimits, Section, Storage
from exporter.configuration.segments import Segments
from exporter.configuration.thresholds import Thresholds, can_be_judged, judged
from exporter.configuration.values import (
    Buckets,
    Category,
    Distinct,
    Duration,
    Fraction,
    List,
    Name,
    OptionalPath,
    Text,
    TimeZone,
    at_least,
    category_of,
    written,
)
from exporter.configuration.window_list import Windows
from exporter.configuration.windows import Window
from exporter.durations import format_duration

Task = Literal["binary", "multiclass", "regression"]
FeatureKind = Literal["numeric", "categorical"]
_FEWEST_CLASSES = 2
# Pairs of classes whose positive one goes without saying.
_OBVIOUS = ({"0", "1"}, {"false", "true"})
_Scalar = str | int | float | bool
_Classes = Annotated[tuple[Category, ...], List, Distinct]


class FeatureOverride(Section):
    """What is said about a feature that would otherwise be found out from the data."""

    kind: FeatureKind | None = written(None)
    """By default what the reference holds: numbers, or texts and booleans."""
    path: OptionalPath = written(None)
    """Where it is in the whole record, if not in the object of features. In the reference its own name will do, too."""


def _kind_first(value: object) -> object:
    if not isinstance(value, str | dict):
        raise refusal(f"must be numeric, categorical or a mapping, not {described(value)}")
    return value if isinstance(value, dict) else {"kind": value}


_Feature = Annotated[
    FeatureOverride, BeforeValidator(_kind_first, json_schema_input_type=FeatureKind | FeatureOverride)
]
_CategoryOrNone = Annotated[
    str | None,
    PlainValidator(lambda value: None if value is None else category_of(value), json_schema_input_type=_Scalar | None),
]
# "" stands for "the model's name", which is not known here; `Configuration` puts it in.
_ModelId = Annotated[
    str,
    PlainValidator(lambda value: "" if value is None else category_of(value), json_schema_input_type=_Scalar | None),
]


class Model(Section):
    """One model: its logs, how to read them, and what to compute."""

    _name: str = PrivateAttr("")

    task: Task
    """What the model predicts: one of two classes, one of several, or a number."""
    limits: Limits = written({})
    predictions: Predictions
    """The log of predictions: a path or glob, a list of them, or a section."""
    time_format: TimeFormat = written("rfc3339")
    """How time stamps are written; nothing is guessed."""
    time_zone: TimeZone = written(None)
    """IANA zone of RFC 3339 times without an offset; null: such records are rejected."""
    latency_unit: Literal["s", "ms", "us", "ns"] = written("ms")
    """Unit of the field `latency`."""
    fields: Fields = written({})
    endpoints: Annotated[tuple[Text, ...], List, Distinct] = written([])
    """Endpoints that are known beforehand: their counters stand at 0 from the start, and `limits.endpoints` is for others."""
    model_id: _ModelId = written(None)
    """What `fields.model` holds for this model; by default its name."""
    classes: _Classes | None = written(None)
    """All classes; by default those of the reference. A list of scores follows their order."""
    positive_class: _CategoryOrNone = written(None)
    """Binary models: the class that precision, recall and F1 are about; by default 1 of 0 and 1, true of booleans."""
    threshold: Fraction = written(0.5)
    """Where a record has a score but no prediction: the score from which on the class is positive."""
    labels: Labels | None = written(None)
    """The log of labels: a path or glob, a list of them, or a section."""
    reference: ReferenceData | None = written(None)
    """What the windows are compared with: a path, or a section."""
    features: Mapping[Name, _Feature] = written({})
    """What is known better than the data can tell; all other features are found."""
    ignore_features: Annotated[tuple[Name, ...], List, Distinct] = written([])
    """Columns of the reference that are no features."""
    segments: Segments = written({})
    """Record fields for whose values quality is shown one by one: a list of paths, or names with paths."""
    windows: Windows = written(["1h", "24h"])
    """Lengths such as `5m`, `24h` or `7d`, `all`, or newest rows such as `1000rows`; a section says more of one."""
    allowed_lateness: Duration = written("1m")
    """So much behind the newest record windows end, to wait for rows out of order."""
    idle_timeout: Annotated[Duration, at_least("1s")] = written("5m")
    """After so long without records the wall clock moves the windows on."""
    start_at: Start = written("beginning")
    """Records dated before it are ignored: `beginning`, `now`, a time, or a duration such as `7d` before the first start.
    It is settled at the model's first start; `evaluate` reads everything."""
    max_future_skew: Duration = written("5m")
    """Records dated further ahead than this are rejected."""
    version_ttl: Annotated[Duration, at_least("1s")] = written("365d")
    """A version that has not been seen for so long is forgotten."""
    thresholds: Thresholds = written({})
    comparisons: Annotated[Mapping[Name, Comparison], Field(max_length=10)] = written({})
    """What judged windows are compared with beside the reference, by name; the name becomes the label `reference`."""
    drift: Drift = written({})
    data_quality: DataQuality = written({})
    quality: QualityJudgement = written({})
    alerts: Alerts = written({})
    low_confidence: Fraction = written(0.7)
    """Predictions whose class was given less than this count as of low confidence."""
    latency_buckets: Buckets = written([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    """Upper edges in seconds; the latency limits of `slos` join them."""
    exemplars: bool = written(False)
    """Show with each latency bucket and error count the request id of its newest request, to clients that read OpenMetrics
    (to Prometheus with `--enable-feature=exemplar-storage`). Request ids are then to be seen by whoever may scrape."""
    slos: Annotated[Mapping[Name, Slo], Field(max_length=50)] = written({})
    """Service level objectives by name; the name becomes the label `slo`."""
    dead_letters: OptionalDeadLetters = written(None)
    """Where `serve` keeps a sample of the rejected records, a path or a section; null: nowhere."""
    info: Info = written({})

    @property
    def name(self) -> str:
        """The key under which the model stands: the label ``model_name``."""
        # It is asked for all the time, and `self._name` is found only after all else was searched.
        private: dict[str, str] = self.__pydantic_private__ or {}
        return private["_name"]

    @property
    def hash(self) -> str:
        """The first 12 hex digits of the SHA-256 of all that is stated and of the defaults of all that is not."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def judged_windows(self) -> tuple[Window, ...]:
        """The windows whose figures have thresholds, by length."""
        return judged(self.thresholds, self.windows)

    def pasts(self, window: Window) -> tuple[Past, ...]:
        """What a window is compared with beside the reference: nothing, if it is not judged."""
        return pasts_of(window, self.comparisons, self.windows) if window in self.judged_windows else ()

    def named(self, name: str) -> Model:
        """Return this model under its name."""
        model = self.model_copy(update={} if self.model_id else {"model_id": name})
        model._name = name  # noqa: SLF001 - our own, of a copy
        return model

    @field_validator("classes")
    @classmethod
    def _as_many_as_the_task_has(cls, classes: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        if classes is None:
            return None
        if info.data.get("task") == "binary" and len(classes) != _FEWEST_CLASSES:
            raise refusal(f"a binary model has exactly 2 classes, not {len(classes)}", "or is the task multiclass?")
        if len(classes) < _FEWEST_CLASSES:
            raise refusal(f"a model has at least 2 classes, not {len(classes)}")
        limits = info.data.get("limits")
        if limits and len(classes) > limits.classes:
            raise refusal(f"{len(classes)} classes are more than limits.classes ({limits.classes})", "raise the limit")
        _check_paths_of_scores(classes, info.data.get("fields"))
        return classes

    @field_validator("positive_class")
    @classmethod
    def _one_of_the_classes(cls, positive: str | None, info: ValidationInfo) -> str | None:
        classes = info.data.get("classes")
        if positive is not None and classes and positive not in classes:
            raise refusal(f"{shown(positive)} is not one of the classes", f"classes holds {', '.join(classes)}")
        if positive is None and info.data.get("task") == "binary" and classes and set(classes) not in _OBVIOUS:
            raise refusal(f"positive_class must say which of {' and '.join(classes)} is the positive one")
        return positive

    @field_validator("labels")
    @classmethod
    def _read_like_the_predictions(cls, labels: LabelLog | None, info: ValidationInfo) -> LabelLog | None:
        if labels is None:
            return None
        fields = info.data.get("fields")
        if fields and fields.request_id is None:
            raise refusal("labels cannot be joined: fields.request_id is null", "say where the request id is")
        shared = {"time_format", "time_zone"} - labels.model_fields_set
        return labels.model_copy(update={key: info.data[key] for key in shared if key in info.data})

    @field_validator("thresholds")
    @classmethod
    def _of_windows_of_time(cls, thresholds: Thresholds, info: ValidationInfo) -> Thresholds:
        possible = [window.name for window in info.data.get("windows", ()) if can_be_judged(window)]
        wrong = [name for name in thresholds.windows or () if name not in possible]
        if wrong and "windows" in info.data:
            hint = f"windows of time are {', '.join(possible)}" if possible else "no window has a length in time"
            raise refusals([Fault(f"there is no window {shown(name)} of time", hint, ("windows",)) for name in wrong])
        return thresholds

    @field_validator("comparisons")
    @classmethod
    def _that_can_be_made(cls, comparisons: Mapping[str, Comparison], info: ValidationInfo) -> Mapping[str, Comparison]:
        if not {"windows", "thresholds"} <= info.data.keys() or not comparisons:
            return comparisons
        reference = info.data.get("reference")
        if reference is None:
            raise refusal(
                "there is no reference whose bins they could use", "build one with driftbell profile --from-log"
            )
        if reference.name in comparisons:
            raise refusal(
                f"{shown(reference.name)} is the name of the reference", "choose another name", (reference.name,)
            )
        if faults := list(comparison_faults(judged(info.data["thresholds"], info.data["windows"]), comparisons)):
            raise refusals(faults)
        return comparisons

    @field_validator("drift")
    @classmethod
    def _with_room_for_the_bins(cls, drift: Drift, info: ValidationInfo) -> Drift:
        limits = info.data.get("limits")
        if limits and limits.edges < (least := 2 * drift.psi.bins + 1):
            raise refusal(f"{drift.psi.bins} bins need limits.edges of at least {least}, not {limits.edges}")
        return drift

    @field_validator("quality")
    @classmethod
    def _due_within_the_horizon(cls, quality: QualityJudgement, info: ValidationInfo) -> QualityJudgement:
        labels = info.data.get("labels")
        if labels and quality.due_after is not None and quality.due_after > labels.horizon:
            due, horizon = format_duration(quality.due_after), format_duration(labels.horizon)
            hint = "a label that comes after the horizon is never seen"
            raise refusal(f"must not be longer than labels.horizon ({horizon}), not {due}", hint, ("due_after",))
        return quality

    @field_validator("slos")
    @classmethod
    def _that_can_be_had(cls, slos: Mapping[str, Slo], info: ValidationInfo) -> Mapping[str, Slo]:
        if not {"task", "labels"} <= info.data.keys():
            return slos
        regression, labels = info.data["task"] == "regression", info.data["labels"]
        found = {name: impossible(slo, regression=regression, labels=labels) for name, slo in slos.items()}
        if any(found.values()):
            raise refusals([fault._replace(at=(name, *fault.at)) for name, fault in found.items() if fault])
        return slos

    @field_validator("dead_letters")
    @classmethod
    def _beside_the_logs(cls, letters: DeadLetters | None, info: ValidationInfo) -> DeadLetters | None:
        if letters is not None:
            for log in filter(None, (info.data.get("predictions"), info.data.get("labels"))):
                refuse_part_of_log(letters, log.paths)
        return letters

    @field_validator("reference")
    @classmethod
    def _laid_out_like_the_logs(cls, reference: Reference | None, info: ValidationInfo) -> Reference | None:
        fields, labels = info.data.get("fields"), info.data.get("labels")
        if reference is None or fields is None:
            return reference
        label = labels.fields.label if labels else ("label",)
        return reference.model_copy(update={"fields": reference.fields.completed(fields, label)})


class Configuration(Section):
    """Everything that the exporter is told."""

    models: Annotated[Mapping[Name, Model], Field(min_length=1)]
    """By name; the name becomes the label `model_name`."""
    storage: Storage = written({})
    limits: PageLimits = written({})
    evaluation_interval: Annotated[Duration, at_least("1s")] = written("15s")
    """So often all figures are computed."""

    @field_validator("models")
    @classmethod
    def _with_their_names(cls, models: Mapping[str, Model]) -> Mapping[str, Model]:
        refuse_shared({name: model.dead_letters for name, model in models.items()})
        return {name: model.named(name) for name, model in models.items()}


def _check_paths_of_scores(classes: tuple[str, ...], fields: Any) -> None:  # absent if it was invalid
    scores = fields.scores if fields else None
    if not isinstance(scores, Mapping):
        return
    wrong = [name for name in classes if name not in scores] + [name for name in scores if name not in classes]
    if wrong:
        raise refusals([Fault(f"{shown(name)} is not in both classes and fields.scores") for name in wrong])
