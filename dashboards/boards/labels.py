"""Panels about labels: quality is only as fresh as they are."""

from __future__ import annotations

from dashboards.figures import limit, quantile
from dashboards.panels.colour import CURRENT, GOOD, Word
from dashboards.panels.panel import Panel, Query, coloured, named
from dashboards.panels.states import StateTimeline
from dashboards.panels.time_series import TimeSeries, limits_by_severity
from dashboards.variables import ONE, SETTINGS
from exporter import catalogue
from exporter.catalogue import Metric
from rules.promql import combined, select, total

_WINDOW = 'window="$window"'


def _select(metric: Metric) -> str:
    return select(SETTINGS, metric, ONE, _WINDOW, model_version="")


def panels() -> tuple[Panel, ...]:
    labels = select(SETTINGS, catalogue.LABELS, ONE)
    state = _select(catalogue.QUALITY_STATE)
    states = combined("max", ("state",), f"{state} == 1")
    return (
        TimeSeries(
            number=41,
            title="Label coverage",
            description="Share of the window's predictions that have a label, with its limit. Below it quality rests on a part that may not be like the rest.",
            queries=(
                Query(combined("min", (), _select(catalogue.LABEL_COVERAGE)), "coverage"),
                Query(limit("label_coverage", ONE), "limit, {{severity}}"),
            ),
            width=6,
            unit="percentunit",
            minimum=0,
            maximum=1,
            overrides=(named("coverage", color=coloured(CURRENT)), *limits_by_severity()),
            alerts=("MLLabelCoverageLow",),
        ),
        TimeSeries(
            number=42,
            title="Label delay",
            description="Time from a prediction to its label, of the labels that came lately. Until then nobody knows whether it was right.",
            queries=tuple(
                Query(quantile(catalogue.LABEL_DELAY, q, ONE), name) for q, name in ((0.5, "half"), (0.9, "90 %"))
            ),
            width=6,
            unit="s",
            minimum=0,
            alerts=("MLLabelDelayHigh",),
        ),
        TimeSeries(
            number=43,
            title="Labels by outcome",
            description="Joined: a prediction's first. Orphan: no prediction waits for it; many of them mean that ids differ.",
            queries=(Query(total(SETTINGS, ("outcome",), f"rate({labels}[$__rate_interval])"), "{{outcome}}"),),
            width=6,
            unit="rowsps",
            minimum=0,
        ),
        StateTimeline(
            number=44,
            title="What is known when",
            description="Whether the window had labels enough (known), was waiting for them, or missed them (overdue): then look for what brings them.",
            queries=(Query(states, "{{state}}"),),
            width=6,
            words={1: Word("Yes", GOOD)},
            alerts=("MLQualityUnknown",),
        ),
    )
