"""About the model itself: whose it is, what changed lately, how old it is, which versions run, what it is compared with."""

from __future__ import annotations

from exporter import catalogue
from rules.promql import MODEL, combined, joined, per_limit, select
from rules.rule import Alert, Group, Record
from rules.settings import Settings
from rules.templates import limit

OWNER = "model:ml_model_owner:info"
"""Always 1; label ``owner``, where the configuration names one."""
CHANGE = "model_change:ml_recent_changes:last1d"
"""1 for each thing that changed within a day, said in the label ``change``."""
LIVE_VERSIONS = "model:ml_live_versions:count_increase1h"
"""Versions that answered within the hour."""
WINDOW_VERSIONS = "model_window:ml_versions:count"
"""Versions that have rows in a window."""


def group(settings: Settings) -> Group:
    return Group("driftbell-model", (*_records(settings), *_alerts(settings)))


def _records(settings: Settings) -> tuple[Record, ...]:
    answered = combined("max", ["model_version"], f"increase({select(settings, catalogue.REQUESTS)}[1h])")
    held = combined(
        "max", ["model_version", "window"], select(settings, catalogue.WINDOW_REQUESTS, 'model_version!=""')
    )
    owners = combined("max", ["owner"], select(settings, catalogue.MODEL_INFO))
    return (
        # One each, even while two exporters are told different owners: two would make every join with it fail.
        Record(OWNER, f"topk by ({', '.join(MODEL)}) (1, {owners})"),
        Record(LIVE_VERSIONS, combined("count", [], f"{answered} > 0")),
        Record(WINDOW_VERSIONS, combined("count", ["window"], f"{held} > 0")),
        Record(CHANGE, " or ".join(_changes(settings))),
    )


def _changes(settings: Settings) -> tuple[str, ...]:
    """What is there now and was not a day ago. After a first day of silence everything would be new, so something has to
    have been there."""
    version = select(settings, catalogue.WINDOW_REQUESTS, 'model_version!=""')
    reference = select(settings, catalogue.REFERENCE_INFO)
    configuration = select(settings, catalogue.MODEL_CONFIG_INFO)
    return (
        _named(_new(version, ["model_version"]), "version $1", "model_version"),
        _named(_new(reference, ["reference", "hash"]), "reference $1", "hash"),
        _named(_new(configuration, ["hash"]), "configuration $1", "hash"),
    )


def _new(selector: str, labels: list[str]) -> str:
    now, before = combined("group", labels, selector), combined("group", labels, f"{selector} offset 1d")
    known = combined("group", [], f"{selector} offset 1d")
    return f"({now} unless {before}) and on ({', '.join(MODEL)}) {known}"


def _named(expression: str, text: str, label: str) -> str:
    named = f'label_replace({expression}, "change", "{text}", "{label}", "(.*)")'
    return combined("group", ["change"], named)


def _alerts(settings: Settings) -> tuple[Alert, ...]:
    info = select(settings, catalogue.MODEL_INFO)
    trained = combined("max", [], select(settings, catalogue.MODEL_TRAINED))
    hashes = combined(
        "count", ["reference"], combined("group", ["reference", "hash"], select(settings, catalogue.REFERENCE_INFO))
    )
    return (
        *(
            Alert(
                "MLModelStale",
                severity,
                "model",
                joined(f"time() - ({trained} > 0)", ">", per_limit(settings, "model_age", severity)),
                after="1h",
                threshold=limit("model_age", severity),
                summary="A model has not been trained for longer than its limit.",
                description=(
                    "{{ $labels.model_name }} was trained {{ $value | humanizeDuration }} ago."
                    ' Its limit is ml_limit{limit="model_age"}; retrain it, or say that it may be that old.'
                ),
            )
            for severity in ("info", "warning")
        ),
        Alert(
            "MLSeveralVersions",
            "info",
            "model",
            f"{LIVE_VERSIONS} > 1",
            after="6h",
            summary="More than one version of a model has been answering for hours.",
            description=(
                "{{ $labels.model_name }} has had {{ $value | humanize }} versions in traffic for six hours."
                " A rollout that is not finished, or an instance that was forgotten?"
            ),
        ),
        Alert(
            "MLReferenceMissing",
            "warning",
            "model",
            f"{combined('group', [], info)} unless {combined('group', [], select(settings, catalogue.REFERENCE_ROWS))}",
            after="1h",
            summary="A model has no reference, so its drift and baselines cannot be judged.",
            description=(
                "{{ $labels.model_name }} has no reference data: nobody will hear of drift or of falling quality."
                " State `reference` in the configuration."
            ),
        ),
        Alert(
            "MLReferencesDiffer",
            "warning",
            "model",
            f"{hashes} > 1",
            after="30m",
            summary="Exporters of one model compare it with different references.",
            description=(
                "The exporters of {{ $labels.model_name }} have {{ $value | humanize }} different contents for the reference"
                " {{ $labels.reference }}: their bins and scores cannot be added up or compared."
            ),
        ),
    )
