"""What the operating system says about this process: the ``process_*`` families of the client library, as our samples."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import Metric as Family

from exporter.catalogue import Kind, Metric
from exporter.snapshot import Sample


def process_samples() -> Iterator[Sample]:
    """Yield the figures of this moment; none where there is no /proc."""
    for family in _collector().collect():
        metric = _metric(family)
        for sample in family.samples:
            yield Sample(metric, (), sample.value)


def _metric(family: Family) -> Metric:
    # The library knows a counter by its name without the suffix.
    is_counter = family.type == Kind.COUNTER
    return Metric(f"{family.name}_total" if is_counter else family.name, Kind(family.type), family.documentation)


@cache
def _collector() -> ProcessCollector:
    return ProcessCollector(registry=None)
