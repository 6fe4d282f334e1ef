"""What a valid configuration says in vain: parts that have no effect, and what is left out at a price."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from exporter.configuration.document import Document
from exporter.configuration.drift import Drift
from exporter.configuration.judgement_advice import judgement
from exporter.configuration.objective_check import dead_pairs, described
from exporter.configuration.problem import Keys, shown
from exporter.configuration.refusal import Fault
from exporter.configuration.schema import Configuration, Model

_NO_EFFECT = "has no effect"
_BOOLEAN_LOOKALIKES = ("True", "False", "TRUE", "FALSE")
_Has = Callable[..., bool]


def advise(configuration: Configuration, document: Document) -> Iterator[tuple[Keys, Fault]]:
    """Yield where and what to warn about; only what the file itself writes counts as said in vain."""
    for name, model in configuration.models.items():
        place = ("models", name)

        def has(*keys: str, place: Keys = place) -> bool:
            return document.written(*place, *keys)

        for check in (_task, _formats, _times, _fields, _reference, _features, _slos, _limits, _drift, judgement):
            for fault in check(model, has):
                yield (*place, *fault.at), fault
    yield from _shared_logs(configuration.models)


def _vain(has: _Has, because: str, *keys: str) -> Iterator[Fault]:
    if has(*keys):
        yield Fault(f"{_NO_EFFECT}: {because}", "take it out", keys)


def _task(model: Model, has: _Has) -> Iterator[Fault]:
    because = f"the task is {model.task}"
    if model.task != "binary":
        for keys in (("positive_class",), ("threshold",), ("fields", "score")):
            yield from _vain(has, because, *keys)
    elif model.fields.score is None:
        yield from _vain(has, "fields.score is null", "threshold")
    if model.task != "multiclass":
        yield from _vain(has, because, "fields", "scores")
    if model.task == "regression":
        for key in ("classes", "low_confidence"):
            yield from _vain(has, because, key)
    for index, text in enumerate(model.classes or ()):
        if text in _BOOLEAN_LOOKALIKES:
            hint = f"a boolean of a JSON log is {text.lower()}"
            yield Fault(f"the class {text} is text, not a boolean", hint, ("classes", index))


def _formats(model: Model, has: _Has) -> Iterator[Fault]:
    if model.predictions.format != "csv":
        yield from _vain(has, f"the format is {model.predictions.format}", "predictions", "csv")
    if model.labels and model.labels.format != "csv":
        yield from _vain(has, f"the format is {model.labels.format}", "labels", "csv")


def _times(model: Model, has: _Has) -> Iterator[Fault]:
    if "parquet" in (model.predictions.format, model.labels and model.labels.format):
        return  # Typed times may be without a zone whatever the format of others.
    if model.time_format != "rfc3339" and (model.labels is None or model.labels.time_format != "rfc3339"):
        yield from _vain(has, f"times in {model.time_format} carry no zone", "time_zone")
    if model.labels and model.labels.time_format != "rfc3339":
        yield from _vain(has, f"times in {model.labels.time_format} carry no zone", "labels", "time_zone")
    if model.labels and model.labels.fields.timestamp is None:
        for key in ("time_format", "time_zone", "delayed_after"):
            yield from _vain(has, "labels.fields.timestamp is null", "labels", key)


def _fields(model: Model, has: _Has) -> Iterator[Fault]:
    if model.fields.model is None:
        yield from _vain(has, "fields.model is not set, so all records are read", "model_id")
    if model.fields.latency is None:
        for key in ("latency_unit", "latency_buckets"):
            yield from _vain(has, "fields.latency is null", key)
    if model.fields.request_id is None and model.exemplars:
        yield from _vain(has, "fields.request_id is null", "exemplars")
    if model.fields.endpoint is None and model.endpoints:
        yield from _vain(has, "fields.endpoint is null", "endpoints")
    if model.labels and not _predicts(model):
        yield Fault("nothing to compare labels with: the log has neither prediction nor score", "", ("labels",))


def _predicts(model: Model) -> bool:
    scored = {"binary": model.fields.score, "multiclass": model.fields.scores}.get(model.task)
    return model.fields.prediction is not None or scored is not None


def _reference(model: Model, has: _Has) -> Iterator[Fault]:
    if model.reference is None:
        yield Fault(
            "there is no reference, so no drift is measured",
            "make one from the training data, or of the log with profile --from-log",
        )
        if model.labels is None or not has("drift", "sequential"):
            yield from _vain(has, "there is no reference", "drift")
        else:
            # Residuals are compared with their own past.
            for key in Drift.model_fields.keys() - {"sequential", "min_rows"}:
                yield from _vain(has, "there is no reference", "drift", key)
        return
    if model.reference.path.suffix == ".json":
        yield from _vain(has, "a ready profile knows its fields", "reference", "fields")


def _features(model: Model, has: _Has) -> Iterator[Fault]:
    for name in model.features:
        if name in model.ignore_features:
            yield from _vain(has, "ignore_features names it too", "features", name)
        elif has("features", name) and model.features[name].kind is None and model.features[name].path is None:
            yield from _vain(has, "neither kind nor path is said", "features", name)
    if model.fields.features is None and not any(feature.path for feature in model.features.values()):
        yield from _vain(has, "fields.features is null", "ignore_features")


def _slos(model: Model, has: _Has) -> Iterator[Fault]:
    for name, slo in model.slos.items():
        if slo.latency is not None and model.fields.latency is None:
            yield from _vain(has, "fields.latency is null, so only server errors are counted", "slos", name, "latency")
        if slo.kind in ("availability", "errors") and model.fields.status is None:
            yield from _vain(has, "fields.status is null, so no request fails", "slos", name, slo.kind)
        if slo.kind in ("quality", "label_freshness") and not _predicts(model):
            yield from _vain(has, "the log has neither prediction nor score", "slos", name, slo.kind)
        if slo.calendar is not None:
            yield from _vain(has, f"the calendar says that the period is a {slo.calendar}", "slos", name, "period")
        else:
            yield from _vain(has, "there is no calendar", "slos", name, "time_zone")
        for pair in dead_pairs(slo):
            hint = f"an objective above {1 - 1 / float(pair.factor):.4g} would let it fire"
            yield Fault(f"the burn rate {described(pair)} can never fire", hint, ("slos", name, "objective"))


def _limits(model: Model, has: _Has) -> Iterator[Fault]:
    idle = {
        "classes": model.task == "regression" and "the task is regression",
        "segments": not model.segments and "there are no segments",
        "shown_segments": not (model.segments and model.labels) and "there are no segments with labels",
        "bins": model.reference is None and "there is no reference",
        "endpoints": model.fields.endpoint is None and "fields.endpoint is null",
        "versions": model.fields.version is None and "fields.version is null",
        "edges": model.reference is None and "there is no reference",
        "memory": model.labels is None and "there are no labels to join",
    }
    for key, because in idle.items():
        if because:
            yield from _vain(has, because, "limits", key)
    if model.fields.version is None:
        yield from _vain(has, "fields.version is null", "version_ttl")


def _drift(model: Model, has: _Has) -> Iterator[Fault]:
    if model.reference is None:
        return
    if model.labels is None and model.reference is not None:
        yield from _vain(has, "there are no labels", "drift", "concept")
        yield from _vain(has, "there are no labels", "drift", "sequential")
    if "psi" not in (*model.drift.numeric, *model.drift.categorical):
        yield from _vain(has, "psi is not one of the methods", "drift", "psi")
    elif "psi" not in model.drift.numeric:
        for key in ("bins", "binning"):
            yield from _vain(has, "psi is not one of the numeric methods", "drift", "psi", key)


def _shared_logs(models: Mapping[str, Model]) -> Iterator[tuple[Keys, Fault]]:
    first: dict[str, str] = {}
    for name, model in models.items():
        for path in model.predictions.paths:
            other = first.setdefault(path, name)
            if other != name and (model.fields.model is None or models[other].fields.model is None):
                text = f"the model {shown(other)} reads the same log, and not both have fields.model"
                hint = "set fields.model, or each record counts for both"
                yield ("models", name, "predictions"), Fault(text, hint)
