"""Service level objectives: what is wanted, and the events that counted for and against it."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.layout import Layout
from exporter.ledger import Totals
from exporter.snapshot import Sample


def information(layout: Layout) -> Iterator[Sample]:
    for objective in layout.objectives:
        labels = (layout.model.name, objective.name)
        yield Sample(catalogue.SLO_OBJECTIVE, labels, objective.ratio)
        if objective.limit is not None:
            yield Sample(catalogue.SLO_LATENCY_LIMIT, labels, objective.limit)


def counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    for objective in layout.objectives:
        labels = (layout.model.name, version, objective.name)
        events, good = totals.counts[objective.span.start : objective.span.stop].tolist()
        yield Sample(catalogue.SLO_EVENTS, labels, events)
        yield Sample(catalogue.SLO_GOOD_EVENTS, labels, good)
