"""The figures of one model, to be looked up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from exporter import catalogue
from exporter.catalogue import Metric
from exporter.durations import DurationError, parse_duration
from exporter.snapshot import Sample

Labels = tuple[str, ...]

# Of each version, too: rules judge these version by version where there are several.
OF_VERSIONS = (
    catalogue.WINDOW_REQUESTS,
    catalogue.QUALITY_LOWER,
    catalogue.QUALITY_UPPER,
    catalogue.QUALITY_THRESHOLD,
    catalogue.SLO_EVENTS,
    catalogue.SLO_GOOD_EVENTS,
)
READ = (
    *OF_VERSIONS,
    catalogue.ERROR_RATIO,
    catalogue.LATENCY,
    catalogue.DRIFT_SCORE,
    catalogue.DRIFT_THRESHOLD,
    catalogue.DRIFT_ROWS,
    catalogue.DATA_QUALITY_RATIO,
    catalogue.DATA_QUALITY_THRESHOLD,
    catalogue.DATA_QUALITY_ROWS,
    catalogue.QUALITY,
    catalogue.QUALITY_STATE,
    catalogue.QUALITY_BASELINE,
    catalogue.QUALITY_ROWS,
    catalogue.LABEL_COVERAGE,
    catalogue.SLO_OBJECTIVE,
    catalogue.SLO_LATENCY_LIMIT,
    catalogue.SLO_PERIOD,
    catalogue.SLO_COMPLIANCE,
    catalogue.SLO_ERROR_BUDGET,
    catalogue.MODEL_INFO,
    catalogue.MODEL_TRAINED,
    catalogue.REFERENCE_ROWS,
    catalogue.LIMIT,
)
"""What is read of a page."""


class Figures:
    """The values of samples, by metric and labels; histograms are left out. ``model`` is whose they are."""

    def __init__(self, model: str, samples: Iterable[Sample]) -> None:
        self.model = model
        found: dict[Metric, list[tuple[Labels, float]]] = {}
        for metric, labels, value, _ in samples:
            if not isinstance(value, tuple):
                found.setdefault(metric, []).append((labels, value))
        # A page is in order window by window only, and of equals the first is shown.
        self._tables = {metric: dict(sorted(series)) for metric, series in found.items()}

    def table(self, metric: Metric) -> Mapping[Labels, float]:
        """Return all values of a metric, by the values of its labels in the metric's order, which they are sorted by."""
        return self._tables.get(metric, {})

    def value(self, metric: Metric, /, **labels: str) -> float | None:
        """Return the value of one series, labels that are not named being absent."""
        stated = {"model_name": self.model, **labels}
        return self.table(metric).get(tuple(stated.get(name, "") for name in metric.labels))

    def where(self, metric: Metric, /, **labels: str) -> Iterator[tuple[dict[str, str], float]]:
        """Yield labels and value of the series that have these labels, whatever others they have."""
        places = [(metric.labels.index(name), value) for name, value in labels.items()]
        for values, figure in self.table(metric).items():
            if all(values[place] == value for place, value in places):
                yield dict(zip(metric.labels, values, strict=True)), figure

    def limits(self, limit: str) -> dict[str, float]:
        """Return a configured limit by severity."""
        return {labels["severity"]: value for labels, value in self.where(catalogue.LIMIT, limit=limit)}

    @cached_property
    def windows(self) -> list[str]:
        """Return the model's windows of time that end about now, the shortest one first."""
        names = {labels["window"] for labels, _ in self.where(catalogue.WINDOW_REQUESTS, model_version="")}
        return sorted((name for name in names if length_of(name) is not None), key=lambda name: length_of(name) or 0)

    @cached_property
    def judged_windows(self) -> list[str]:
        """Return those that have thresholds, or a say in whether labels are due."""
        windows = {
            labels["window"]
            for metric in (catalogue.DRIFT_THRESHOLD, catalogue.QUALITY_STATE, catalogue.DATA_QUALITY_THRESHOLD)
            for labels, _ in self.where(metric, model_version="")
        }
        return [name for name in self.windows if name in windows]

    @cached_property
    def main_window(self) -> str:
        """Return the window to show where one is to be shown: the longest that is judged, or else the longest; or none."""
        return next(reversed(self.judged_windows or self.windows or [""]))


def length_of(window: str) -> float | None:
    """Return the seconds of a window; None for one that is no stretch of time that ends about now.

    >>> [length_of(window) for window in ("1h", "all", "1000rows", "1h_previous")]
    [3600.0, None, None, None]
    """
    try:
        return parse_duration(window) / 1e6
    except DurationError:
        return None


def multiple_of(value: float, threshold: float) -> float:
    """Return a value as a multiple of its threshold, as PromQL divides.

    >>> multiple_of(1, 2), multiple_of(1, 0), multiple_of(0, 0)
    (0.5, inf, 0.0)
    """
    if threshold:
        return value / threshold
    return math.inf if value > 0 else 0.0
