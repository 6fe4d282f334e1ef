"""The reference profile that a model's configuration asks for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from exporter.configuration.logs import Reference, ReferenceFields
from exporter.configuration.schema import Model
from exporter.counting.classes import stated_classes
from exporter.reference.cache import built, load_or_build
from exporter.reference.elsewhere import built_elsewhere
from exporter.reference.meter import Progress
from exporter.reference.options import ProfileOptions
from exporter.reference.profile import Profile

_LOG = logging.getLogger(__name__)


def profile_of(model: Model, cache: Path | None, progress: Progress | None = None) -> Profile | None:
    """Load the model's profile, or build it from its reference; None without a reference.

    Whoever has a ``cache`` is there to stay, and builds in another process: the memory that it takes is not to stay.
    Raises ``ReferenceProblem``.
    """
    if model.reference is None:
        return None
    options, build = options_of(model, model.reference), built if cache is None else built_elsewhere
    profile, warnings = load_or_build(model.reference.path, options, cache, progress, build)
    for warning in warnings:
        _LOG.warning(warning, extra={"fields": {"model": model.name, "reference": str(model.reference.path)}})
    return profile


def options_of(model: Model, reference: Reference) -> ProfileOptions:
    """Translate the configuration's paths in a record into a table's dotted column names."""
    fields = reference.fields
    stated = {path for name in fields.model_fields_set if isinstance(path := getattr(fields, name), tuple)}
    roles = [fields.prediction, fields.score, fields.scores, fields.label, *model.segments.values()]
    columns = {path for path in roles if isinstance(path, tuple)}
    if isinstance(fields.scores, Mapping) and "scores" not in fields.model_fields_set:
        columns |= set(fields.scores.values())
    others = (
        fields.timestamp,
        fields.request_id,
        fields.model,
        fields.latency,
        fields.status,
        fields.endpoint,
        fields.version,
    )
    scores = fields.scores
    return ProfileOptions(
        task=model.task,
        prediction=_column(fields.prediction),
        score=_column(fields.score) if model.task == "binary" else None,
        label=_column(fields.label),
        scores=_scores(scores) if model.task == "multiclass" else None,
        segments={name: ".".join(path) for name, path in model.segments.items()},
        ignored=frozenset({*model.ignore_features, *(".".join(path) for path in others if path)}),
        features_prefix="".join(f"{key}." for key in fields.features or ("features",)),
        columns={name: ".".join(feature.path) for name, feature in model.features.items() if feature.path},
        kinds={name: feature.kind for name, feature in model.features.items() if feature.kind},
        classes=stated_classes(model),
        positive_class=model.positive_class,
        timestamp=_column(fields.timestamp),
        time_format=model.time_format,
        psi_bins=model.drift.psi.bins,
        max_edges=model.limits.edges,
        optional=frozenset(".".join(path) for path in columns - stated),
    )


def options_of_log(model: Model) -> ProfileOptions:
    """Return how the model's own log is read as a reference: everything is where its records have it."""
    label = model.labels.fields.label if model.labels else ("label",)
    fields = ReferenceFields().completed(model.fields, label).model_copy(update={"model": model.fields.model})
    return options_of(model, Reference.model_construct(path=Path(), fields=fields, name="log"))


def _column(path: tuple[str, ...] | None) -> str | None:
    return ".".join(path) if path else None


def _scores(scores: tuple[str, ...] | Mapping[str, tuple[str, ...]] | None) -> Mapping[str, str] | str | None:
    if isinstance(scores, Mapping):
        return {name: ".".join(path) for name, path in scores.items()}
    return _column(scores)
