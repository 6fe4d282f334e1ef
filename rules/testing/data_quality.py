"""What makes the alerts on data quality fire: shares above their thresholds, of rows enough."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, Series, constant, during, level, series
from rules.testing.specification import Case, Fires, Specification

_LAST = 90
_START, _END = 5, 40
_AGE = {"feature_name": "age", "window": "1d"}
_CHECKS = {
    "MLMissingValues": ("missing", ("warning", "critical")),
    "MLOutOfRangeValues": ("out_of_range", ("warning",)),
    "MLUnseenCategories": ("unseen_category", ("warning",)),
    "MLSchemaViolation": ("invalid", ("warning", "critical")),
}
# Thresholds that no two severities share.
_THRESHOLDS = {"warning": 0.05, "critical": 0.2}


def specifications() -> tuple[Specification, ...]:
    return tuple(Specification(name, _cases(check, severities), _LAST) for name, (check, severities) in _CHECKS.items())


def _figures(check: str, share: str, rows: float = 200, **labels: str) -> tuple[Series, ...]:
    """Return a feature's share and what it is held against."""
    where = {**_AGE, **labels}
    return (
        series(catalogue.DATA_QUALITY_RATIO, share, check=check, **where),
        series(catalogue.DATA_QUALITY_ROWS, constant(rows, _LAST), **where),
        *(
            series(catalogue.DATA_QUALITY_THRESHOLD, constant(most, _LAST), check=check, severity=severity, **where)
            for severity, most in _THRESHOLDS.items()
        ),
    )


def _bad(share: float = 0.4) -> str:
    return during(_START, _END, share, 0.01, _LAST)


def _fires(*severities: str, value: float = 0.4, **labels: str) -> tuple[Fires, ...]:
    return tuple(Fires(severity, _START, _END, {**_AGE, **labels}, value=f"{value:.4g}") for severity in severities)


def _cases(check: str, severities: tuple[str, ...]) -> tuple[Case, ...]:
    other = "out_of_range" if check != "out_of_range" else "missing"
    stale = level((_START, 0.01), (20, 0.4), (_LAST, GONE))
    return (
        Case("breach", _figures(check, _bad()), _fires(*severities)),
        Case("between", _figures(check, _bad(0.1)), _fires("warning")),
        Case("at_critical", _figures(check, _bad(0.2)), _fires("warning")),
        Case("at_the_threshold", _figures(check, _bad(0.05))),
        Case("healthy", _figures(check, constant(0.01, _LAST))),
        Case("too_few_rows", _figures(check, _bad(), rows=199)),
        Case("no_data", _figures(check, constant(0.01, _LAST))[1:]),
        Case("vanishes", _figures(check, during(_START, _END, 0.4, GONE, _LAST)), _fires(*severities)),
        Case(
            "stale",
            _figures(check, stale),
            tuple(Fires(severity, _START, _START + 20, _AGE) for severity in severities),
        ),
        Case("too_short", _figures(check, during(5, 15, 0.4, 0.01, _LAST)), _short(severities)),
        Case("another_check", (*_figures(other, _bad()), *_figures(check, constant(0.01, _LAST)))),
        Case("of_a_version", _figures(check, _bad(), model_version="2")),
        Case(
            "a_new_version",
            (*_figures(check, _bad()), *_figures(check, level((20, 0.4), (60, GONE)), model_version="1")),
            _fires(*severities),
        ),
        # What has rows enough is fine; what is bad has too few of them.
        Case("rows_of_another_feature", _of_two(check, feature_name="income")),
        Case("rows_of_another_window", _of_two(check, window="7d")),
    )


def _short(severities: tuple[str, ...]) -> tuple[Fires, ...]:
    return tuple(Fires(severity, 5, 15, _AGE) for severity in severities)


def _of_two(check: str, **other: str) -> tuple[Series, ...]:
    return (*_figures(check, _bad(), rows=50), *_figures(check, constant(0.01, _LAST), rows=500, **other))
