"""Is every model healthy? To be answered in five seconds, from across the room."""

from __future__ import annotations

from dashboards.annotations import events
from dashboards.board import Board, Row
from dashboards.boards.models import of_models
from dashboards.figures import (
    BUDGET,
    HEALTH,
    NONE_IS_GOOD,
    OF_LIMIT,
    RANKED,
    of_limit,
    or_none,
    quantile,
    ranked,
    recorded,
    requests,
    server_errors,
)
from dashboards.links import board, cell, label
from dashboards.panels.colour import CRITICAL, GOOD, Steps
from dashboards.panels.panel import Panel, Query
from dashboards.panels.stat import tile
from dashboards.panels.states import StateTimeline
from dashboards.panels.table import Column, Sorting, Table, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries
from dashboards.variables import ACROSS, DATASOURCE, JOB, MODELS, SETTINGS, SOME
from exporter import catalogue
from rules.groups import drift, health, objectives, quality, traffic
from rules.groups.exporters import OLDEST_PAGE
from rules.groups.model import CHANGE
from rules.promql import combined, select

UID = "driftbell-overview"
_UP = 'up{job="$job"}'
_BAD_QUALITY = quality.bad(SETTINGS, "warning", ("metric", "window"), SOME, 'segment=""', 'model_version=""')
_DRIFTED = recorded(drift.DRIFTED, SOME)
_BUDGET = recorded(objectives.REMAINING, SOME)
_HEALTH = recorded(health.HEALTH, SOME)
_INFO = select(SETTINGS, catalogue.MODEL_INFO, SOME)


def overview() -> Board:
    return Board(
        uid=UID,
        title="Driftbell: overview",
        question="Is every model healthy, and if not, which is not, and in what? Each tile and each model leads one level down.",
        variables=(DATASOURCE, JOB, ACROSS, MODELS),
        annotations=events(SOME),
        top=(*_tiles(), _health_over_time(), _models()),
        rows=(
            Row(20, "What fires, and what changed", (_firing(), _changed())),
            Row(30, "Traffic", _traffic()),
            Row(40, "The models themselves", of_models()),
        ),
    )


def _tiles() -> tuple[Panel, ...]:
    trouble = f"count(({_HEALTH} >= {health.LEVELS['warning']}) or ({_HEALTH} == {health.UNKNOWN})) or vector(0)"
    age = f"time() - min({select(SETTINGS, catalogue.LAST_EVALUATION)})"
    too_old = Steps(GOOD, ((OLDEST_PAGE, CRITICAL),))
    return (
        tile(
            1,
            "In trouble",
            "Models with a firing alert of severity warning or worse, or of which nothing is known any more. Look below which.",
            trouble,
            steps=NONE_IS_GOOD,
            decimals=0,
            width=3,
        ),
        tile(
            2,
            "Not scraped",
            "Exporters that Prometheus cannot scrape. While one is down, nothing is known of its models: see its runbook.",
            f"count({_UP} == 0) or vector(0)",
            steps=NONE_IS_GOOD,
            decimals=0,
            alerts=("MLExporterDown", "MLExporterAbsent"),
            width=3,
        ),
        tile(
            3,
            "Budget left",
            "What is left of the error budget that is nearest to its end: below 0 an objective is missed.",
            f"min({_BUDGET})",
            unit="percentunit",
            decimals=0,
            steps=BUDGET,
            empty="No objective",
            links=(board("Objectives", "driftbell-slo"),),
            width=3,
        ),
        *_worst(),
        tile(
            8,
            "Age",
            "How long ago the exporter that is furthest behind computed its figures. One that hangs answers with none.",
            age,
            unit="s",
            steps=too_old,
            alerts=("MLExporterNotWorking",),
            width=3,
        ),
    )


def _worst() -> tuple[Panel, ...]:
    quality_board, drift_board = board("Quality", "driftbell-quality"), board("Drift", "driftbell-drift")
    errors = of_limit(recorded(traffic.ERROR_RATIO_5M, SOME), "error_ratio")
    latency = traffic.latency_ratio(SETTINGS, SOME)
    drifted = of_limit(recorded(drift.DRIFTED_SHARE, SOME), "drifted_feature_share")
    return (
        tile(
            4,
            "Errors ÷ limit",
            "The worst model's share of server errors as a multiple of its warning limit: from 1 on it is too much.",
            f"max({errors})",
            decimals=2,
            steps=OF_LIMIT,
            empty="No traffic",
            alerts=("MLHighErrorRate", "MLOutage"),
            width=3,
        ),
        tile(
            5,
            "P95 ÷ limit",
            "The worst model's 95th percentile of latency over its objective, as a multiple of the warning limit: from 1 on it is too slow.",
            f"max({of_limit(latency, 'latency_ratio')})",
            decimals=2,
            steps=OF_LIMIT,
            empty="No objective",
            alerts=("MLHighLatencyP95",),
            width=3,
        ),
        tile(
            6,
            "Bad quality",
            "Quality figures of a window that are worse than their warning threshold, chance allowed for. Any at all: see the quality of the model that is marked below.",
            f"count({_BAD_QUALITY}) or vector(0)",
            decimals=0,
            steps=NONE_IS_GOOD,
            links=(quality_board,),
            width=3,
        ),
        tile(
            7,
            "Drift ÷ limit",
            "The worst model's share of drifted features as a multiple of its warning limit: from 1 on the world has changed.",
            f"max({drifted})",
            decimals=2,
            steps=OF_LIMIT,
            empty="Not judged",
            links=(drift_board,),
            width=3,
        ),
    )


def _health_over_time() -> StateTimeline:
    chosen = label("model_name")
    return StateTimeline(
        number=10,
        title="Health of each model",
        description="The severity of the worst alert that fires for a model. Waiting times and vetoes of the alerts are in it,"
        " so what is coloured here was worth it.",
        queries=(Query(_HEALTH, "{{model_name}}"),),
        width=24,
        height=7,
        words=HEALTH,
        leads=(
            board("Quality of ${__field.labels.model_name}", "driftbell-quality", model_name=chosen),
            board("Drift of ${__field.labels.model_name}", "driftbell-drift", model_name=chosen),
            board("Objectives of ${__field.labels.model_name}", "driftbell-slo", model_name=chosen),
        ),
    )


def _models() -> Table:
    chosen = cell("Model")
    leads = (
        board("Quality", "driftbell-quality", model_name=chosen),
        board("Drift", "driftbell-drift", model_name=chosen),
        board("Objectives", "driftbell-slo", model_name=chosen),
        board("Resources", "driftbell-resources", model_name=chosen),
    )
    bad = or_none(combined("count", (), _BAD_QUALITY), SOME)
    newest = combined("max", (), select(SETTINGS, catalogue.NEWEST_EVENT, SOME, source="predictions"))
    some = Steps("transparent", ((1, "orange"),))
    return table(
        (
            of_label("model_name", "Model", leads),
            Column("Health", ranked(combined("max", (), _HEALTH)), words=RANKED, width=110),
            Column("Requests", requests(SOME), "reqps"),
            Column("Server errors", server_errors(SOME), "percentunit", 2),
            Column("P95 latency", quantile(catalogue.REQUEST_DURATION, 0.95, SOME), "s"),
            Column("Bad quality figures", bad, "none", 0, some),
            Column("Drifted features", combined("max", (), _DRIFTED), "none", 0, some),
            Column("Error budget left", combined("min", (), _BUDGET), "percentunit", 0, BUDGET),
            Column("Newest record", f"time() - {newest}", "s"),
        ),
        number=11,
        title="Models",
        description="One row a model, the sickest first. A model's name leads to its quality, drift, objectives and resources.",
        width=24,
        height=8,
        sorting=(Sorting("Health"),),
    )


def _firing() -> Table:
    firing = f'ALERTS{{alertstate="firing",job="$job",{SOME}}}'
    by = "alertname, model_name, feature_name, metric, window, slo"
    level = " or ".join(
        f"{level} * {firing.replace('alertstate', f'severity={chr(34)}{name}{chr(34)},alertstate')}"
        for name, level in health.LEVELS.items()
    )
    words = {value: word for value, word in HEALTH.items() if value > 0}
    return table(
        (
            Column("Severity", f"max by ({by}) ({level})", words=words, width=110),
            of_label("alertname", "Alert", width=250),
            of_label("model_name", "Model", (board("Quality", "driftbell-quality", model_name=cell("Model")),)),
            of_label("feature_name", "Feature"),
            of_label("metric", "Metric"),
            of_label("slo", "Objective", width=110),
            of_label("window", "Window", width=80),
        ),
        number=21,
        title="Firing alerts",
        description="All alerts of the models that fire now, the worst first; their runbooks have their names.",
        width=16,
        height=8,
        sorting=(Sorting("Severity"),),
        empty="Nothing fires",
        filterable=True,
    )


def _changed() -> Table:
    return table(
        (
            of_label("model_name", "Model"),
            of_label("change", "Change"),
            Column("Known", combined("max", ("change",), recorded(CHANGE, SOME)), hidden=True),
        ),
        number=22,
        title="Changed within a day",
        description="Versions, references and configurations that are new: the first place to look when a model gets worse.",
        width=8,
        height=8,
        empty="Nothing",
    )


def _traffic() -> tuple[Panel, ...]:
    return (
        TimeSeries(
            number=31,
            same_colours=True,
            title="Requests",
            description="Predictions asked for, by model. What is usual at this hour is on the dashboard of resources.",
            queries=(Query(requests(SOME), "{{model_name}}"),),
            width=12,
            unit="reqps",
            minimum=0,
            alerts=("MLTrafficDrop", "MLTrafficSpike", "MLNoTraffic"),
            leads=(board("Resources", "driftbell-resources", model_name=label("model_name")),),
        ),
        TimeSeries(
            number=32,
            same_colours=True,
            title="Server errors",
            description="Share of requests that end in a server error (5xx), by model. Its limits are drawn on the dashboard of resources.",
            queries=(Query(server_errors(SOME), "{{model_name}}"),),
            width=12,
            unit="percentunit",
            minimum=0,
            alerts=("MLHighErrorRate", "MLOutage"),
            leads=(board("Resources", "driftbell-resources", model_name=label("model_name")),),
        ),
    )
