"""What makes the alerts on quality fire: bounds on the bad side of thresholds."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, Series, constant, during, series
from rules.testing.specification import Case, Fires, Specification

_LAST = 90
_START, _END = 5, 40
_DAY = {"window": "1d"}
_LOW, _HIGH = "min", "max"
# Name to a figure that it is about, one that it is not about, and its severities.
_LEVELS = {
    "MLLowModelAccuracy": ("accuracy", ("f1", "calibration_error"), ("warning", "critical", "emergency")),
    "MLModelQualityLow": ("roc_auc", ("accuracy", "calibration_error"), ("warning", "critical", "emergency")),
    "MLCalibrationPoor": ("calibration_error", ("accuracy", "roc_auc"), ("warning", "critical")),
}
_LEAST = {"warning": 0.8, "critical": 0.7, "emergency": 0.6}
_MOST = {"warning": 0.2, "critical": 0.3, "emergency": 0.4}


def specifications() -> tuple[Specification, ...]:
    levels = tuple(
        Specification(name, _levels(metric, others, severities), _LAST)
        for name, (metric, others, severities) in _LEVELS.items()
    )
    return (
        *levels,
        Specification("MLSegmentQualityLow", _segments(), _LAST),
    )


def _figure(metric: str, lower: str, upper: str, bound: str, **labels: str) -> tuple[Series, ...]:
    """Return a figure's bounds, and thresholds on one side of it."""
    where = {"metric": metric, **_DAY, **labels}
    thresholds = _LEAST if bound == _LOW else _MOST
    return (
        series(catalogue.QUALITY_LOWER, lower, **where),
        series(catalogue.QUALITY_UPPER, upper, **where),
        *(
            series(catalogue.QUALITY_THRESHOLD, constant(value, _LAST), severity=severity, bound=bound, **where)
            for severity, value in thresholds.items()
        ),
    )


def _falls(metric: str, to: float = 0.5, /, **labels: str) -> tuple[Series, ...]:
    """Return a figure of which more is better, and that falls for a while: the upper end of its interval counts."""
    return _figure(metric, constant(0.3, _LAST), during(_START, _END, to, 0.95, _LAST), _LOW, **labels)


def _rises(metric: str, to: float = 0.5, /, **labels: str) -> tuple[Series, ...]:
    return _figure(metric, during(_START, _END, to, 0.05, _LAST), constant(0.6, _LAST), _HIGH, **labels)


def _due(severities: tuple[str, ...], metric: str, end: int = _END, /, **labels: str) -> tuple[Fires, ...]:
    return tuple(
        Fires(severity, _START, end, {"metric": metric, **_DAY, **labels}, value="0.5") for severity in severities
    )


def _levels(metric: str, others: tuple[str, str], severities: tuple[str, ...]) -> tuple[Case, ...]:
    due = _due(severities, metric)
    vanishing = during(_START, _END, 0.5, GONE, _LAST)
    both = (*_figure(metric, constant(0.3, _LAST), constant(0.9, _LAST), _LOW), *_limits_above(metric))
    return (
        Case("breach", _falls(metric), due),
        Case("rises", _rises(metric), due),
        Case("healthy", (*_falls(metric, 0.9), *_rises(others[0], 0.9), *_falls(others[1]))),
        Case("between", _falls(metric, 0.75), due[:1]),
        Case("rises_a_little", _rises(metric, 0.25), due[:1]),
        Case("at_critical", _falls(metric, 0.7), due[:1]),
        Case("at_critical_from_above", _rises(metric, 0.3), due[:1]),
        Case("at_emergency", _falls(metric, 0.6), due[:2]),
        Case("at_emergency_from_above", _rises(metric, 0.4), due[:2]),
        Case("at_warning", _falls(metric, 0.8)),
        Case("at_warning_from_above", _rises(metric, 0.2)),
        Case("between_bounds", both),
        Case("no_data", _falls(metric)[2:]),
        Case("no_threshold", _falls(metric)[:2]),
        Case("vanishes", _figure(metric, constant(0.3, _LAST), vanishing, _LOW), due),
        Case(
            "too_short",
            _figure(metric, constant(0.3, _LAST), during(5, 9, 0.5, 0.9, _LAST), _LOW),
            _due(severities, metric, 9),
        ),
        Case("of_a_segment", _falls(metric, segment_by="country", segment="NL")),
        *_versions_apart(metric, severities),
    )


def _versions_apart(metric: str, severities: tuple[str, ...]) -> tuple[Case, ...]:
    """Return cases of single versions, which count where there are several, and of two exporters."""
    return (
        Case("of_the_only_version", (*_falls(metric, model_version="2"), *_versions(1))),
        Case(
            "of_the_only_version_twice",
            (*_falls(metric, model_version="2"), *_versions(1), *_versions(1, instance="b:9108")),
        ),
        Case(
            "of_a_version",
            (*_falls(metric, model_version="2"), *_versions(2)),
            _due(severities, metric, model_version="2"),
        ),
        Case(
            "of_a_version_that_rises",
            (*_rises(metric, model_version="2"), *_versions(2)),
            _due(severities, metric, model_version="2"),
        ),
        Case("version_at_warning", (*_falls(metric, 0.8, model_version="2"), *_versions(2))),
        Case("version_at_warning_from_above", (*_rises(metric, 0.2, model_version="2"), *_versions(2))),
        Case("version_at_critical", (*_falls(metric, 0.7, model_version="2"), *_versions(2)), _first_of(metric)),
        Case(
            "version_at_critical_from_above",
            (*_rises(metric, 0.3, model_version="2"), *_versions(2)),
            _first_of(metric),
        ),
        Case("version_at_emergency", (*_falls(metric, 0.6, model_version="2"), *_versions(2)), _first_of(metric, 2)),
        Case(
            "version_at_emergency_from_above",
            (*_rises(metric, 0.4, model_version="2"), *_versions(2)),
            _first_of(metric, 2),
        ),
        Case(
            "of_a_version_twice",
            tuple(
                Series(each.metric, each.samples, {**each.labels, "instance": instance})
                for instance in ("a:9108", "b:9108")
                for each in (*_falls(metric, model_version="2"), *_rises(metric, model_version="3"), *_versions(2))
            ),
            (*_due(severities, metric, model_version="2"), *_due(severities, metric, model_version="3")),
        ),
        Case(
            "rises_twice",
            tuple(
                Series(each.metric, each.samples, {**each.labels, "instance": instance})
                for instance in ("a:9108", "b:9108")
                for each in _rises(metric)
            ),
            _due(severities, metric),
        ),
        # There are two versions in another window, and one in the one that is bad.
        Case("of_a_former_version", (*_falls(metric, model_version="2"), *_versions(1), *_versions(2, "7d"))),
    )


def _first_of(metric: str, number: int = 1) -> tuple[Fires, ...]:
    return _due(("warning", "critical")[:number], metric, model_version="2")


def _limits_above(metric: str) -> tuple[Series, ...]:
    """Return a threshold on the other side of a figure: between the two it is fine."""
    where = {"metric": metric, **_DAY}
    return tuple(
        series(catalogue.QUALITY_THRESHOLD, constant(0.95, _LAST), severity=severity, bound=_HIGH, **where)
        for severity in _LEAST
    )


def _versions(number: int, window: str = "1d", /, **labels: str) -> tuple[Series, ...]:
    """Return the requests of versions, and of one more that has had none."""
    return tuple(
        series(
            catalogue.WINDOW_REQUESTS,
            constant(version <= number, _LAST),
            window=window,
            model_version=str(version) if version else "",
            **labels,
        )
        for version in range(number + 2)
    )


def _segments() -> tuple[Case, ...]:
    where = {"segment_by": "country", "segment": "NL"}
    due = _due(("warning",), "accuracy", **where)
    other = {"segment_by": "country", "segment": "BE"}
    return (
        Case("breach", _falls("accuracy", **where), due),
        Case("rises", _rises("log_loss", **where), _due(("warning",), "log_loss", **where)),
        Case("healthy", _falls("accuracy", 0.9, **where)),
        Case("at_the_threshold", _falls("accuracy", 0.8, **where)),
        Case("at_the_threshold_from_above", _rises("log_loss", 0.2, **where)),
        Case("just_above", _rises("log_loss", 0.25, **where), _due(("warning",), "log_loss", **where)),
        Case("just_below", _falls("accuracy", 0.75, **where), due),
        Case(
            "two",
            (*_falls("accuracy", **where), *_falls("accuracy", **other)),
            (*due, *_due(("warning",), "accuracy", **other)),
        ),
        Case(
            "between_bounds",
            tuple(
                Series(each.metric, each.samples, {**each.labels, **where})
                for each in (
                    *_figure("accuracy", constant(0.3, _LAST), constant(0.9, _LAST), _LOW),
                    *_limits_above("accuracy"),
                )
            ),
        ),
        Case("of_all", _falls("accuracy")),
        Case("of_a_version", (*_falls("accuracy", model_version="2", **where), *_versions(2))),
        Case("no_data", _falls("accuracy", **where)[2:]),
    )
