"""When a model should be trained anew: several causes at once, not soon after the last time, and not on broken data."""

from __future__ import annotations

from exporter import catalogue
from rules.promql import MODEL, combined, select
from rules.rule import Alert, Group
from rules.settings import Settings

CAUSES = (
    "MLLowModelAccuracy",
    "MLModelQualityLow",
    "MLConceptDriftDetected",
    "MLDriftedFeatureShareHigh",
    "MLErrorBudgetExhausted",
)
VETOES = (
    "MLSchemaViolation",
    "MLMissingValues",
    "MLIngestStalled",
    "MLSourceDown",
    "MLRowsRejected",
    "MLQualityUnknown",
)
_QUORUM = 2
_COOL_DOWN = 86_400
_ON = ", ".join(MODEL)


def group(settings: Settings) -> Group:
    firing = f'alertstate="firing",job="{settings.job}"'
    causes = combined(
        "count",
        (),
        combined("group", ("alertname",), f'ALERTS{{{firing},alertname=~"{"|".join(CAUSES)}",severity!="info"}}'),
    )
    broken = combined("group", (), f'ALERTS{{{firing},alertname=~"{"|".join(VETOES)}"}}')
    trained = combined("max", (), select(settings, catalogue.MODEL_TRAINED))
    young = f"(time() - {trained} < {_COOL_DOWN})"
    return Group(
        "driftbell-retraining",
        (
            Alert(
                "MLRetrainingDue",
                "info",
                "retraining",
                f"({causes} >= {_QUORUM}) unless on ({_ON}) {young} unless on ({_ON}) {broken}",
                after="30m",
                hold="6h",
                labels={"action": "retrain"},
                summary="Several signs say that a model should be trained anew.",
                description=(
                    "{{ $value | humanize }} alerts about {{ $labels.model_name }} agree that it no longer fits the world, its data are in"
                    " order, and it was not trained within a day."
                ),
                variables=("model_name",),
            ),
        ),
    )
