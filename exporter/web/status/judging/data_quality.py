"""Shares of values that fail a check, against their thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from exporter import catalogue
from exporter.web.status.figures import Figures
from exporter.web.status.level import Finding, Level, of_severity
from exporter.web.status.wording import cut, share

_PLACE = "features"
_FEWEST_ROWS = 200
_ALERTED = {
    "missing": ("MLMissingValues", ("warning", "critical")),
    "out_of_range": ("MLOutOfRangeValues", ("warning",)),
    "unseen_category": ("MLUnseenCategories", ("warning",)),
    "invalid": ("MLSchemaViolation", ("warning", "critical")),
}
WORDS = {
    "missing": "missing",
    "out_of_range": "out of range",
    "unseen_category": "of unseen categories",
    "invalid": "of the wrong type",
}


class Check(NamedTuple):
    """A share of a feature's values that fail a check; ``threshold`` is the worst one passed, or else the mildest there is."""

    feature: str
    check: str
    window: str
    share: float
    threshold: float | None
    level: Level


def checks_of(figures: Figures) -> dict[str, list[Check]]:
    """Return, by feature, each check in the window that is worst; of a window that is judged, where there is one."""
    found: dict[tuple[str, str], Check] = {}
    thresholds = figures.table(catalogue.DATA_QUALITY_THRESHOLD)
    judged = figures.judged_windows or figures.windows
    for (model, version, check, feature, window), ratio in figures.table(catalogue.DATA_QUALITY_RATIO).items():
        if version or window not in judged:
            continue
        limits = {
            severity: thresholds.get((model, "", check, feature, severity, window))
            for severity in ("warning", "critical")
        }
        rows = figures.table(catalogue.DATA_QUALITY_ROWS).get((model, "", feature, window), 0.0)
        level = _level(check, ratio, limits, rows)
        threshold = limits[level.key] if level.is_bad else limits["warning"]
        each = Check(feature, check, window, ratio, threshold, level)
        before = found.get((feature, check))
        if before is None or (each.level, each.share) > (before.level, before.share):
            found[feature, check] = each
    by_feature: dict[str, list[Check]] = {}
    for each in found.values():
        by_feature.setdefault(each.feature, []).append(each)
    return by_feature


def _level(check: str, ratio: float, limits: dict[str, float | None], rows: float) -> Level:
    stated = {severity: limit for severity, limit in limits.items() if limit is not None}
    if not stated:
        return Level.UNKNOWN
    _, severities = _ALERTED[check]
    over = (of_severity(name) for name, limit in stated.items() if name in severities and ratio > limit)
    return max(over, default=Level.WELL) if rows >= _FEWEST_ROWS else Level.WELL


def findings(checks: Iterable[Check]) -> Iterator[Finding]:
    for check in checks:
        if check.level.is_bad and check.threshold is not None:
            alert, _ = _ALERTED[check.check]
            detail = (
                f"{share(check.share)} of its values over {check.window} are {WORDS[check.check]}; the threshold is"
                f" {share(check.threshold)}."
            )
            what = f"Feature {cut(check.feature)}: values {WORDS[check.check]}"
            yield Finding(check.level, what, detail, alert, _PLACE, cut(check.feature))
