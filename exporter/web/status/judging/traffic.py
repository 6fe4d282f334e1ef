"""Errors and latency of the moment, against the limits of each severity.

Rules follow counters minute by minute; here the shortest window of time is the moment, and for logs that come in drops
the worst one.
"""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.web.status.figures import Figures
from exporter.web.status.level import Finding, Level, of_severity
from exporter.web.status.wording import number, seconds, share

_PLACE = "traffic"
_FEWEST_ERRORS = 5
_FEWEST_REQUESTS = 100
# An objective that lets more than a twentieth be slow says nothing about the 95th percentile.
_STRICT = 0.95


def comes_in_drops(figures: Figures) -> bool:
    info = figures.where(catalogue.SOURCE_INFO, source="predictions", delivery="batch")
    return next(info, None) is not None


def windows_of_the_moment(figures: Figures) -> list[str]:
    windows = figures.windows
    return windows if comes_in_drops(figures) else windows[:1]


def latency_objective(figures: Figures) -> float | None:
    """Return the seconds that the strictest objective on latency allows."""
    strict = {slo for (_, slo), ratio in figures.table(catalogue.SLO_OBJECTIVE).items() if ratio >= _STRICT}
    limits = (limit for (_, slo), limit in figures.table(catalogue.SLO_LATENCY_LIMIT).items() if slo in strict)
    return min(limits, default=None)


def findings(figures: Figures) -> Iterator[Finding]:
    for judge in (_errors, _latency):
        found = [finding for window in windows_of_the_moment(figures) if (finding := judge(figures, window))]
        if found:
            yield max(found, key=lambda finding: finding.level)


def _errors(figures: Figures, window: str) -> Finding | None:
    ratio = figures.value(catalogue.ERROR_RATIO, window=window)
    requests = figures.value(catalogue.WINDOW_REQUESTS, window=window) or 0.0
    if ratio is None or ratio * requests < _FEWEST_ERRORS:
        return None
    limits = figures.limits("error_ratio")
    level = _worst(ratio, limits)
    if level is Level.WELL:
        return None
    is_outage = level is Level.EMERGENCY
    detail = (
        f"{share(ratio)} of {number(requests)} requests over {window} ended in a server error (5xx); the limit is"
        f" {share(limits[level.key])}."
    )
    what = "Hardly any request is answered" if is_outage else "Many requests end in an error"
    return Finding(level, what, detail, "MLOutage" if is_outage else "MLHighErrorRate", _PLACE)


def _latency(figures: Figures, window: str) -> Finding | None:
    latency = figures.value(catalogue.LATENCY, q="0.95", window=window)
    objective = latency_objective(figures)
    requests = figures.value(catalogue.WINDOW_REQUESTS, window=window) or 0.0
    if latency is None or not objective or requests < _FEWEST_REQUESTS:
        return None
    limits = figures.limits("latency_ratio")
    level = _worst(latency / objective, {name: limits[name] for name in limits if name in {"warning", "critical"}})
    if level is Level.WELL:
        return None
    detail = (
        f"The 95th percentile over {window} is {seconds(latency)}, {number(latency / objective)} times the objective of"
        f" {seconds(objective)}; the limit is {number(limits[level.key])} times."
    )
    return Finding(level, "Answers are slow", detail, "MLHighLatencyP95", _PLACE)


def _worst(value: float, limits: dict[str, float]) -> Level:
    return max((of_severity(name) for name, limit in limits.items() if value > limit), default=Level.WELL)
