"""What makes the alert on retraining fire: two causes that agree, a model that is old enough, data in order."""

from __future__ import annotations

from itertools import pairwise

from exporter import catalogue
from rules.testing.inputs import GONE, Series, constant, during, series
from rules.testing.specification import Case, Fires, Specification

# Minutes; samples and evaluations are five apart.
_LAST, _STEP = 600, 5
_START, _END = 20, 120
_CAUSES = (
    "MLLowModelAccuracy",
    "MLModelQualityLow",
    "MLConceptDriftDetected",
    "MLDriftedFeatureShareHigh",
    "MLErrorBudgetExhausted",
)
_VETOES = (
    "MLSchemaViolation",
    "MLMissingValues",
    "MLIngestStalled",
    "MLSourceDown",
    "MLRowsRejected",
    "MLQualityUnknown",
)


def specifications() -> tuple[Specification, ...]:
    # Alerts come from the server, which puts no instance on them.
    return (Specification("MLRetrainingDue", _cases(), _LAST, sample=_STEP, step=_STEP, given=("ALERTS",)),)


def _alert(
    name: str, severity: str = "warning", state: str = "firing", *, always: bool = False, **labels: str
) -> Series:
    start, end, last = (
        (0, _LAST // _STEP, _LAST // _STEP) if always else (_START // _STEP, _END // _STEP, _LAST // _STEP)
    )
    return series(
        "ALERTS", during(start, end, 1, GONE, last), alertname=name, severity=severity, alertstate=state, **labels
    )


def _trained(at: float) -> Series:
    return series(catalogue.MODEL_TRAINED, constant(at, _LAST // _STEP))


def _cases() -> tuple[Case, ...]:
    due = (Fires("info", _START, _END, value="2"),)
    first, second = _alert(_CAUSES[0]), _alert(_CAUSES[2], "critical")
    both = (first, second)
    # The clock of tests begins at 0.
    old = _trained(-100_000)
    day = 86_400
    return (
        Case("breach", (*both, old), due),
        Case("one_cause", (first, old)),
        Case("one_cause_twice", (first, _alert(_CAUSES[0], "critical"), _alert(_CAUSES[0], window="7d"), old)),
        Case("healthy", (old,)),
        Case("only_informed", (first, _alert(_CAUSES[3], "info"), old)),
        Case("pending", (first, _alert(_CAUSES[3], state="pending"), old)),
        Case("another_alert", (first, _alert("MLTrafficDrop"), old)),
        Case("unknown_age", both, due),
        Case("young", (*both, _trained(0))),
        # A day old at minute 20, and at minute 60.
        Case("just_a_day_old", (*both, _trained(_START * 60 - day)), due),
        Case("a_day_old_later", (*both, _trained(60 * 60 - day)), (Fires("info", 60, _END),)),
        Case("pending_veto", (*both, _alert(_VETOES[0], state="pending"), old), due),
        Case(
            "too_short",
            (
                first,
                series(
                    "ALERTS",
                    during(4, 9, 1, GONE, _LAST // _STEP),
                    alertname=_CAUSES[2],
                    severity="warning",
                    alertstate="firing",
                ),
            ),
            (Fires("info", 20, 45),),
        ),
        *(
            Case(f"causes_{place}", (_alert(one), _alert(other), old), due)
            for place, (one, other) in enumerate(pairwise(_CAUSES))
        ),
        *(Case(f"vetoed_{place}", (*both, old, _alert(name, always=True))) for place, name in enumerate(_VETOES)),
        Case(
            "mended",
            (
                *both,
                old,
                series(
                    "ALERTS",
                    during(0, 12, 1, GONE, _LAST // _STEP),
                    alertname=_VETOES[1],
                    severity="info",
                    alertstate="firing",
                ),
            ),
            (Fires("info", 60, _END),),
        ),
    )
