"""Is what comes in fit to be judged? Broken input explains what follows from it; where most of it is broken, it pages itself."""

from __future__ import annotations

from exporter import catalogue
from rules.promql import MODEL, combined, select
from rules.rule import Alert, Group
from rules.settings import Settings
from rules.templates import newest

_LABELS = ("feature_name", "window")
_ON = ", ".join((*MODEL, *_LABELS))
_FEWEST_ROWS = 200
_CHECKS = (
    (
        "MLMissingValues",
        "missing",
        "A feature is missing more often than its threshold allows.",
        "missing",
        ("warning", "critical"),
    ),
    (
        "MLOutOfRangeValues",
        "out_of_range",
        "Values of a feature lie outside the reference's range too often.",
        "out of range",
        ("warning",),
    ),
    (
        "MLUnseenCategories",
        "unseen_category",
        "A feature has categories that the reference does not know.",
        "of unseen categories",
        ("warning",),
    ),
    (
        "MLSchemaViolation",
        "invalid",
        "Values of a feature are of the wrong type.",
        "of the wrong type",
        ("warning", "critical"),
    ),
)


def group(settings: Settings) -> Group:
    alerts = (
        Alert(
            name,
            severity,
            "data",
            failing(settings, check, severity),
            after="15m",
            hold="15m",
            threshold=newest(
                catalogue.DATA_QUALITY_THRESHOLD, (*MODEL, *_LABELS), model_version="", check=check, severity=severity
            ),
            summary=summary,
            description=(
                f"{{{{ $labels.model_name }}}}, feature {{{{ $labels.feature_name }}}}: {{{{ $value | humanizePercentage }}}} of"
                f" the values of {{{{ $labels.window }}}} are {what}, above the {severity} threshold."
            ),
            # A model that is fed nothing, or rubbish, is wrong whether its labels say so yet or not.
            symptom=severity == "critical",
            variables=("model_name", "window", "feature_name"),
        )
        for name, check, summary, what, severities in _CHECKS
        for severity in severities
    )
    return Group("driftbell-data", tuple(alerts))


def failing(settings: Settings, check: str, severity: str) -> str:
    """Return the shares that are above a threshold, of rows enough."""
    ratio = select(settings, catalogue.DATA_QUALITY_RATIO, model_version="", check=check)
    threshold = select(settings, catalogue.DATA_QUALITY_THRESHOLD, model_version="", check=check, severity=severity)
    rows = select(settings, catalogue.DATA_QUALITY_ROWS, model_version="")
    above = combined("max", _LABELS, f"{ratio} > ignoring (severity) {threshold}")
    return f"{above} and on ({_ON}) ({combined('max', _LABELS, rows)} >= {_FEWEST_ROWS})"
