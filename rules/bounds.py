"""What values the series of a selector can have, as the catalogue says: of one metric, method or limit, if it names one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from promql_parser import VectorSelector

from exporter.catalogue import DRIFT_METHODS, LIMITS, QUALITY_METRICS, Metric
from rules import syntax
from rules.intervals import ALL, Interval
from rules.series import Bounds, known


def by_catalogue(selector: VectorSelector) -> Interval:
    """Return what the catalogue says of a selector's values."""
    name = syntax.name_of(selector)
    series = known().get(name)
    if series is None:
        return ALL
    if name.endswith("_info"):
        return Interval(1.0, 1.0)
    if name in _ABOVE_ZERO:
        return Interval(0.0, math.inf, above=True)
    said = _by_value(series.family, selector) if series.family is not None else None
    return interval_of(said if said is not None and name == series.family.name else series.bounds)  # type: ignore[union-attr]


def interval_of(bounds: Bounds) -> Interval:
    low, high = bounds
    return Interval(-math.inf if low is None else low, math.inf if high is None else high)


def _by_value(family: Metric, selector: VectorSelector) -> Bounds | None:
    """Return the bounds of the one metric, method or limit that the selector names."""
    for label, bounds in (("metric", _QUALITY), ("limit", _LIMIT), ("method", DRIFT_METHODS)):
        value = equal_to(selector, label)
        if (label in family.labels and value in bounds and family.name not in _OF_NO_BOUNDS) and (
            label != "method" or family.name in ("ml_drift_score", "ml_drift_threshold")
        ):
            return bounds[value]
    return None


def equal_to(selector: VectorSelector, label: str) -> str:
    """Return the value that a matcher wants a label to have, "" where none does."""
    for matcher in selector.matchers.matchers:
        if matcher.name == label and str(matcher.op).endswith(".Equal"):
            return str(matcher.value)
    return ""


# What cannot be 0, as the configuration refuses it, or as it would be no machine.
_ABOVE_ZERO = frozenset(
    {
        "ml_drift_threshold",
        "ml_slo_latency_limit_seconds",
        "ml_slo_period_seconds",
        "ml_exporter_series_limit",
        "node_memory_MemTotal_bytes",
        "process_start_time_seconds",
        "node_filesystem_size_bytes",
    }
)
_QUALITY: Mapping[str, Bounds] = {metric.name: metric.bounds for metric in QUALITY_METRICS}
_LIMIT: Mapping[str, Bounds] = {limit.name: limit.bounds for limit in LIMITS}
# Thresholds of a method may lie above what it can come to, and of a metric outside what it can be.
_OF_NO_BOUNDS = frozenset({"ml_quality_threshold", "ml_quality_rows", "ml_drift_threshold"})
