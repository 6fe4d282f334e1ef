"""Bounds of quality figures against their thresholds, and whether labels are there to judge by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from exporter import catalogue
from exporter.catalogue import OVERDUE, QUALITY_STATES, WAITING
from exporter.web.status.figures import Figures
from exporter.web.status.level import Finding, Level, of_severity
from exporter.web.status.wording import cut, number, share

_PLACE = "quality"
_FEWEST_IN_WINDOW = 30
_CALIBRATION = "calibration_error"
_ERRORS = ("mae", "brier")
_ALERTED = {
    "MLLowModelAccuracy": ("warning", "critical", "emergency"),
    "MLModelQualityLow": ("warning", "critical", "emergency"),
    "MLCalibrationPoor": ("warning", "critical"),
    "MLSegmentQualityLow": ("warning",),
}


class Breach(NamedTuple):
    """A bound that is worse than a threshold: the upper one than a ``min``, the lower one than a ``max``."""

    version: str
    metric: str
    segment_by: str
    segment: str
    window: str
    severity: str
    bound: str
    value: float
    threshold: float

    @property
    def alert(self) -> str:
        if self.segment:
            return "MLSegmentQualityLow"
        return {"accuracy": "MLLowModelAccuracy", _CALIBRATION: "MLCalibrationPoor"}.get(
            self.metric, "MLModelQualityLow"
        )


def breaches(figures: Figures) -> Iterator[Breach]:
    """Yield every bound that is worse than a threshold of a severity that is alerted."""
    bounds = {
        "min": figures.table(catalogue.QUALITY_UPPER),
        "max": figures.table(catalogue.QUALITY_LOWER),
    }
    several = several_versions(figures)
    for labels, threshold in figures.table(catalogue.QUALITY_THRESHOLD).items():
        model, version, metric, segment_by, segment, severity, bound, window = labels
        if version and (segment or window not in several):
            continue
        value = bounds[bound].get((model, version, metric, segment_by, segment, window))
        if value is None or not (value < threshold if bound == "min" else value > threshold):
            continue
        breach = Breach(version, metric, segment_by, segment, window, severity, bound, value, threshold)
        if severity in _ALERTED[breach.alert]:
            yield breach


def better_windows(figures: Figures) -> set[str]:
    """Return the windows whose labels say that the model is better than on the reference, and in nothing worse."""
    upper, lower = figures.table(catalogue.QUALITY_UPPER), figures.table(catalogue.QUALITY_LOWER)
    better = set()
    for labels, baseline in figures.table(catalogue.QUALITY_BASELINE).items():
        _, version, metric, _, segment, window = labels
        if version or segment:
            continue
        fell = metric in _ERRORS and upper.get(labels, math.inf) < baseline
        if fell or (metric == "accuracy" and lower.get(labels, -math.inf) > baseline):
            better.add(window)
    judged = {
        labels["window"] for labels, _ in figures.where(catalogue.QUALITY_THRESHOLD, model_version="", segment="")
    }
    overall = (each for each in breaches(figures) if not each.version and not each.segment)
    return better & judged - {each.window for each in overall if each.severity == "warning"}


def several_versions(figures: Figures) -> set[str]:
    """Return the windows in which more than one version has rows."""
    found: dict[str, int] = {}
    for (_, version, window), rows in figures.table(catalogue.WINDOW_REQUESTS).items():
        found[window] = found.get(window, 0) + (version != "" and rows > 0)
    return {window for window, versions in found.items() if versions > 1}


def label_state(figures: Figures, window: str) -> str:
    """Return the state of a window's labels; nothing where it has none."""
    states = (state for state in QUALITY_STATES if figures.value(catalogue.QUALITY_STATE, state=state, window=window))
    return next(states, "")


def findings(figures: Figures) -> Iterator[Finding]:
    yield from _of_breaches(figures)
    yield from _of_labels(figures)


def _of_breaches(figures: Figures) -> Iterator[Finding]:
    worst: dict[tuple[str, ...], Breach] = {}
    for breach in breaches(figures):
        key = breach[:4]
        if key not in worst or of_severity(breach.severity) > of_severity(worst[key].severity):
            worst[key] = breach
    for breach in worst.values():
        yield _finding(breach)


def _finding(breach: Breach) -> Finding:
    side, relation = ("upper", "below") if breach.bound == "min" else ("lower", "above")
    of_what = f" of version {cut(breach.version)}" if breach.version else ""
    of_what += f" for {cut(breach.segment_by)} {cut(breach.segment)}" if breach.segment else ""
    name = metric_name(breach.metric)
    what = f"{name[:1].upper()}{name[1:]}{of_what} is {'low' if breach.bound == 'min' else 'high'}"
    detail = (
        f"Even the {side} end of its confidence interval over {breach.window}, {number(breach.value)}, is {relation} the"
        f" {breach.severity} threshold of {number(breach.threshold)}."
    )
    return Finding(of_severity(breach.severity), what, detail, breach.alert, _PLACE, breach.metric)


def _of_labels(figures: Figures) -> Iterator[Finding]:
    for window in figures.judged_windows:
        if label_state(figures, window) == OVERDUE:
            detail = (
                f"Too few predictions of {window} have a label, though labels are due: how good it is, nobody knows."
            )
            yield Finding(Level.WARNING, "Labels are overdue", detail, "MLQualityUnknown", _PLACE)
            break
    limit = figures.limits("label_coverage").get("warning")
    for window in figures.judged_windows:
        coverage = figures.value(catalogue.LABEL_COVERAGE, window=window)
        state = figures.value(catalogue.QUALITY_STATE, state=WAITING, window=window)
        requests = figures.value(catalogue.WINDOW_REQUESTS, window=window) or 0.0
        if limit is None or coverage is None or state != 0 or requests < _FEWEST_IN_WINDOW or coverage >= limit:
            continue
        detail = f"{share(coverage)} of the predictions of {window} have a label; at least {share(limit)} should."
        yield Finding(Level.WARNING, "Few predictions get a label", detail, "MLLabelCoverageLow", _PLACE)
        break


def metric_name(metric: str) -> str:
    """Return how a metric of the catalogue is spoken of.

    >>> metric_name("roc_auc"), metric_name("log_loss")
    ('ROC AUC', 'log loss')
    """
    known = {"roc_auc": "ROC AUC", "f1": "F1", "f1_weighted": "F1, weighted", "r2": "R²", "brier": "Brier score"}
    known |= {name: name.upper() for name in ("mae", "rmse", "mape")}
    known |= {"precision_weighted": "precision, weighted", "recall_weighted": "recall, weighted"}
    return known.get(metric) or metric.replace("_", " ")
