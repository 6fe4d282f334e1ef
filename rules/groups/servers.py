"""Prometheus and Alertmanager, and the alert that says they work."""

from __future__ import annotations

from rules.groups.watch import OF_NO_MODEL, watch
from rules.promql import foreign
from rules.rule import NO_SEVERITY, Alert, Group
from rules.settings import Settings


def group(settings: Settings) -> Group:
    return Group("driftbell-servers", (_watchdog(), *_prometheus(settings), *_alertmanager(settings)))


def _watchdog() -> Alert:
    return watch(
        "MLWatchdog",
        NO_SEVERITY,
        "vector(1)",
        "0m",
        "This alert always fires, so that its absence can be noticed.",
        "As long as this arrives, rules are evaluated and notifications go out.",
        of_model=False,
        variables=(),
    )


def _prometheus(settings: Settings) -> tuple[Alert, ...]:
    def grows(metric: str) -> str:
        return f"increase({foreign(metric, settings.prometheus_job)}[5m]) > 0"

    return (
        watch(
            "MLRuleEvaluationFailing",
            "critical",
            grows("prometheus_rule_evaluation_failures_total"),
            "5m",
            "Prometheus cannot evaluate some of its rules.",
            "{{ $labels.instance }}, {{ $labels.rule_group }}: evaluations fail, and what they would say is not said.",
            symptom=True,
            **OF_NO_MODEL,
        ),
        watch(
            "MLRuleEvaluationMissed",
            "warning",
            grows("prometheus_rule_group_iterations_missed_total"),
            "15m",
            "Prometheus is too slow for some of its rules.",
            "{{ $labels.instance }}, {{ $labels.rule_group }}: evaluations are left out, since the one before took too long.",
            **OF_NO_MODEL,
        ),
        watch(
            "MLPrometheusReloadFailed",
            "warning",
            f"{foreign('prometheus_config_last_reload_successful', settings.prometheus_job)} == 0",
            "5m",
            "Prometheus refused its new configuration or rules.",
            "{{ $labels.instance }} goes on with what it had; the next restart would fail.",
            **OF_NO_MODEL,
        ),
        watch(
            "MLNotificationsDropped",
            "critical",
            grows("prometheus_notifications_dropped_total"),
            "5m",
            "Prometheus cannot hand its alerts to Alertmanager.",
            "{{ $labels.instance }} drops alerts. Whoever reads this is lucky.",
            symptom=True,
            **OF_NO_MODEL,
        ),
    )


def _alertmanager(settings: Settings) -> tuple[Alert, ...]:
    failing = foreign("alertmanager_notifications_failed_total", settings.alertmanager_job)
    return (
        watch(
            "MLAlertmanagerReloadFailed",
            "warning",
            f"{foreign('alertmanager_config_last_reload_successful', settings.alertmanager_job)} == 0",
            "5m",
            "Alertmanager refused its new configuration.",
            "{{ $labels.instance }} goes on with what it had; the next restart would fail.",
            **OF_NO_MODEL,
        ),
        watch(
            "MLNotificationsFailing",
            "critical",
            f"sum by (job, instance, integration) (increase({failing}[5m])) > 0",
            "5m",
            "Alertmanager cannot deliver notifications.",
            "{{ $labels.instance }} fails to deliver through {{ $labels.integration }}.",
            symptom=True,
            **OF_NO_MODEL,
        ),
    )
