"""What the usual exporters say of a quiet container, machine and inference server, and of an accelerator that has failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.dashboards.queries.timeline import END, FINE, SCRAPE
from tests.end_to_end.alerting.replay import Series

_GIB = 2.0**30
_POD = 'job="cadvisor",instance="n1:4194",namespace="ml",pod="churn-0"'
_REAL = f'{_POD},container="model"'
_NODE = 'job="node",instance="n1:9100"'
_DISK = f'{_NODE},device="/dev/sda1",fstype="ext4",mountpoint="/"'
_GPU = 'job="dcgm",instance="n1:9400",gpu="0"'
_FAILED_GPU = 'job="dcgm",instance="n1:9400",gpu="1"'
_FAULTS = (
    'prometheus_rule_evaluation_failures_total{job="prometheus",instance="p:9090",rule_group="g"}',
    'prometheus_rule_group_iterations_missed_total{job="prometheus",instance="p:9090",rule_group="g"}',
    'prometheus_notifications_dropped_total{job="prometheus",instance="p:9090"}',
    'alertmanager_notifications_failed_total{job="alertmanager",instance="p:9093",integration="webhook"}',
)

_COUNTERS: dict[str, float] = {
    f"container_cpu_usage_seconds_total{{{_REAL}}}": 0.4,
    f"container_cpu_cfs_periods_total{{{_REAL}}}": 10,
    f"container_cpu_cfs_throttled_periods_total{{{_REAL}}}": 0.5,
    f'container_network_receive_bytes_total{{{_POD},interface="eth0"}}': 20_000,
    f'container_network_transmit_bytes_total{{{_POD},interface="eth0"}}': 30_000,
    **{
        f'node_cpu_seconds_total{{{_NODE},cpu="{cpu}",mode="{mode}"}}': share
        for cpu in "01"
        for mode, share in (("idle", 0.7), ("user", 0.3))
    },
    f'node_disk_read_bytes_total{{{_NODE},device="sda"}}': 1000,
    f'node_disk_written_bytes_total{{{_NODE},device="sda"}}': 50_000,
    f'node_network_receive_bytes_total{{{_NODE},device="eth0"}}': 60_000,
    f'node_network_transmit_bytes_total{{{_NODE},device="eth0"}}': 70_000,
    f'node_network_receive_bytes_total{{{_NODE},device="lo"}}': 1e9,
    **dict.fromkeys(_FAULTS, 0.0),
}
"""A second."""
_GAUGES: dict[str, float] = {
    f"container_memory_working_set_bytes{{{_REAL}}}": 0.6 * _GIB,
    f"container_spec_memory_limit_bytes{{{_REAL}}}": _GIB,
    # The pod's own, which is no container's.
    f'container_memory_working_set_bytes{{{_POD},container=""}}': 5 * _GIB,
    f"node_memory_MemAvailable_bytes{{{_NODE}}}": 12 * _GIB,
    f"node_memory_MemTotal_bytes{{{_NODE}}}": 16 * _GIB,
    f"node_filesystem_avail_bytes{{{_DISK}}}": 60 * _GIB,
    f"node_filesystem_size_bytes{{{_DISK}}}": 100 * _GIB,
    f"DCGM_FI_DEV_GPU_UTIL{{{_GPU}}}": 35,
    f"DCGM_FI_DEV_FB_USED{{{_GPU}}}": 6000,
    f"DCGM_FI_DEV_FB_FREE{{{_GPU}}}": 10_000,
    f"DCGM_FI_DEV_GPU_TEMP{{{_GPU}}}": 55,
    f"DCGM_FI_DEV_XID_ERRORS{{{_GPU}}}": 0,
    'nv_inference_pending_request_count{job="triton",instance="n1:8002",model="churn"}': 2,
    f"DCGM_FI_DEV_XID_ERRORS{{{_FAILED_GPU}}}": 31,
    'prometheus_config_last_reload_successful{job="prometheus",instance="p:9090"}': 1,
    'alertmanager_config_last_reload_successful{job="alertmanager",instance="p:9093"}': 1,
    'vllm:num_requests_waiting{job="vllm",instance="n2:8000",model_name="chat"}': 3,
}


def foreign() -> Series:
    """Return the last hour of other exporters; before it there were none."""
    return {
        **dict(_series(_COUNTERS, lambda value, age: value * age)),
        **dict(_series(_GAUGES, lambda value, _: value)),
    }


def _series(
    values: dict[str, float], said: Callable[[float, float], float]
) -> Iterator[tuple[str, list[tuple[float, str]]]]:
    for series, value in values.items():
        yield series, [(float(now), repr(said(value, now - FINE))) for now in range(FINE, END + 1, SCRAPE)]
