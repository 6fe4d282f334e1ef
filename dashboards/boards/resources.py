"""What a model runs on, how it serves, and how its watch does."""

from __future__ import annotations

from dashboards.annotations import events
from dashboards.board import Board, Row
from dashboards.boards import hardware, watch
from dashboards.figures import limit, quantile, recorded, requests
from dashboards.panels.heatmap import Heatmap
from dashboards.panels.panel import Panel, Query
from dashboards.panels.time_series import TimeSeries, limit_line, limits_by_severity
from dashboards.variables import ONE, SETTINGS, of_one_model
from exporter import catalogue
from rules.groups import traffic
from rules.promql import combined, select, total

UID = "driftbell-resources"
# Half of all, beside which what usually fails would not be seen.
_NOT_ALL = 'severity!="emergency"'
_ENDPOINTS = f'{ONE},endpoint!=""'


def resources() -> Board:
    return Board(
        uid=UID,
        title="Driftbell: resources",
        question="Is the service fast enough and free of errors, has it room, and does its watch keep up? Figures of machines,"
        " containers and accelerators come from the usual exporters, and are of all of them.",
        variables=of_one_model(),
        annotations=events(ONE),
        top=_serving(),
        rows=(
            Row(20, "Containers", hardware.containers(), collapsed=True),
            Row(40, "Machines", hardware.machines(), collapsed=True),
            Row(60, "Accelerators and queues", hardware.accelerators(), collapsed=True),
            Row(80, "The watch itself", watch.panels()),
        ),
    )


def _serving() -> tuple[Panel, ...]:
    return (_requests(), _errors(), _latency(), _latencies(), _endpoints())


def _requests() -> TimeSeries:
    return TimeSeries(
        number=1,
        title="Requests",
        description="Predictions asked for, and how many are usual at this hour: the median of the hour a week ago.",
        queries=(
            Query(requests(ONE), "now"),
            Query(combined("max", (), recorded(traffic.NORMAL_30M, ONE)), "a week ago"),
        ),
        unit="reqps",
        minimum=0,
        overrides=(limit_line("^a week ago$", "#8e8e8e"),),
        alerts=("MLTrafficDrop", "MLTrafficSpike", "MLNoTraffic"),
    )


def _errors() -> TimeSeries:
    errors = select(SETTINGS, catalogue.ERRORS, ONE)
    failing = total(SETTINGS, ("error_type",), f"rate({errors}[$__rate_interval])")
    share = f"({failing}) / on (job, model_name) group_left () ({requests(ONE)} > 0)"
    return TimeSeries(
        number=2,
        title="Failed requests",
        description="Share of requests that end in an error of the client (4xx) or of the server (5xx), with the limits of the"
        " latter. 4xx are the callers' doing, or a change of the interface.",
        queries=(Query(share, "{{error_type}}"), Query(limit("error_ratio", ONE, _NOT_ALL), "limit, {{severity}}")),
        unit="percentunit",
        minimum=0,
        overrides=limits_by_severity(),
        alerts=("MLHighErrorRate", "MLOutage"),
    )


def _latency() -> TimeSeries:
    promised = combined("max", ("slo",), select(SETTINGS, catalogue.SLO_LATENCY_LIMIT, ONE))
    return TimeSeries(
        number=3,
        title="Latency",
        description="Quantiles of the time that requests take, with the limits of the objectives on latency. Where P99 rises alone, some requests are special; where P50 does, all wait.",
        queries=(
            *(Query(quantile(catalogue.REQUEST_DURATION, q, ONE), f"P{100 * q:g}") for q in (0.5, 0.95, 0.99)),
            Query(promised, "objective {{slo}}"),
        ),
        unit="s",
        minimum=0,
        overrides=(limit_line("^objective ", "orange"),),
        alerts=("MLHighLatencyP95",),
    )


def _latencies() -> Heatmap:
    buckets = select(SETTINGS, catalogue.REQUEST_DURATION, ONE, suffix="_bucket")
    return Heatmap(
        number=4,
        title="Latencies",
        description="How many requests took how long: a second band above the first is a group of requests with a trouble of its"
        " own.",
        queries=(
            Query(total(SETTINGS, ("le",), f"increase({buckets}[$__rate_interval])"), "{{le}}", format="heatmap"),
        ),
        width=12,
        unit="s",
        alerts=("MLHighLatencyP95",),
    )


def _endpoints() -> TimeSeries:
    return TimeSeries(
        number=5,
        title="Requests by endpoint",
        description="The 20 endpoints that are asked most. One that stops is a caller that is gone.",
        queries=(Query(f"topk(20, {requests(_ENDPOINTS, labels=('endpoint',))})", "{{endpoint}}"),),
        width=12,
        unit="reqps",
        stacked="normal",
        minimum=0,
        empty="The records name no endpoints",
    )
