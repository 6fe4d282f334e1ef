"""What a model runs on, as the usual exporters tell of it: cAdvisor, node_exporter, DCGM, Triton, vLLM."""

from __future__ import annotations

from rules.promql import foreign
from rules.rule import Alert, Group
from rules.settings import Settings

_CONTAINER = "job, namespace, pod, container"


def group(settings: Settings) -> Group:
    return Group(
        "driftbell-resources",
        (*_containers(settings), *_machines(settings), *_accelerators(settings), *_queues(settings)),
    )


def _alert(name: str, severity: str, expression: str, after: str, summary: str, description: str) -> Alert:
    return Alert(
        name,
        severity,
        "resources",
        expression,
        after,
        summary,
        description,
        of_model=False,
        variables=(),
    )


def _containers(settings: Settings) -> tuple[Alert, ...]:
    job, real = settings.containers_job, 'container!=""'
    used = f"max by ({_CONTAINER}) ({foreign('container_memory_working_set_bytes', job, real)})"
    limit = f"max by ({_CONTAINER}) ({foreign('container_spec_memory_limit_bytes', job, real)} > 0)"
    throttled = (
        f"sum by ({_CONTAINER}) (increase({foreign('container_cpu_cfs_throttled_periods_total', job, real)}[10m]))"
    )
    periods = f"sum by ({_CONTAINER}) (increase({foreign('container_cpu_cfs_periods_total', job, real)}[10m]) > 0)"
    return (
        _alert(
            "MLContainerMemoryHigh",
            "warning",
            f"{used} / {limit} > 0.9",
            "10m",
            "A container is about to be killed for its memory.",
            "{{ $labels.namespace }}/{{ $labels.pod }}/{{ $labels.container }} uses {{ $value | humanizePercentage }} of its"
            " memory limit.",
        ),
        _alert(
            "MLContainerCPUThrottled",
            "info",
            f"{throttled} / {periods} > 0.25",
            "15m",
            "A container is held back by its CPU limit.",
            "{{ $labels.namespace }}/{{ $labels.pod }}/{{ $labels.container }} was throttled in {{ $value | humanizePercentage }}"
            " of its periods.",
        ),
    )


def _machines(settings: Settings) -> tuple[Alert, ...]:
    job = settings.machines_job
    idle = foreign("node_cpu_seconds_total", job, 'mode="idle"')
    available, memory = foreign("node_memory_MemAvailable_bytes", job), foreign("node_memory_MemTotal_bytes", job)
    free = foreign("node_filesystem_avail_bytes", job, 'fstype!~"tmpfs|overlay"')
    return (
        _alert(
            "MLMachineCPUHigh",
            "info",
            f"1 - avg by (job, instance) (rate({idle}[10m])) > 0.95",
            "30m",
            "A machine has hardly any CPU time left.",
            "{{ $labels.instance }} is busy {{ $value | humanizePercentage }} of the time.",
        ),
        _alert(
            "MLMachineMemoryHigh",
            "warning",
            f"1 - {available} / {memory} > 0.95",
            "10m",
            "A machine is almost out of memory.",
            "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory.",
        ),
        _alert(
            "MLDiskFillsUp",
            "warning",
            f"predict_linear({free}[6h], 86400) < 0",
            "1h",
            "At its pace a disk is full within a day.",
            "{{ $labels.instance }}, {{ $labels.mountpoint }}: no room for logs or state within a day.",
        ),
    )


def _accelerators(settings: Settings) -> tuple[Alert, ...]:
    job = settings.accelerators_job
    used, free = foreign("DCGM_FI_DEV_FB_USED", job), foreign("DCGM_FI_DEV_FB_FREE", job)
    errors = foreign("DCGM_FI_DEV_XID_ERRORS", job)
    return (
        _alert(
            "MLAcceleratorMemoryHigh",
            "info",
            f"{used} / ({used} + {free}) > 0.95",
            "30m",
            "The memory of an accelerator is almost full.",
            "GPU {{ $labels.gpu }} of {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory. Frameworks that"
            " reserve all of it do so always: then silence this alert there.",
        ),
        _alert(
            "MLAcceleratorErrors",
            "warning",
            f"{errors} > 0",
            "5m",
            "An accelerator reports errors.",
            "GPU {{ $labels.gpu }} of {{ $labels.instance }} last reported XID {{ $value | humanize }}.",
        ),
    )


def _queues(settings: Settings) -> tuple[Alert, ...]:
    job = settings.inference_job
    waiting = f"sum by (job, instance) ({foreign('nv_inference_pending_request_count', job)})"
    # Of vLLM, whose names have a colon.
    also = f"sum by (job, instance) ({foreign('vllm:num_requests_waiting', job)})"
    return (
        _alert(
            "MLQueueGrowing",
            "warning",
            f"(({waiting}) or ({also})) > 100",
            "10m",
            "Requests wait in front of a model.",
            "{{ $value | humanize }} requests wait at {{ $labels.instance }}.",
        ),
    )
