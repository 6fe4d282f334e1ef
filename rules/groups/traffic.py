"""Requests, server errors and latency, as counters tell of them; batch models by the figures of their windows."""

from __future__ import annotations

from exporter import catalogue
from rules.promql import MODEL, combined, joined, per_limit, select, total
from rules.rule import Alert, Group, Record
from rules.settings import Settings
from rules.templates import limit

REQUESTS_5M = "model:ml_requests:rate5m"
REQUESTS_30M = "model:ml_requests:rate30m"
NORMAL_30M = "model:ml_requests:rate30m_normal"
"""The median of the hour around this time last week."""
ERRORS_5M = "model:ml_server_errors:rate5m"
ERROR_RATIO_5M = "model:ml_server_errors:ratio_rate5m"
DELAYED = "model:ml_exporter_delayed_rows:rate10m"
CATCHING_UP = "model:ml_catching_up:rate10m"
"""There while counters show a backlog or a drop instead of the traffic of the moment; a few late records are neither."""

# Fewer errors, in ten minutes or in a window, are no rate to speak of.
_FEWEST_ERRORS = 5
# Requests in half an hour last week, below which nothing is usual.
_FEWEST_REQUESTS = 100
_SPIKE = 4
# Of the requests; as many may always be late. Of a model with few requests a handful in ten minutes is no backlog either.
_FEW_DELAYED = 0.1
_FEWEST_DELAYED = 5
# How long a model must have been there for its day to have an average.
_SETTLED = "6h"
_OUTAGE_FOR = "2m"
_ON = ", ".join(MODEL)

_ERROR_AFTER = {"info": "15m", "warning": "10m", "critical": "5m"}
_TRAFFIC_AFTER = {"warning": "15m", "critical": "10m"}


def group(settings: Settings) -> Group:
    alerts = (*_error_alerts(settings), *_latency_alerts(settings), *_volume_alerts(settings))
    return Group("driftbell-traffic", (*_records(settings), *alerts))


def _records(settings: Settings) -> tuple[Record, ...]:
    requests = select(settings, catalogue.REQUESTS)
    errors = select(settings, catalogue.ERRORS, error_type="server")
    delayed = select(settings, catalogue.DELAYED_ROWS, source="predictions")
    return (
        Record(REQUESTS_5M, total(settings, [], f"rate({requests}[5m])")),
        Record(REQUESTS_30M, total(settings, [], f"rate({requests}[30m])")),
        # An hour, centred on the same moment of last week.
        Record(NORMAL_30M, f"quantile_over_time(0.5, {REQUESTS_30M}[1h] offset 167h30m)"),
        Record(ERRORS_5M, total(settings, [], f"rate({errors}[5m])")),
        Record(ERROR_RATIO_5M, f"{ERRORS_5M} / ({REQUESTS_5M} > 0)"),
        Record(DELAYED, total(settings, [], f"rate({delayed}[10m])")),
        # Where nothing is known of the requests, late records are reason enough.
        Record(
            CATCHING_UP,
            f"{DELAYED} >= {_FEWEST_DELAYED} / 600 unless on ({_ON}) ({DELAYED} <= {_FEW_DELAYED} * {REQUESTS_5M})",
        ),
    )


def moment_only(settings: Settings, expression: str, window: str = "") -> str:
    """Return an expression about rates, without the models whose counters do not show the moment, or did not within ``window``."""
    catching_up = f"present_over_time({CATCHING_UP}[{window}])" if window else CATCHING_UP
    batch = combined("group", [], select(settings, catalogue.SOURCE_INFO, source="predictions", delivery="batch"))
    return f"({expression}) unless on ({_ON}) {catching_up} unless on ({_ON}) {batch}"


def _batch_only(settings: Settings, expression: str) -> str:
    batch = combined("group", [], select(settings, catalogue.SOURCE_INFO, source="predictions", delivery="batch"))
    return f"({expression}) and on ({_ON}) {batch}"


def _error_alerts(settings: Settings) -> tuple[Alert, ...]:
    errors = select(settings, catalogue.ERRORS, error_type="server")
    enough = f"{total(settings, [], f'increase({errors}[10m])')} >= {_FEWEST_ERRORS}"
    # Windows of time that are about now; of several the worst.
    windows = ('model_version=""', r'window!~"all|.*rows|.*_previous"')
    shares, requests = (
        select(settings, metric, *windows) for metric in (catalogue.ERROR_RATIO, catalogue.WINDOW_REQUESTS)
    )
    by_window = combined("max", [], f"{shares} and {shares} * {requests} >= {_FEWEST_ERRORS}")

    def expression(severity: str) -> str:
        most = per_limit(settings, "error_ratio", severity)
        now = f"{joined(ERROR_RATIO_5M, '>', most)} and on ({_ON}) ({enough})"
        return f"({moment_only(settings, now)}) or ({_batch_only(settings, joined(by_window, '>', most))})"

    description = (
        "{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} end in a server error (5xx)."
    )
    return (
        *(
            Alert(
                "MLHighErrorRate",
                severity,
                "traffic",
                expression(severity),
                after=after,
                hold="5m",
                threshold=limit("error_ratio", severity),
                summary="Too many of a model's requests end in a server error.",
                description=description,
                symptom=True,
            )
            for severity, after in _ERROR_AFTER.items()
        ),
        Alert(
            "MLOutage",
            "emergency",
            "traffic",
            expression("emergency"),
            after=_OUTAGE_FOR,
            # Longer than the error rates that it mutes, which its end would let through otherwise.
            hold="10m",
            threshold=limit("error_ratio", "emergency"),
            summary="A model answers hardly any request.",
            description=description + " It is as good as down.",
            symptom=True,
        ),
    )


def latency_ratio(settings: Settings, *matchers: str) -> str:
    """Return the 95th percentile of latency as a multiple of the strictest objective."""
    buckets = select(settings, catalogue.REQUEST_DURATION, *matchers, suffix="_bucket")
    quantile = f"histogram_quantile(0.95, {total(settings, ['le'], f'rate({buckets}[10m])')})"
    limits = combined("max", ["slo"], select(settings, catalogue.SLO_LATENCY_LIMIT, *matchers))
    # An objective that lets more than a twentieth be slow says nothing about P95.
    strict = combined("max", ["slo"], select(settings, catalogue.SLO_OBJECTIVE, *matchers)) + " >= 0.95"
    objective = combined("min", [], f"{limits} and on ({_ON}, slo) ({strict})")
    return f"({quantile}) / on ({_ON}) ({objective})"


def _latency_alerts(settings: Settings) -> tuple[Alert, ...]:
    enough = f"on ({_ON}) ({REQUESTS_5M} * 600 >= {_FEWEST_REQUESTS})"
    ratio = latency_ratio(settings)
    return tuple(
        Alert(
            "MLHighLatencyP95",
            severity,
            "traffic",
            moment_only(settings, f"{joined(ratio, '>', per_limit(settings, 'latency_ratio', severity))} and {enough}"),
            after="10m",
            hold="5m",
            threshold=limit("latency_ratio", severity),
            summary="A model's 95th percentile of latency is above its objective.",
            description=(
                'The 95th percentile of the latency of {{ $labels.model_name }} is {{ printf "%.3g" $value }} times its objective.'
            ),
            symptom=True,
        )
        for severity in ("warning", "critical")
    )


def _volume_alerts(settings: Settings) -> tuple[Alert, ...]:
    usual = f"({NORMAL_30M} * 1800 >= {_FEWEST_REQUESTS})"
    share = f"{REQUESTS_30M} / {NORMAL_30M}"
    requests = select(settings, catalogue.REQUESTS)
    none = f"{REQUESTS_30M} == 0"
    gone = f"{NORMAL_30M} unless {REQUESTS_30M}"
    # Of a model that has just begun the rates of half an hour are still filling, and so would the average be.
    day = f"avg_over_time({REQUESTS_30M}[1d]) and on ({_ON}) {REQUESTS_30M} offset {_SETTLED}"
    enough = f"{total(settings, [], f'increase({requests}[5m])')} >= {_FEWEST_REQUESTS}"
    return (
        *(
            Alert(
                "MLTrafficDrop",
                severity,
                "traffic",
                moment_only(
                    settings,
                    f"{joined(share, '<', per_limit(settings, 'traffic_ratio', severity))} and on ({_ON}) {usual}",
                ),
                after=after,
                threshold=limit("traffic_ratio", severity),
                summary="A model gets far fewer requests than at this time last week.",
                description=(
                    "{{ $labels.model_name }} gets {{ $value | humanizePercentage }} of the requests that it had at this"
                    " hour last week."
                ),
                symptom=True,
            )
            for severity, after in _TRAFFIC_AFTER.items()
        ),
        Alert(
            "MLTrafficSpike",
            "info",
            "traffic",
            moment_only(settings, f"({REQUESTS_5M} / (({day}) > 0) > {_SPIKE}) and on ({_ON}) ({enough})"),
            after="10m",
            threshold=str(_SPIKE),
            summary="A model gets far more requests than its average of the day.",
            description='{{ $labels.model_name }} gets {{ printf "%.3g" $value }} times the requests of an average moment of the day.',
        ),
        Alert(
            "MLNoTraffic",
            "critical",
            "traffic",
            moment_only(settings, f"(({none}) or ({gone})) and on ({_ON}) {usual}"),
            after="5m",
            summary="A model that should be busy gets no request at all.",
            description="{{ $labels.model_name }} has had no request for half an hour; at this time last week it had.",
            symptom=True,
        ),
    )
