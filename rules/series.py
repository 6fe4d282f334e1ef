"""Which series there are: ours from the catalogue, the server's own, other exporters' as far as the rules read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from exporter.catalogue import METRICS, SEVERITIES, Kind, Metric

# What Prometheus adds to every series that it scrapes.
TARGET = frozenset({"job", "instance"})

Bounds = tuple[float | None, float | None]

# Labels that not every series of a family has: absent means "over all of them", or that nobody has said it.
_OPTIONAL = frozenset({"model_version", "predicted_class", "endpoint", "segment_by", "segment", "framework", "owner"})
_OPTIONAL_IN: Mapping[str, frozenset[str]] = {
    "ml_exporter_series": frozenset({"model_name"}),
    "ml_exporter_series_limit": frozenset({"model_name"}),
    "ml_exporter_dropped_series": frozenset({"model_name"}),
    # Only of kind data: see ``rules.labels``.
    **dict.fromkeys((metric.name for metric in METRICS if "kind" in metric.labels), frozenset({"feature_name"})),
}


@dataclass(frozen=True, slots=True)
class Series:
    """What the series of one name are like: ``certain`` labels are on each of them, ``possible`` ones on some."""

    name: str
    kind: Kind
    possible: frozenset[str]
    certain: frozenset[str]
    bounds: Bounds = (None, None)
    family: Metric | None = None
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)


@cache
def known() -> Mapping[str, Series]:
    """Return all series that rules may read, by name."""
    found: dict[str, Series] = {}
    for metric in METRICS:
        found.update((each.name, each) for each in _of(metric))
    found.update((each.name, each) for each in (*_OF_SERVERS, *_OF_OTHERS))
    return found


def _of(metric: Metric) -> tuple[Series, ...]:
    possible = frozenset(metric.labels) | TARGET
    certain = possible - _OPTIONAL - _OPTIONAL_IN.get(metric.name, frozenset())
    if metric.kind is not Kind.HISTOGRAM:
        return (Series(metric.name, metric.kind, possible, certain, metric.bounds, metric),)
    parts = (
        (f"{metric.name}{end}", frozenset({"le"} if end == "_bucket" else ())) for end in ("_bucket", "_sum", "_count")
    )
    return tuple(
        Series(name, Kind.COUNTER, possible | more, certain | more, (0.0, None), metric) for name, more in parts
    )


def _foreign(name: str, kind: Kind, *labels: str, bounds: Bounds = (0.0, None), certain: bool = True) -> Series:
    own = TARGET | frozenset(labels)
    return Series(name, kind, own, own if certain else TARGET, bounds)


_RATIO = (0.0, 1.0)
_COUNTER, _GAUGE = Kind.COUNTER, Kind.GAUGE
_ALERT = frozenset({"alertname", "alertstate"})

# Prometheus' own, and those of an alert's state. What labels an alert has depends on the alert.
_OF_SERVERS = (
    _foreign("up", _GAUGE, bounds=_RATIO),
    _foreign("scrape_duration_seconds", _GAUGE),
    _foreign("scrape_samples_scraped", _GAUGE),
    _foreign("scrape_samples_post_metric_relabeling", _GAUGE),
    _foreign("scrape_series_added", _GAUGE),
    # Of every program that shows them, ours among them.
    _foreign("process_start_time_seconds", _GAUGE),
    _foreign("process_cpu_seconds_total", _COUNTER),
    _foreign("process_resident_memory_bytes", _GAUGE),
    _foreign("process_virtual_memory_bytes", _GAUGE),
    _foreign("process_open_fds", _GAUGE),
    _foreign("process_max_fds", _GAUGE),
    Series(
        "ALERTS",
        _GAUGE,
        _ALERT
        | TARGET
        | {"severity", "category", "alert_type", "action", "burn_window", "owner", "model_name"}
        | {"model_version", "slo", "feature_name", "window", "reference", "metric", "source", "segment_by", "segment"},
        _ALERT,
        (1.0, 1.0),
        values={"alertstate": frozenset({"pending", "firing"}), "severity": frozenset({*SEVERITIES, "none"})},
    ),
    Series(
        "ALERTS_FOR_STATE",
        _GAUGE,
        TARGET | {"alertname", "severity", "model_name"},
        frozenset({"alertname"}),
        (0.0, None),
    ),
    _foreign("prometheus_rule_evaluation_failures_total", _COUNTER, "rule_group"),
    _foreign("prometheus_rule_group_iterations_missed_total", _COUNTER, "rule_group"),
    _foreign("prometheus_rule_group_last_evaluation_timestamp_seconds", _GAUGE, "rule_group"),
    _foreign("prometheus_rule_group_last_duration_seconds", _GAUGE, "rule_group"),
    _foreign("prometheus_rule_group_interval_seconds", _GAUGE, "rule_group"),
    _foreign("prometheus_config_last_reload_successful", _GAUGE, bounds=_RATIO),
    _foreign("prometheus_config_last_reload_success_timestamp_seconds", _GAUGE),
    _foreign("prometheus_notifications_dropped_total", _COUNTER),
    _foreign("prometheus_notifications_errors_total", _COUNTER, "alertmanager"),
    _foreign("prometheus_notifications_sent_total", _COUNTER, "alertmanager"),
    _foreign("prometheus_notifications_alertmanagers_discovered", _GAUGE),
    _foreign("prometheus_target_scrapes_exceeded_sample_limit_total", _COUNTER),
    _foreign("prometheus_tsdb_head_series", _GAUGE),
    _foreign("alertmanager_config_last_reload_successful", _GAUGE, bounds=_RATIO),
    _foreign("alertmanager_config_hash", _GAUGE),
    _foreign("alertmanager_notifications_total", _COUNTER, "integration"),
    _foreign("alertmanager_notifications_failed_total", _COUNTER, "integration", "reason"),
    _foreign("alertmanager_notification_requests_failed_total", _COUNTER, "integration"),
    _foreign("alertmanager_alerts", _GAUGE, "state"),
)

_CONTAINER = ("namespace", "pod", "container", "image", "id", "name", "node")
_GPU = ("gpu", "UUID", "device", "modelName", "Hostname")
# cAdvisor, node_exporter, DCGM, Triton and vLLM: what the usual versions show, as their pages and outputs say.
_OF_OTHERS = (
    _foreign("container_memory_working_set_bytes", _GAUGE, *_CONTAINER),
    _foreign("container_spec_memory_limit_bytes", _GAUGE, *_CONTAINER),
    _foreign("container_cpu_usage_seconds_total", _COUNTER, "cpu", *_CONTAINER),
    _foreign("container_network_receive_bytes_total", _COUNTER, "interface", *_CONTAINER),
    _foreign("container_network_transmit_bytes_total", _COUNTER, "interface", *_CONTAINER),
    _foreign("container_cpu_cfs_throttled_periods_total", _COUNTER, *_CONTAINER),
    _foreign("container_cpu_cfs_periods_total", _COUNTER, *_CONTAINER),
    _foreign("node_cpu_seconds_total", _COUNTER, "cpu", "mode"),
    _foreign("node_memory_MemAvailable_bytes", _GAUGE),
    _foreign("node_memory_MemTotal_bytes", _GAUGE),
    _foreign("node_filesystem_avail_bytes", _GAUGE, "device", "fstype", "mountpoint"),
    _foreign("node_filesystem_size_bytes", _GAUGE, "device", "fstype", "mountpoint"),
    _foreign("node_disk_read_bytes_total", _COUNTER, "device"),
    _foreign("node_disk_written_bytes_total", _COUNTER, "device"),
    _foreign("node_network_receive_bytes_total", _COUNTER, "device"),
    _foreign("node_network_transmit_bytes_total", _COUNTER, "device"),
    _foreign("node_load1", _GAUGE),
    _foreign("node_pressure_cpu_waiting_seconds_total", _COUNTER),
    _foreign("node_pressure_memory_waiting_seconds_total", _COUNTER),
    _foreign("DCGM_FI_DEV_FB_USED", _GAUGE, *_GPU),
    _foreign("DCGM_FI_DEV_FB_FREE", _GAUGE, *_GPU),
    _foreign("DCGM_FI_DEV_GPU_UTIL", _GAUGE, *_GPU, bounds=(0.0, 100.0)),
    _foreign("DCGM_FI_DEV_GPU_TEMP", _GAUGE, *_GPU),
    _foreign("DCGM_FI_DEV_XID_ERRORS", _GAUGE, *_GPU),
    _foreign("nv_inference_pending_request_count", _GAUGE, "model", "version"),
    _foreign("nv_inference_queue_duration_us", _COUNTER, "model", "version"),
    _foreign("vllm:num_requests_waiting", _GAUGE, "model_name", "engine"),
    _foreign("vllm:num_requests_running", _GAUGE, "model_name", "engine"),
)
