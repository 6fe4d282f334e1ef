"""What keeps quiet while something graver about the same thing is said. Nothing mutes what is graver than itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alertmanager.matchers import among, equal, unequal
from exporter.catalogue import SEVERITIES

BROKEN_WATCH = ("MLExporterDown", "MLExporterNotWorking", "MLExporterAbsent")
# What is said for want of figures. Other alerts vanish with their series; another exporter's models must still page.
FOR_WANT_OF_DATA = (
    "MLNoTraffic",
    "MLTrafficDrop",
    "MLIngestStalled",
    "MLQualityUnknown",
    "MLLabelCoverageLow",
    "MLReferenceMissing",
)
BROKEN_INPUT = ("MLSchemaViolation", "MLMissingValues")
_MODEL = ["job", "model_name"]
# By the severity that mutes: of two alerts of one name these tell whether they are about the same thing. The lint holds them
# against what the expressions bring forth (M07): one too few mutes what is about something else, one too many says nothing,
# since a label that both lack counts as equal.
_THING = ["alertname", *_MODEL]
LADDER = {
    "emergency": [*_THING, "model_version", "metric", "window"],
    "critical": [*_THING, "model_version", "metric", "feature_name", "kind", "reference", "window", "slo"],
    "warning": [*_THING, "feature_name", "reference", "window"],
}


def rules() -> list[dict[str, Any]]:
    return [
        _rule([among("alertname", BROKEN_WATCH)], [among("alertname", FOR_WANT_OF_DATA)], ["job"]),
        _rule(
            [equal("alertname", "MLIngestStalled")],
            [
                among("category", ["traffic", "quality", "drift", "data", "retraining"]),
                unequal("severity", "emergency"),
            ],
            _MODEL,
        ),
        _rule(
            [equal("alertname", "MLOutage")],
            [
                among(
                    "alertname",
                    ["MLHighErrorRate", "MLHighLatencyP95", "MLErrorBudgetBurn", "MLTrafficDrop", "MLNoTraffic"],
                )
            ],
            _MODEL,
        ),
        *_broken_input(),
        *_ladder(),
    ]


def _broken_input() -> list[dict[str, Any]]:
    """Drift of what is missing or of the wrong type is no news; what the model gets wrong because of it is."""
    sources = among("alertname", BROKEN_INPUT)
    return [
        _rule(
            [sources],
            [equal("alertname", "MLDataDriftDetected"), among("severity", ["info", "warning"])],
            [*_MODEL, "feature_name"],
        ),
        _rule(
            [sources, equal("severity", "critical")],
            # That half of all features have drifted is more than one broken feature explains: that pages.
            [
                among("alertname", ["MLDriftedFeatureShareHigh", "MLPredictionDriftDetected"]),
                among("severity", ["info", "warning"]),
            ],
            _MODEL,
        ),
    ]


def _ladder() -> list[dict[str, Any]]:
    return [
        _rule([equal("severity", graver)], [among("severity", SEVERITIES[:place])], LADDER[graver])
        for place, graver in reversed(list(enumerate(SEVERITIES)))
        if place
    ]


def _rule(source: Sequence[str], target: Sequence[str], same: Sequence[str]) -> dict[str, Any]:
    return {"source_matchers": list(source), "target_matchers": list(target), "equal": list(same)}
