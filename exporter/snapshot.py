"""What one evaluation found: immutable families of samples, ready to be written out.

The worker builds a snapshot and swaps one reference; a scrape only serves it. A series that is not
in the newest snapshot is gone, so nothing stale can be left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from exporter.catalogue import Metric


class Histogram(NamedTuple):
    """Cumulative counts at each bound (the last bound is infinity) and the sum of the values."""

    bounds: tuple[float, ...]
    cumulative: tuple[int, ...]
    total: float


class Exemplar(NamedTuple):
    """One request among those that a counter counted: its id, its ``value`` and its event time in microseconds."""

    request_id: str
    value: float
    time: int


class Sample(NamedTuple):
    """One series: label values in the order of ``metric.labels`` (``""`` leaves a label out).

    ``exemplars`` has none, one for a counter, or one (or None) for each bucket of a histogram.
    """

    metric: Metric
    labels: tuple[str, ...]
    value: float | Histogram
    exemplars: tuple[Exemplar | None, ...] = ()


UNKNOWN = None
"""The state of what may change at any time."""


class Section(NamedTuple):
    """Samples that are computed together, when somebody asks for them.

    ``name`` is that of a window, or says what else makes them change. Two sections of one name with an equal ``state`` have
    the same samples, unless the state is ``UNKNOWN``.
    """

    name: str
    state: Hashable
    samples: Callable[[], Iterable[Sample]]


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one metric, in the order in which they are written."""

    metric: Metric
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The families of one evaluation; ``series`` counts samples (a histogram is its buckets)."""

    families: tuple[Family, ...]

    @property
    def series(self) -> int:
        return sum(width(sample.value) for family in self.families for sample in family.samples)

    def __iter__(self) -> Iterator[Sample]:
        return (sample for family in self.families for sample in family.samples)


def snapshot_of(samples: Iterable[Sample]) -> Snapshot:
    """Group samples into families sorted by name, and each family's samples by their labels."""
    groups: dict[Metric, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.metric, []).append(sample)
    return Snapshot(
        tuple(
            Family(metric, tuple(sorted(groups[metric], key=lambda sample: sample.labels)))
            for metric in sorted(groups, key=lambda metric: metric.name)
        )
    )


def width(value: float | Histogram) -> int:
    """Return how many series a value is: a histogram is its buckets, its sum and its count."""
    return len(value.bounds) + 2 if isinstance(value, Histogram) else 1
