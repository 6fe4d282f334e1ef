"""Panels about the exporter: does it read, does it keep up, has it room?"""

from __future__ import annotations

from dashboards.panels.colour import CRITICAL, GOOD, REFERENCE, Steps, Word
from dashboards.panels.panel import Panel, Query, like
from dashboards.panels.states import StateTimeline
from dashboards.panels.time_series import TimeSeries, limit_line
from dashboards.variables import ONE, SETTINGS
from exporter import catalogue
from exporter.catalogue import Metric
from rules.groups.exporters import OLDEST_PAGE
from rules.promql import combined, foreign, select, total
from rules.settings import DEFAULT

_RATE = "$__rate_interval"


def panels() -> tuple[Panel, ...]:
    return (_lag(), _rows(), _rejected(), _age(), _series(), _left_out(), _in_order(), _servers(), _process())


def _model(metric: Metric, **labels: str) -> str:
    return select(SETTINGS, metric, ONE, **labels)


def _rate(metric: Metric, *labels: str) -> str:
    return total(SETTINGS, labels, f"rate({_model(metric)}[{_RATE}])")


def _lag() -> TimeSeries:
    newest = combined("max", ("source",), _model(catalogue.NEWEST_EVENT))
    return TimeSeries(
        number=81,
        title="Age of the newest record",
        description="By log. A model that nobody asks has none; a log that is not read any more looks the same, and is alerted.",
        queries=(Query(f"time() - {newest}", "{{source}}"),),
        unit="s",
        minimum=0,
        alerts=("MLIngestStalled",),
    )


def _rows() -> TimeSeries:
    return TimeSeries(
        number=82,
        title="Records read",
        description="By log; and those read long after their time: while there are many, alerts on rates keep quiet.",
        queries=(
            Query(_rate(catalogue.ROWS, "source"), "{{source}}"),
            Query(_rate(catalogue.DELAYED_ROWS, "source"), "{{source}}, late"),
        ),
        unit="rowsps",
        minimum=0,
        alerts=("MLRecordsDelayed",),
    )


def _rejected() -> TimeSeries:
    return TimeSeries(
        number=83,
        title="Records that are not used",
        description="Rejected ones by reason, those that came after every window had gone by, and what happened to files. They"
        " are in no figure: docs/records.md says what each reason means.",
        queries=(
            Query(f"{_rate(catalogue.REJECTED_ROWS, 'source', 'reason')} > 0", "{{source}}: {{reason}}"),
            Query(f"{_rate(catalogue.LATE_ROWS, 'source')} > 0", "{{source}}: too late"),
            Query(f"{_rate(catalogue.SOURCE_EVENTS, 'source', 'event')} > 0", "{{source}}: file {{event}}"),
        ),
        unit="rowsps",
        minimum=0,
        empty="None",
        alerts=("MLRowsRejected", "MLRowsLate", "MLRecordsMayBeLost"),
    )


def _age() -> TimeSeries:
    def since(metric: Metric) -> str:
        return f"time() - max by (instance) ({select(SETTINGS, metric)})"

    return TimeSeries(
        number=84,
        title="Age of figures and of the state",
        description="How long ago each exporter computed its figures, and saved what it has counted. One that stands still answers with no figures.",
        queries=(
            Query(since(catalogue.LAST_EVALUATION), "{{instance}}, figures"),
            Query(since(catalogue.LAST_COMMIT), "{{instance}}, saved"),
            Query(
                f"max by (instance) ({select(SETTINGS, catalogue.EVALUATION_DURATION)})",
                "{{instance}}, an evaluation takes",
            ),
        ),
        unit="s",
        minimum=0,
        steps=Steps("transparent", ((OLDEST_PAGE, CRITICAL),)),
        alerts=("MLExporterNotWorking", "MLStateNotSaved"),
    )


def _series() -> TimeSeries:
    return TimeSeries(
        number=85,
        title="Series",
        description="Series that come from the model, those left out, and how many it may have. Near the limit fewer segments, windows or methods help.",
        queries=(
            Query(combined("max", (), _model(catalogue.SERIES)), "series"),
            Query(combined("max", (), _model(catalogue.DROPPED_SERIES)), "left out"),
            Query(combined("max", (), _model(catalogue.SERIES_LIMIT)), "limit"),
        ),
        unit="locale",
        minimum=0,
        overrides=(limit_line("^limit$", REFERENCE),),
        alerts=("MLSeriesLimit",),
    )


def _left_out() -> TimeSeries:
    def added(metric: Metric, *labels: str) -> str:
        return total(SETTINGS, labels, f"increase({_model(metric)}[{_RATE}])")

    return TimeSeries(
        number=86,
        title="Set aside, given up, left out",
        description="Times that the model was set aside after an error, groups of figures that failed, values"
        " counted as __other__, predictions given up before their labels came. Each costs figures: the exporter's log says why.",
        queries=(
            Query(f"{added(catalogue.MODEL_FAILURES)} > 0", "set aside"),
            Query(f"{added(catalogue.FIGURE_FAILURES)} > 0", "figures left out"),
            Query(f"{added(catalogue.OVERFLOWING_VALUES, 'dimension')} > 0", "overflow of {{dimension}}"),
            Query(f"{added(catalogue.EVICTED_PREDICTIONS)} > 0", "predictions given up"),
        ),
        unit="locale",
        minimum=0,
        empty="Nothing",
        alerts=("MLFiguresLeftOut", "MLValuesOverflowing", "MLPredictionsEvicted"),
    )


def _in_order() -> StateTimeline:
    configured = f"min by (instance) ({select(SETTINGS, catalogue.CONFIG_RELOAD_SUCCESSFUL)})"
    servers = (
        ("prometheus_config_last_reload_successful", DEFAULT.prometheus_job, "Prometheus"),
        ("alertmanager_config_last_reload_successful", DEFAULT.alertmanager_job, "Alertmanager"),
    )
    return StateTimeline(
        number=87,
        title="In order?",
        description="Whether the model is read and evaluated, its logs can be read, and each server took on its configuration. One"
        " that refused goes on with the one before, and its next start fails.",
        queries=(
            Query(combined("min", (), _model(catalogue.MODEL_UP)), "model"),
            Query(combined("max", ("source",), _model(catalogue.SOURCE_UP)), "log: {{source}}"),
            Query(configured, "configuration of {{instance}}"),
            *(
                Query(f"min by (instance) ({foreign(metric, job)})", f"configuration of {name} {{{{instance}}}}")
                for metric, job, name in servers
            ),
        ),
        words={1: Word("Yes", GOOD), 0: Word("No", CRITICAL)},
        alerts=(
            "MLModelSetAside",
            "MLSourceDown",
            "MLConfigReloadFailed",
            "MLPrometheusReloadFailed",
            "MLAlertmanagerReloadFailed",
        ),
    )


def _servers() -> TimeSeries:
    prometheus, alertmanager = DEFAULT.prometheus_job, DEFAULT.alertmanager_job
    faults = (
        ("prometheus_rule_evaluation_failures_total", prometheus, "rules that failed"),
        ("prometheus_rule_group_iterations_missed_total", prometheus, "evaluations left out"),
        ("prometheus_notifications_dropped_total", prometheus, "alerts dropped"),
        ("alertmanager_notifications_failed_total", alertmanager, "notifications that failed"),
    )
    return TimeSeries(
        number=88,
        title="Prometheus and Alertmanager",
        description="What went wrong between a rule and a pager, within five minutes; and the alert that always fires, so that"
        " its absence is noticed.",
        queries=(
            *(Query(f"sum(increase({foreign(metric, job)}[5m]))", name) for metric, job, name in faults),
            Query('count(ALERTS{alertname="MLWatchdog",alertstate="firing"})', "the alert that always fires"),
        ),
        unit="locale",
        minimum=0,
        alerts=(
            "MLRuleEvaluationFailing",
            "MLRuleEvaluationMissed",
            "MLNotificationsDropped",
            "MLNotificationsFailing",
            "MLWatchdog",
        ),
    )


def _process() -> TimeSeries:
    cpu = select(SETTINGS, "process_cpu_seconds_total")
    return TimeSeries(
        number=89,
        title="The exporter's own CPU and memory",
        description="Cores that each exporter uses, and its resident memory (on the right). Memory that grows without new models is a fault: report it.",
        queries=(
            Query(f"max by (instance) (rate({cpu}[{_RATE}]))", "{{instance}} CPU"),
            Query(f"max by (instance) ({select(SETTINGS, 'process_resident_memory_bytes')})", "{{instance}} memory"),
        ),
        unit="none",
        minimum=0,
        overrides=(like(" memory$", unit="bytes", custom_axisPlacement="right"),),
    )
