"""Service level objectives: what is wanted, the events that counted for and against it, and what may still go wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from exporter import catalogue
from exporter.counting.layout import Layout, Objective
from exporter.ledger.window_view import bounds
from exporter.objectives.budgets import Budgets, Extract
from exporter.snapshot import Sample

# Events and good ones by objective (objectives, 2).
Numbers = NDArray[np.float64]


def information(layout: Layout) -> Iterator[Sample]:
    for objective in layout.objectives:
        labels = (layout.model.name, objective.name)
        yield Sample(catalogue.SLO_OBJECTIVE, labels, objective.slo.objective)
        yield Sample(catalogue.SLO_PERIOD, labels, objective.slo.nominal_period)
        if objective.limit is not None:
            yield Sample(catalogue.SLO_LATENCY_LIMIT, labels, objective.limit)


def counters(layout: Layout, version: str, numbers: Numbers) -> Iterator[Sample]:
    """Yield the counters of the objectives whose events belong to a version."""
    for objective, pair in zip(layout.objectives, numbers.tolist(), strict=True):
        if objective.slo.throughput is None:
            yield from _pair(layout, version, objective, *pair)


def model_counters(layout: Layout, numbers: Numbers) -> Iterator[Sample]:
    """Yield the counters of the objectives whose events, minutes, belong to no version."""
    for objective, pair in zip(layout.objectives, numbers.tolist(), strict=True):
        if objective.slo.throughput is not None:
            yield from _pair(layout, "", objective, *pair)


def budget_figures(layout: Layout, budgets: Budgets, now: int) -> Iterator[Sample]:
    """Yield compliance in each window and in the period, and the error budget, as of event time ``now``."""
    extracts = {window: budgets.within(*_limits(*bounds(window, now))) for shown in budgets.windows for window in shown}
    for place, objective in enumerate(layout.objectives):
        for window in budgets.windows[place]:
            yield from _compliance(layout, place, window.name, extracts[window])
        period = budgets.period(place, now)
        yield from _compliance(layout, place, objective.slo.period_name, period)
        yield from _budget(layout, place, period)


def _pair(layout: Layout, version: str, objective: Objective, events: float, good: float) -> Iterator[Sample]:
    labels = (layout.model.name, version, objective.name)
    yield Sample(catalogue.SLO_EVENTS, labels, _number(events))
    yield Sample(catalogue.SLO_GOOD_EVENTS, labels, _number(good))


def _compliance(layout: Layout, place: int, window: str, extract: Extract) -> Iterator[Sample]:
    name = layout.objectives[place].name
    for version, events, good in extract.of(place):
        text = "" if version is None else layout.versions.text(version)
        if 0 < events < math.inf:
            yield Sample(catalogue.SLO_COMPLIANCE, (layout.model.name, text, name, window), good / events)


def _budget(layout: Layout, place: int, extract: Extract) -> Iterator[Sample]:
    _, events, good = next(extract.of(place))
    objective = layout.objectives[place]
    if 0 < events < math.inf:
        left = 1.0 - (events - good) / ((1.0 - objective.slo.objective) * events)
        yield Sample(catalogue.SLO_ERROR_BUDGET, (layout.model.name, objective.name), left)


def _limits(start: int | None, end: int | None) -> tuple[int, int]:
    assert start is not None  # an objective is shown in windows of time only
    assert end is not None
    return start, end


def _number(value: float) -> float:
    """Return whole numbers as such: most counters count."""
    return int(value) if value.is_integer() else value
