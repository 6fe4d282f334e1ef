"""Scores against their thresholds: each column by its worst method, then the share of features that have drifted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from exporter import catalogue
from exporter.catalogue import SEVERITIES
from exporter.web.status.figures import Figures, multiple_of
from exporter.web.status.judging.quality import better_windows
from exporter.web.status.level import Finding, Level, of_severity
from exporter.web.status.wording import cut, many, number, share, times

_PLACE = "drift"
_FEWEST_DRIFTED = 2
# Which severities are alerted, by kind; those of a feature page nobody.
_ALERTED = {
    "data": ("info", "warning"),
    "prediction": ("warning",),
    "score": ("warning",),
    "label": ("warning",),
    "concept": ("warning", "critical"),
}
_ALERTS = {
    "data": "MLDataDriftDetected",
    "prediction": "MLPredictionDriftDetected",
    "score": "MLPredictionDriftDetected",
    "label": "MLLabelDriftDetected",
    "concept": "MLConceptDriftDetected",
}


class Excess(NamedTuple):
    """A score as a multiple of a threshold, and which score it is."""

    multiple: float
    method: str
    window: str
    reference: str
    score: float


@dataclass(slots=True)
class ColumnDrift:
    """How far a column is from its reference, by the method, window and reference that are worst.

    ``multiple`` is the score over the threshold of severity ``warning``, or of the mildest there is; None where nothing
    is judged. ``excess`` has, by severity, the score that is worst by that severity's thresholds. ``rows`` are by window.
    """

    kind: str
    feature: str
    multiple: float | None = None
    method: str = ""
    window: str = ""
    reference: str = ""
    score: float | None = None
    threshold: float | None = None
    excess: dict[str, Excess] = field(default_factory=dict)
    rows: dict[str, float] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """The worst level of which an alert speaks."""
        over = [
            of_severity(name) for name in _ALERTED[self.kind] if name in self.excess and self.excess[name].multiple > 1
        ]
        if over:
            return max(over)
        return Level.UNKNOWN if self.multiple is None else Level.WELL


def drift_of(figures: Figures) -> list[ColumnDrift]:
    """Return every column that has a reference, the most drifted first, those without a verdict at the end."""
    found: dict[tuple[str, str], ColumnDrift] = {}
    for (_, version, kind, feature, _, window), rows in figures.table(catalogue.DRIFT_ROWS).items():
        if not version and kind in _ALERTED:
            found.setdefault((kind, feature), ColumnDrift(kind, feature)).rows[window] = rows
    thresholds, better = figures.table(catalogue.DRIFT_THRESHOLD), better_windows(figures)
    for labels, score in figures.table(catalogue.DRIFT_SCORE).items():
        model, version, kind, feature, method, reference, window = labels
        if version or kind not in _ALERTED:
            continue
        column = found.setdefault((kind, feature), ColumnDrift(kind, feature))
        limits = [
            (severity, thresholds.get((model, version, kind, feature, method, reference, severity, window)))
            for severity in SEVERITIES
        ]
        stated = [(name, at) for name, at in limits if at is not None]
        _hold_against(column, (method, window, reference), score, stated, is_better=window in better)
    return sorted(found.values(), key=_order)


def _hold_against(
    column: ColumnDrift,
    about: tuple[str, str, str],
    score: float,
    limits: list[tuple[str, float]],
    *,
    is_better: bool,
) -> None:
    if not limits:
        if column.score is None:
            # Better than nothing, until a window that is judged comes along.
            column.method, column.window, column.reference = about
            column.score = score
        return
    for severity, threshold in limits:
        if is_better and severity == "critical":
            continue  # nobody is woken for a change to the better
        excess = Excess(multiple_of(score, threshold), *about, score)
        before = column.excess.get(severity, excess)
        column.excess[severity] = excess if excess.multiple > before.multiple else before
    threshold = dict(limits).get("warning", limits[0][1])
    multiple = multiple_of(score, threshold)
    if column.multiple is None or multiple > column.multiple:
        column.multiple, column.score, column.threshold = multiple, score, threshold
        column.method, column.window, column.reference = about


def _order(column: ColumnDrift) -> tuple[float, str]:
    return (-column.multiple if column.multiple is not None else 1.0, column.feature)


def drifted_shares(figures: Figures) -> list[tuple[str, str, int, int]]:
    """Return reference, window, features above the threshold of severity ``warning``, and features that are judged."""
    judged: dict[tuple[str, str], set[str]] = {}
    drifted: dict[tuple[str, str], set[str]] = {}
    scores = figures.table(catalogue.DRIFT_SCORE)
    for labels, threshold in figures.table(catalogue.DRIFT_THRESHOLD).items():
        model, version, kind, feature, method, reference, severity, window = labels
        if version or kind != "data" or severity != "warning":
            continue
        judged.setdefault((reference, window), set()).add(feature)
        score = scores.get((model, version, kind, feature, method, reference, window))
        if score is not None and multiple_of(score, threshold) > 1:
            drifted.setdefault((reference, window), set()).add(feature)
    return [(*level, len(drifted.get(level, ())), len(features)) for level, features in sorted(judged.items())]


def findings(figures: Figures, columns: Iterable[ColumnDrift]) -> Iterator[Finding]:
    yield from _of_columns(columns)
    yield from _of_shares(figures)


def _of_columns(columns: Iterable[ColumnDrift]) -> Iterator[Finding]:
    for column in columns:
        if not column.level.is_bad:
            continue
        severity = column.level.key
        worst = column.excess[severity]
        detail = (
            f"Over {worst.window} it is {times(worst.multiple)} its {severity} threshold away from"
            f" {cut(worst.reference)} ({worst.method} {number(worst.score)})."
        )
        yield Finding(
            column.level, f"{title_of(column)} drifted", detail, _ALERTS[column.kind], _PLACE, cut(column.feature)
        )


def title_of(column: ColumnDrift) -> str:
    """Return what a column is called: a feature by its name."""
    names = {"prediction": "Prediction", "score": "Score", "label": "Label", "concept": "Concept"}
    return names.get(column.kind) or f"Feature {cut(column.feature)}"


def _of_shares(figures: Figures) -> Iterator[Finding]:
    limits, better = figures.limits("drifted_feature_share"), better_windows(figures)
    worst: Counter[str] = Counter()
    for reference, window, drifted, features in drifted_shares(figures):
        over = [
            of_severity(severity)
            for severity, limit in limits.items()
            if drifted >= _FEWEST_DRIFTED
            and drifted / features > limit
            and not (severity == "critical" and window in better)
        ]
        if over and max(over) > worst["level"]:
            worst["level"] = max(over)
            detail = f"{drifted} of {many(features, 'feature')} ({share(drifted / features)}) over {window}, against {cut(reference)}."
            yield Finding(max(over), "Many features drifted at once", detail, "MLDriftedFeatureShareHigh", _PLACE)
