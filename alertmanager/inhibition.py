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
# Of two alerts of one name these tell whether they are about the same thing.
LADDER = [
    "alertname",
    *_MODEL,
    "model_version",
    "instance",
    "feature_name",
    "metric",
    "segment_by",
    "segment",
    "kind",
    "reference",
    "window",
    "slo",
]


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
            [among("alertname", ["MLDriftedFeatureShareHigh", "MLPredictionDriftDetected"])],
            _MODEL,
        ),
    ]


def _ladder() -> list[dict[str, Any]]:
    return [
        _rule([equal("severity", graver)], [among("severity", SEVERITIES[:place])], LADDER)
        for place, graver in reversed(list(enumerate(SEVERITIES)))
        if place
    ]


def _rule(source: Sequence[str], target: Sequence[str], same: Sequence[str]) -> dict[str, Any]:
    return {"source_matchers": list(source), "target_matchers": list(target), "equal": list(same)}
