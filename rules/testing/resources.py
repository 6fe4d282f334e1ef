"""What makes the alerts on resources fire: memory, CPU, disks, accelerators and queues at their ends."""

from __future__ import annotations

from rules.testing.inputs import Series, constant, count, during, level, series
from rules.testing.specification import Case, Fires, Specification

_LAST = 90
_START, _END = 10, 60
_CONTAINER = {"namespace": "ml", "container": "model"}
_GPU = {"gpu": "0", "UUID": "GPU-1"}
_DISK = {"device": "sda1", "fstype": "ext4", "mountpoint": "/var"}
_DISK_LAST = 240


def specifications() -> tuple[Specification, ...]:
    return (
        Specification(
            "MLContainerMemoryHigh", _container_memory(), _LAST, key="pod", job="cadvisor", other_jobs=("kubelet",)
        ),
        Specification(
            "MLContainerCPUThrottled",
            _throttled(),
            _LAST,
            said_at=40,
            key="pod",
            job="cadvisor",
            other_jobs=("kubelet",),
        ),
        Specification(
            "MLMachineCPUHigh", _busy(), 120, said_at=50, key="instance", job="node", other_jobs=("node-exporter",)
        ),
        Specification(
            "MLMachineMemoryHigh", _machine_memory(), _LAST, key="instance", job="node", other_jobs=("node-exporter",)
        ),
        Specification(
            "MLDiskFillsUp",
            _disk(),
            _DISK_LAST,
            sample=5,
            step=5,
            said_at=80,
            key="instance",
            job="node",
            other_jobs=("node-exporter",),
        ),
        Specification(
            "MLAcceleratorMemoryHigh",
            _accelerator_memory(),
            _LAST,
            key="instance",
            job="dcgm",
            other_jobs=("dcgm-exporter", "gpu"),
        ),
        Specification(
            "MLAcceleratorErrors",
            _accelerator_errors(),
            _LAST,
            key="instance",
            job="dcgm",
            other_jobs=("dcgm-exporter", "gpu"),
        ),
        Specification(
            "MLQueueGrowing", _queue(), _LAST, key="instance", job="triton", other_jobs=("vllm", "inference")
        ),
    )


def _container_memory() -> tuple[Case, ...]:
    def memory(used: str, limit: float, **labels: str) -> tuple[Series, ...]:
        where = {**_CONTAINER, **labels}
        return (
            series("container_memory_working_set_bytes", used, **where),
            series("container_spec_memory_limit_bytes", constant(limit, _LAST), **where),
        )

    breach = during(_START, _END, 950, 100, _LAST)
    due = Fires("warning", _START, _END, _CONTAINER, value="0.95")
    return (
        Case("breach", memory(breach, 1000), (due,)),
        Case("healthy", memory(constant(100, _LAST), 1000)),
        Case("at_the_limit", memory(during(_START, _END, 900, 100, _LAST), 1000)),
        Case("unlimited", memory(breach, 0)),
        # The sum of a pod has no container.
        Case("pod", memory(breach, 1000, container="")),
        Case(
            "two",
            (*memory(breach, 1000), *memory(breach, 1000, container="proxy")),
            (due, Fires("warning", _START, _END, {**_CONTAINER, "container": "proxy"})),
        ),
        Case("too_short", memory(during(10, 19, 950, 100, _LAST), 1000), (Fires("warning", 10, 19, _CONTAINER),)),
        Case("no_data", memory(breach, 1000)[1:]),
    )


def _throttled() -> tuple[Case, ...]:
    def periods(throttled: float, of: float = 64, **labels: str) -> tuple[Series, ...]:
        where = {**_CONTAINER, **labels}
        samples = count((_START, 0), (_END - _START, throttled), (_LAST + 1 - _END, 0))
        return (
            series("container_cpu_cfs_throttled_periods_total", samples, **where),
            series("container_cpu_cfs_periods_total", count((_LAST + 1, of)), **where),
        )

    due = Fires("info", (_START + 3, _START + 6), (_END + 4, _END + 7), _CONTAINER, value="0.5")
    return (
        Case("breach", periods(32), (due,)),
        Case("healthy", periods(1)),
        Case("at_the_limit", periods(16)),
        Case("idle", periods(0, 0)),
        Case("pod", periods(32, container="")),
        Case("no_data", periods(32)[:1]),
    )


def _busy() -> tuple[Case, ...]:
    def idle(share: float) -> tuple[Series, ...]:
        """Return the seconds of two processors: idle for a share of the time, for a while."""
        samples = count((_START, 54), (60, 60 * share), (51, 54))
        return (
            *(series("node_cpu_seconds_total", samples, cpu=cpu, mode="idle") for cpu in ("0", "1")),
            series("node_cpu_seconds_total", count((121, 0)), cpu="0", mode="user"),
        )

    due = Fires("info", (_START + 8, _START + 11), (_START + 59, _START + 62), value="0.9792")
    return (
        Case("breach:1", idle(1.25 / 60), (due,)),
        Case("just_below:1", idle(4 / 60)),
        Case("healthy:1", idle(0.9)),
        Case("no_data:1", ()),
    )


def _machine_memory() -> tuple[Case, ...]:
    def memory(available: str) -> tuple[Series, ...]:
        return (
            series("node_memory_MemAvailable_bytes", available),
            series("node_memory_MemTotal_bytes", constant(1000, _LAST)),
        )

    return (
        Case("breach:1", memory(during(_START, _END, 20, 500, _LAST)), (Fires("warning", _START, _END, value="0.98"),)),
        Case("healthy:1", memory(constant(500, _LAST))),
        Case("at_the_limit:1", memory(during(_START, _END, 50, 500, _LAST))),
        Case("just_below:1", memory(during(_START, _END, 100, 500, _LAST))),
        Case("too_short:1", memory(during(10, 19, 20, 500, _LAST)), (Fires("warning", 10, 19),)),
        Case("no_data:1", memory(constant(20, _LAST))[1:]),
    )


def _disk() -> tuple[Case, ...]:
    # One unit in five minutes: 288 in a day.
    def free(start: float, **labels: str) -> Series:
        emptied = 150 // 5
        return series(
            "node_filesystem_avail_bytes",
            f"{start:g}-1x{emptied - 1} {level((_DISK_LAST // 5 + 1 - emptied, 5000))}",
            **{**_DISK, **labels},
        )

    due = Fires("warning", (0, 5), (150, 155), _DISK, value="-44")
    return (
        Case("breach:1", (free(260),), (due,)),
        Case("healthy:1", (free(2000),)),
        # A day and a few hours.
        Case("just_above:1", (free(340),)),
        Case("of_memory:1", (free(260, fstype="tmpfs"), free(260, fstype="overlay"))),
        Case("stands:1", (series("node_filesystem_avail_bytes", constant(10, _DISK_LAST // 5), **_DISK),)),
        Case("no_data:1", ()),
    )


def _accelerator_memory() -> tuple[Case, ...]:
    def memory(used: float) -> tuple[Series, ...]:
        return (
            series("DCGM_FI_DEV_FB_USED", during(_START, _END, used, 100, _LAST), **_GPU),
            series("DCGM_FI_DEV_FB_FREE", during(_START, _END, 1000 - used, 900, _LAST), **_GPU),
        )

    return (
        Case("breach:1", memory(980), (Fires("info", _START, _END, _GPU, value="0.98"),)),
        Case("healthy:1", memory(100)),
        Case("at_the_limit:1", memory(950)),
        Case("just_below:1", memory(900)),
        Case("no_data:1", memory(980)[:1]),
    )


def _accelerator_errors() -> tuple[Case, ...]:
    def errors(samples: str) -> tuple[Series, ...]:
        return (series("DCGM_FI_DEV_XID_ERRORS", samples, **_GPU),)

    return (
        Case(
            "breach:1", errors(during(_START, _END, 79, 0, _LAST)), (Fires("warning", _START, _END, _GPU, value="79"),)
        ),
        Case("first:1", errors(during(_START, _END, 1, 0, _LAST)), (Fires("warning", _START, _END, _GPU),)),
        Case("healthy:1", errors(constant(0, _LAST))),
        Case("too_short:1", errors(during(10, 14, 79, 0, _LAST)), (Fires("warning", 10, 14, _GPU),)),
        Case("no_data:1", ()),
    )


def _queue() -> tuple[Case, ...]:
    def triton(samples: str, model: str = "churn") -> Series:
        return series("nv_inference_pending_request_count", samples, model=model, version="1")

    def vllm(samples: str) -> Series:
        return series("vllm:num_requests_waiting", samples, model_name="chat", engine="0")

    def waiting(number: float) -> str:
        return during(_START, _END, number, 1, _LAST)

    due = Fires("warning", _START, _END, value="101")
    return (
        Case("breach:1", (triton(waiting(60)), triton(waiting(41), "fraud")), (due,)),
        Case("vllm:1", (vllm(waiting(101)),), (due,)),
        Case("healthy:1", (triton(waiting(1)),)),
        Case("at_the_limit:1", (triton(waiting(100)),)),
        Case("too_short:1", (triton(during(10, 19, 500, 1, _LAST)),), (Fires("warning", 10, 19),)),
        Case("no_data:1", ()),
    )
