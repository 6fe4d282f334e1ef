"""Where each alert's figures are drawn: the dashboard that its link opens, and the panel that it opens there.

The numbers are the panels' own, for good; tests of the dashboards see to it that each panel shows what the alert is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

OVERVIEW, QUALITY, DRIFT = "driftbell-overview", "driftbell-quality", "driftbell-drift"
FEATURE, OBJECTIVES, RESOURCES = "driftbell-feature", "driftbell-slo", "driftbell-resources"


class Panel(NamedTuple):
    """``dashboard`` is a uid."""

    dashboard: str
    number: int


_PANELS = {
    OVERVIEW: {
        2: ("MLExporterDown", "MLExporterAbsent"),
        5: ("MLHighLatencyP95",),
        8: ("MLExporterNotWorking",),
        31: ("MLTrafficDrop", "MLTrafficSpike", "MLNoTraffic"),
        32: ("MLHighErrorRate", "MLOutage"),
        41: ("MLModelStale",),
        42: ("MLSeveralVersions",),
        43: ("MLRetrainingDue",),
        44: ("MLReferenceMissing", "MLReferencesDiffer"),
    },
    QUALITY: {
        7: ("MLLowModelAccuracy", "MLModelQualityLow", "MLCalibrationPoor"),
        23: ("MLSegmentQualityLow",),
        33: ("MLHighLowConfidencePredictions", "MLConfidenceDrop"),
        41: ("MLLabelCoverageLow",),
        42: ("MLLabelDelayHigh",),
        44: ("MLQualityUnknown",),
    },
    DRIFT: {
        2: ("MLDriftThresholdMissing",),
        6: ("MLDriftNotScored",),
        7: ("MLDriftedFeatureShareHigh",),
        8: ("MLPredictionDriftDetected", "MLLabelDriftDetected", "MLConceptDriftDetected"),
    },
    FEATURE: {
        21: ("MLDataDriftDetected",),
        41: ("MLMissingValues", "MLOutOfRangeValues", "MLUnseenCategories", "MLSchemaViolation"),
    },
    OBJECTIVES: {
        7: ("MLErrorBudgetLow", "MLErrorBudgetExhausted"),
        8: ("MLErrorBudgetBurn",),
    },
    RESOURCES: {
        22: ("MLContainerCPUThrottled",),
        23: ("MLContainerMemoryHigh",),
        41: ("MLMachineCPUHigh",),
        42: ("MLMachineMemoryHigh",),
        43: ("MLDiskFillsUp",),
        62: ("MLAcceleratorMemoryHigh",),
        63: ("MLAcceleratorErrors",),
        64: ("MLQueueGrowing",),
        81: ("MLIngestStalled",),
        82: ("MLRecordsDelayed",),
        83: ("MLRowsRejected", "MLRowsLate", "MLRecordsMayBeLost"),
        84: ("MLStateNotSaved",),
        85: ("MLSeriesLimit",),
        86: ("MLFiguresLeftOut", "MLValuesOverflowing", "MLPredictionsEvicted"),
        87: (
            "MLModelSetAside",
            "MLSourceDown",
            "MLConfigReloadFailed",
            "MLPrometheusReloadFailed",
            "MLAlertmanagerReloadFailed",
        ),
        88: (
            "MLWatchdog",
            "MLRuleEvaluationFailing",
            "MLRuleEvaluationMissed",
            "MLNotificationsDropped",
            "MLNotificationsFailing",
        ),
    },
}


def _each() -> Iterator[tuple[str, Panel]]:
    for dashboard, panels in _PANELS.items():
        for number, alerts in panels.items():
            for alert in alerts:
                yield alert, Panel(dashboard, number)


PANELS: Mapping[str, Panel] = dict(_each())
"""By the name of the alert."""
