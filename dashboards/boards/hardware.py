"""Panels about containers, machines, accelerators and queues, from the metrics of the usual exporters."""

from __future__ import annotations

from dashboards.panels.colour import CRITICAL, WARNING, Steps
from dashboards.panels.panel import Panel, Query
from dashboards.panels.time_series import TimeSeries
from rules.promql import foreign
from rules.settings import DEFAULT

_CONTAINER = "namespace, pod, container"
_POD = "{{namespace}}/{{pod}}/{{container}}"
_REAL = 'container!=""'
_ABSENT = "No such exporter is scraped"
_DISKS = 'fstype!~"tmpfs|overlay"'
_NETWORK = 'device!~"lo|veth.*|docker.*|br-.*|cni.*"'
_NEARLY_FULL = Steps("transparent", ((0.9, WARNING), (1.0, CRITICAL)))
_NOT_MINE = " Of all that the job has: choose by the legend."


def _most(expression: str) -> str:
    return f"topk(20, {expression})"


def _series(
    number: int, title: str, description: str, queries: tuple[Query, ...], unit: str, **more: object
) -> TimeSeries:
    options = {"minimum": 0, "empty": _ABSENT, **more}
    return TimeSeries(number=number, title=title, description=description, queries=queries, unit=unit, **options)  # type: ignore[arg-type]


def containers() -> tuple[Panel, ...]:
    job = DEFAULT.containers_job

    def rate(metric: str) -> str:
        return f"sum by ({_CONTAINER}) (rate({foreign(metric, job, _REAL)}[$__rate_interval]))"

    memory = f"max by ({_CONTAINER}) ({foreign('container_memory_working_set_bytes', job, _REAL)})"
    bound = f"(max by ({_CONTAINER}) ({foreign('container_spec_memory_limit_bytes', job, _REAL)}) > 0)"
    throttled = f"{rate('container_cpu_cfs_throttled_periods_total')} / ({rate('container_cpu_cfs_periods_total')} > 0)"
    both = [
        Query(
            _most(f"sum by (namespace, pod) (rate({foreign(metric, job)}[$__rate_interval]))"),
            f"{{{{namespace}}}}/{{{{pod}}}} {way}",
        )
        for metric, way in (
            ("container_network_receive_bytes_total", "in"),
            ("container_network_transmit_bytes_total", "out"),
        )
    ]
    return (
        _series(
            21,
            "CPU",
            "Cores that containers use." + _NOT_MINE,
            (Query(_most(rate("container_cpu_usage_seconds_total")), _POD),),
            "none",
            width=6,
        ),
        _series(
            22,
            "CPU throttling",
            "Share of its periods in which a container was held back by its limit: it makes requests slow." + _NOT_MINE,
            (Query(_most(throttled), _POD),),
            "percentunit",
            width=6,
            alerts=("MLContainerCPUThrottled",),
        ),
        _series(
            23,
            "Memory, of limit",
            "Working set as a share of the limit: at 1 the container is killed." + _NOT_MINE,
            (Query(_most(f"{memory} / {bound}"), _POD),),
            "percentunit",
            width=6,
            steps=_NEARLY_FULL,
            alerts=("MLContainerMemoryHigh",),
        ),
        _series(24, "Network", "Bytes that pods receive and send." + _NOT_MINE, tuple(both), "Bps", width=6),
    )


def machines() -> tuple[Panel, ...]:
    return (*_room(), *_throughput())


def _room() -> tuple[Panel, ...]:
    job = DEFAULT.machines_job

    idle = foreign("node_cpu_seconds_total", job, 'mode="idle"')
    available, memory = foreign("node_memory_MemAvailable_bytes", job), foreign("node_memory_MemTotal_bytes", job)
    free, size = foreign("node_filesystem_avail_bytes", job, _DISKS), foreign("node_filesystem_size_bytes", job, _DISKS)
    used = f"max by (instance, mountpoint) (1 - {free} / {size})"
    return (
        _series(
            41,
            "CPU",
            "Share of the time in which the cores were busy. Near 1 requests wait for them.",
            (Query(_most(f"1 - avg by (instance) (rate({idle}[$__rate_interval]))"), "{{instance}}"),),
            "percentunit",
            maximum=1,
            alerts=("MLMachineCPUHigh",),
        ),
        _series(
            42,
            "Memory",
            "Share of the memory that is not available any more. Near 1 the kernel ends a process of its choice.",
            (Query(_most(f"max by (instance) (1 - {available} / {memory})"), "{{instance}}"),),
            "percentunit",
            maximum=1,
            steps=_NEARLY_FULL,
            alerts=("MLMachineMemoryHigh",),
        ),
        _series(
            43,
            "Disks",
            "Share of each file system that is used. The alert looks at the pace as well.",
            (Query(_most(used), "{{instance}} {{mountpoint}}"),),
            "percentunit",
            maximum=1,
            alerts=("MLDiskFillsUp",),
        ),
    )


def _throughput() -> tuple[Panel, ...]:
    job = DEFAULT.machines_job

    def moved(read: str, written: str, matcher: str) -> tuple[Query, ...]:
        return tuple(
            Query(
                _most(f"sum by (instance) (rate({foreign(metric, job, matcher)}[$__rate_interval]))"),
                f"{{{{instance}}}} {way}",
            )
            for metric, way in ((read, "in"), (written, "out"))
        )

    return (
        _series(
            44,
            "Disk I/O",
            "Bytes read from disks (in) and written to them (out). A plateau is a disk at its limit.",
            moved("node_disk_read_bytes_total", "node_disk_written_bytes_total", 'device!=""'),
            "Bps",
            width=12,
        ),
        _series(
            45,
            "Network",
            "Bytes received (in) and sent (out), of the machines' own interfaces. A plateau is a link at its limit.",
            moved("node_network_receive_bytes_total", "node_network_transmit_bytes_total", _NETWORK),
            "Bps",
            width=12,
        ),
    )


def accelerators() -> tuple[Panel, ...]:
    job = DEFAULT.accelerators_job

    def by_gpu(expression: str) -> str:
        return _most(f"max by (instance, gpu) ({expression})")

    used, free = foreign("DCGM_FI_DEV_FB_USED", job), foreign("DCGM_FI_DEV_FB_FREE", job)
    return (
        _series(
            61,
            "GPU utilisation",
            "Share of the time in which a GPU had work. Low beside waiting requests: batches are too small, or the CPU is behind.",
            (Query(by_gpu(f"{foreign('DCGM_FI_DEV_GPU_UTIL', job)} / 100"), "{{instance}} GPU {{gpu}}"),),
            "percentunit",
            width=6,
            maximum=1,
        ),
        _series(
            62,
            "GPU memory",
            "Share of a GPU's memory that is used. Frameworks that reserve all of it always show 1.",
            (Query(by_gpu(f"{used} / ({used} + {free})"), "{{instance}} GPU {{gpu}}"),),
            "percentunit",
            width=6,
            maximum=1,
            alerts=("MLAcceleratorMemoryHigh",),
        ),
        _series(
            63,
            "GPU temperature and errors",
            "Degrees Celsius, and the code of the last error (XID; 0: none).",
            (
                Query(by_gpu(foreign("DCGM_FI_DEV_GPU_TEMP", job)), "{{instance}} GPU {{gpu}}"),
                Query(by_gpu(f"{foreign('DCGM_FI_DEV_XID_ERRORS', job)} > 0"), "{{instance}} GPU {{gpu}} XID"),
            ),
            "celsius",
            width=6,
            alerts=("MLAcceleratorErrors",),
        ),
        _waiting(),
    )


def _waiting() -> TimeSeries:
    job = DEFAULT.inference_job
    names = ("nv_inference_pending_request_count", "vllm:num_requests_waiting")
    triton, vllm = (f"sum by (instance) ({foreign(name, job)})" for name in names)
    return _series(
        64,
        "Waiting requests",
        "Requests that wait in front of a model, as Triton and vLLM tell. A queue that grows needs replicas, or fewer callers.",
        (Query(_most(f"({triton}) or ({vllm})"), "{{instance}}"),),
        "short",
        width=6,
        alerts=("MLQueueGrowing",),
    )
