"""No more series than the limits allow: the least important are left out, counted, and warned about beforehand."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from exporter import catalogue
from exporter.configuration.schema import Model
from exporter.exposition.importance import Group, Importance
from exporter.snapshot import Sample, width

_LOG = logging.getLogger(__name__)

# From this share of a limit on there is a warning.
NEAR = 0.8
ALL_MODELS = ""


class Usage(NamedTuple):
    """``series`` are on the page, ``dropped`` were left out. ``model`` is "" for all models together."""

    model: str
    series: int
    dropped: int
    limit: int

    def gauges(self) -> Iterator[Sample]:
        yield Sample(catalogue.SERIES, (self.model,), self.series)
        yield Sample(catalogue.SERIES_LIMIT, (self.model,), self.limit)
        yield Sample(catalogue.DROPPED_SERIES, (self.model,), self.dropped)


def even_share(sizes: Sequence[int], limit: int) -> int:
    """Return the size to which the larger ones have to be cut so that all together are within the limit.

    >>> even_share([10, 50, 90], 100)
    45
    """
    rest, share = limit, 0
    for position, size in enumerate(sorted(sizes)):
        share = rest // (len(sizes) - position)
        if size > share:
            return share
        rest -= size
    return max(sizes, default=limit)


def without_the_least_important(model: Model, samples: Sequence[Sample], limit: int) -> Sequence[Sample]:
    """Leave out whole groups until the series of the others are within the limit; the order is ``Importance``'s."""
    excess = series_of(samples) - limit
    if excess <= 0:
        return samples
    importance = Importance(model, samples)
    groups = [importance.group(sample) for sample in samples]
    sizes: Counter[Group] = Counter()
    for group, sample in zip(groups, samples, strict=True):
        sizes[group] += width(sample.value)
    gone = set()
    for group in sorted(sizes):
        if excess <= 0:
            break
        gone.add(group)
        excess -= sizes[group]
    return [sample for group, sample in zip(groups, samples, strict=True) if group not in gone]


class Watch:
    """Warns once when a limit comes near, and once when series are left out; again after usage had fallen."""

    def __init__(self) -> None:
        self._said: Mapping[str, int] = {}

    def look(self, usages: Iterable[Usage]) -> None:
        said = {}
        for usage in usages:
            level, before = _level(usage), self._said.get(usage.model, 0)
            if level > before:
                _warn(usage)
            # A number of series that wavers about its limit is one crossing.
            said[usage.model] = max(level, before) if level else 0
        self._said = said


def _level(usage: Usage) -> int:
    """0: there is room; 1: the limit is near; 2: series were left out."""
    return 2 if usage.dropped else int(usage.series >= NEAR * usage.limit)


def _warn(usage: Usage) -> None:
    fields: dict[str, object] = {} if usage.model == ALL_MODELS else {"model": usage.model}
    fields |= {"series": usage.series, "limit": usage.limit, "key": "limits.series"}
    if usage.dropped:
        text = "there are more series than the limit allows: the least important are left out"
        _LOG.warning(text, extra={"fields": fields | {"dropped": usage.dropped}})
    else:
        _LOG.warning("the number of series comes near its limit", extra={"fields": fields})


def series_of(samples: Iterable[Sample]) -> int:
    return sum(width(sample.value) for sample in samples)
