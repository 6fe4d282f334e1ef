"""What makes the alerts on Prometheus and Alertmanager fire: counters of what went wrong, refused configurations."""

from __future__ import annotations

from rules.testing.inputs import Series, constant, count, during, level, series
from rules.testing.specification import Case, Fires, Specification

_LAST = 60
_START, _END = 10, 40
# Name to the counter that must stand still, its labels, and the severity.
_COUNTERS = {
    "MLRuleEvaluationFailing": ("prometheus_rule_evaluation_failures_total", {"rule_group": "a.yml;drift"}, "critical"),
    "MLRuleEvaluationMissed": (
        "prometheus_rule_group_iterations_missed_total",
        {"rule_group": "a.yml;drift"},
        "warning",
    ),
    "MLNotificationsDropped": ("prometheus_notifications_dropped_total", {}, "critical"),
}
_RELOADS = {
    "MLPrometheusReloadFailed": ("prometheus_config_last_reload_successful", "prometheus"),
    "MLAlertmanagerReloadFailed": ("alertmanager_config_last_reload_successful", "alertmanager"),
}


def specifications() -> tuple[Specification, ...]:
    counters = (
        Specification(name, _grows(metric, labels, severity), _LAST, key="instance", job="prometheus", said_at=30)
        for name, (metric, labels, severity) in _COUNTERS.items()
    )
    reloads = (
        Specification(name, _refused(metric), _LAST, key="instance", job=job)
        for name, (metric, job) in _RELOADS.items()
    )
    return (
        Specification(
            "MLWatchdog", (Case("always", (), (Fires("none", 0, value="1"),)),), 10, key="", job="", alone=True
        ),
        *counters,
        *reloads,
        Specification("MLNotificationsFailing", _undelivered(), _LAST, key="instance", job="alertmanager", said_at=30),
    )


def _grows(metric: str, labels: dict[str, str], severity: str) -> tuple[Case, ...]:
    def counter(samples: str) -> tuple[Series, ...]:
        return (series(metric, samples, **labels),)

    grows = count((_START, 0), (_END - _START, 2), (_LAST + 1 - _END, 0))
    return (
        Case("breach:1", counter(grows), (Fires(severity, _START, (_END + 3, _END + 4), labels, value="10"),)),
        Case("healthy:1", counter(constant(7, _LAST))),
        Case("restarted:1", counter(level((20, 9), (_LAST - 19, 0)))),
        Case("once:1", counter(count((10, 0), (1, 1), (_LAST - 10, 0))), (Fires(severity, 10, (14, 15), labels),)),
        Case("no_data:1", ()),
    )


def _refused(metric: str) -> tuple[Case, ...]:
    return (
        Case("breach:1", (series(metric, during(5, 40, 0, 1, _LAST)),), (Fires("warning", 5, 40, value="0"),)),
        Case("healthy:1", (series(metric, constant(1, _LAST)),)),
        Case("too_short:1", (series(metric, during(5, 9, 0, 1, _LAST)),), (Fires("warning", 5, 9),)),
    )


def _undelivered() -> tuple[Case, ...]:
    def failed(samples: str, integration: str, reason: str) -> Series:
        return series("alertmanager_notifications_failed_total", samples, integration=integration, reason=reason)

    never = constant(0, _LAST)
    grows = count((_START, 0), (_END - _START, 1), (_LAST + 1 - _END, 0))
    due = Fires("critical", _START, (_END + 3, _END + 4), {"integration": "slack"}, value="10")
    return (
        Case(
            "breach:1",
            (
                failed(grows, "slack", "clientError"),
                failed(grows, "slack", "serverError"),
                failed(never, "email", "other"),
            ),
            (due,),
        ),
        Case(
            "once:1",
            (failed(count((10, 0), (1, 1), (_LAST - 10, 0)), "slack", "other"),),
            (Fires("critical", 10, (14, 15), {"integration": "slack"}),),
        ),
        Case("healthy:1", (failed(never, "slack", "other"),)),
        Case("restarted:1", (failed(level((20, 9), (_LAST - 19, 0)), "slack", "other"),)),
        Case("no_data:1", ()),
    )
