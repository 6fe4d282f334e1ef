"""What makes the alerts on drift fire: scores above their thresholds, of one feature, of many, of what a model says."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, Series, constant, during, series
from rules.testing.limits import limits
from rules.testing.specification import Case, Fires, Specification

_LAST = 120
_START, _END = 5, 40
_LEVEL = {"reference": "training", "window": "1d"}
_THRESHOLDS = {"info": 0.125, "warning": 0.25, "critical": 0.5}
# Name to a kind that it is about, one that it is not about, and its severities.
_OUTPUTS = {
    "MLPredictionDriftDetected": ("prediction", "label", ("warning",)),
    "MLLabelDriftDetected": ("label", "prediction", ("warning",)),
    "MLConceptDriftDetected": ("concept", "label", ("warning", "critical")),
}
_DAY = 1440


# What labels say of the window, to a figure of errors that is surely below the reference's: no page for drift.
_FIGURE = {"metric": "mae", "window": "1d"}


def specifications() -> tuple[Specification, ...]:
    outputs = (
        Specification(name, _scores({"kind": kind}, {"kind": other}, severities, {"kind": kind}), _LAST)
        for name, (kind, other, severities) in _OUTPUTS.items()
    )
    age = {"kind": "data", "feature_name": "age"}
    features = _scores(age, {"kind": "label"}, ("info", "warning"), {"feature_name": "age"})
    also = Specification(
        "MLPredictionDriftDetected",
        _scores({"kind": "score"}, {"kind": "data", "feature_name": "age"}, ("warning",), {"kind": "score"}),
        _LAST,
        note="score",
    )
    return (
        Specification("MLDataDriftDetected", features, _LAST),
        *outputs,
        also,
        Specification("MLConceptDriftDetected", _page(), _LAST, note="better"),
        Specification("MLDriftedFeatureShareHigh", _shares(), _LAST),
        Specification("MLDriftThresholdMissing", _no_threshold(), _DAY + 360, sample=30, step=30),
        Specification("MLDriftNotScored", _no_score(), 2 * _DAY + 600, sample=60, step=60),
    )


def _score(score: str, method: str = "psi", /, **labels: str) -> tuple[Series, ...]:
    """Return a score and what it is held against."""
    where = {"method": method, **_LEVEL, **labels}
    return (
        series(catalogue.DRIFT_SCORE, score, **where),
        *(
            series(catalogue.DRIFT_THRESHOLD, constant(value, _LAST), severity=severity, **where)
            for severity, value in _THRESHOLDS.items()
        ),
    )


def _drifts(to: float = 1, /, **labels: str) -> tuple[Series, ...]:
    return _score(during(_START, _END, to, 0.05, _LAST), **labels)


def _scores(
    about: dict[str, str], other: dict[str, str], severities: tuple[str, ...], said: dict[str, str]
) -> tuple[Case, ...]:
    def due(*some: str, end: int = _END, **labels: str) -> tuple[Fires, ...]:
        return tuple(
            Fires(each, _START, end, {**_LEVEL, **said, **labels}, value=f"{1 / _THRESHOLDS[each]:g}") for each in some
        )

    def upto(most: str) -> tuple[str, ...]:
        return tuple(each for each in severities if _THRESHOLDS[each] <= _THRESHOLDS[most])

    fine = _score(constant(0.05, _LAST), **about)
    return (
        Case("breach", _drifts(**about), due(*severities)),
        Case("healthy", fine),
        Case("above_info", _drifts(0.2, **about), due(*upto("info"))),
        Case("above_warning", _drifts(0.3, **about), due(*upto("warning"))),
        Case("at_info", _drifts(0.125, **about)),
        Case("at_warning", _drifts(0.25, **about), due(*upto("info"))),
        Case("at_critical", _drifts(0.5, **about), due(*upto("warning"))),
        Case("one_method", (*_drifts(**about), *_score(constant(0.05, _LAST), "ks", **about)), due(*severities)),
        Case("two_methods", (*_drifts(**about), *_drifts(0.9, method="ks", **about)), due(*severities)),
        Case(
            "two_windows",
            (*_drifts(**about), *_drifts(**{**about, "window": "7d"})),
            (*due(*severities), *due(*severities, window="7d")),
        ),
        Case(
            "two_references",
            (*_drifts(**about), *_drifts(**{**about, "reference": "last_week"})),
            (*due(*severities), *due(*severities, reference="last_week")),
        ),
        Case("another_kind", (*fine, *_drifts(**other))),
        Case("of_a_version", (*fine, *_drifts(**about, model_version="2"))),
        Case("no_threshold", _drifts(**about)[:1]),
        Case(
            "too_few_rows", (*_drifts(**about)[1:], series(catalogue.DRIFT_ROWS, constant(9, _LAST), **_LEVEL, **about))
        ),
        Case("vanishes", _score(during(_START, _END, 1, GONE, _LAST), **about), due(*severities)),
        Case("too_short", _score(during(5, 19, 1, 0.05, _LAST), **about), due(*severities, end=19)),
    )


def _labelled(lower: float = 1, upper: float = 2, baseline: float = 3, /, **labels: str) -> tuple[Series, ...]:
    """Return a figure, what it was on the reference, and a threshold: it is judged."""
    where = {**_FIGURE, **labels}
    bound = "min" if where["metric"] == "accuracy" else "max"
    worst = -9 if bound == "min" else 9
    return (
        series(catalogue.QUALITY_LOWER, constant(lower, _LAST), **where),
        series(catalogue.QUALITY_UPPER, constant(upper, _LAST), **where),
        series(catalogue.QUALITY_BASELINE, constant(baseline, _LAST), **where),
        series(catalogue.QUALITY_THRESHOLD, constant(worst, _LAST), severity="warning", bound=bound, **where),
    )


def _page() -> tuple[Case, ...]:
    """Return what keeps drift from waking somebody, and what does not."""
    about = {"kind": "concept"}
    drifts = _drifts(**about)

    def due(*severities: str) -> tuple[Fires, ...]:
        return tuple(
            Fires(each, _START, _END, {**_LEVEL, **about}, value=f"{1 / _THRESHOLDS[each]:g}") for each in severities
        )

    both, no_page = due("warning", "critical"), due("warning")
    worse = series(
        catalogue.QUALITY_THRESHOLD, constant(5, _LAST), severity="warning", bound="max", metric="r", window="1d"
    )
    exceeds = series(catalogue.QUALITY_LOWER, constant(6, _LAST), metric="r", window="1d")
    return (
        Case("breach", drifts, both),
        Case("errors_fell", (*drifts, *_labelled()), no_page),
        Case("brier_fell", (*drifts, *_labelled(metric="brier")), no_page),
        Case("accuracy_rose", (*drifts, *_labelled(4, 5, metric="accuracy")), no_page),
        Case("accuracy_fell", (*drifts, *_labelled(metric="accuracy")), both),
        Case("errors_rose", (*drifts, *_labelled(4, 5)), both),
        Case("not_surely", (*drifts, *_labelled(2, 3)), both),
        Case("accuracy_not_surely", (*drifts, *_labelled(3, 4, metric="accuracy")), both),
        Case("another_figure", (*drifts, *_labelled(metric="log_loss")), both),
        Case("another_window", (*drifts, *_labelled(window="7d")), both),
        Case("another_model", (*drifts, *_labelled(model_name="other")), both),
        Case("a_version", (*drifts, *_labelled(model_version="2")), both),
        Case("a_segment", (*drifts, *_labelled(segment_by="country", segment="at")), both),
        Case("not_judged", (*drifts, *_labelled()[:-1]), both),
        Case("something_is_worse", (*drifts, *_labelled(), worse, exceeds), both),
        Case("nothing_is_worse", (*drifts, *_labelled(), worse), no_page),
    )


# Many features: powers of two, so that a share can be exactly at its limit.
_METHODS = ("psi", "ks")


def _features(drifted: int, of: int, methods: tuple[str, ...] = _METHODS[:1], /, **labels: str) -> tuple[Series, ...]:
    """Return features, of which some drift for a while."""
    return tuple(
        each
        for number in range(of)
        for method in methods
        for each in _score(
            during(_START, _END, 1 if number < drifted else 0.2, 0.05, _LAST),
            method,
            kind="data",
            feature_name=f"f{number}",
            **labels,
        )
    )


def _shares() -> tuple[Case, ...]:
    base = limits("drifted_feature_share", {"info": 0.125, "warning": 0.25, "critical": 0.5, "emergency": 5}, _LAST)
    steep = limits("drifted_feature_share", {"info": 0.9, "warning": 0.7, "critical": 0.1}, _LAST)

    def due(*severities: str, value: str = "0.75", **labels: str) -> tuple[Fires, ...]:
        return tuple(Fires(each, _START, _END, {**_LEVEL, **labels}, value=value) for each in severities)

    return (
        Case("breach", (*base, *_features(3, 4, _METHODS)), due("info", "warning", "critical")),
        Case("healthy", (*base, *_features(0, 4))),
        Case("at_critical", (*base, *_features(2, 4)), due("info", "warning")),
        Case("at_warning", (*base, *_features(2, 8)), due("info")),
        Case("at_info", (*base, *_features(2, 16))),
        Case("one_of_one", (*base, *_features(1, 1))),
        Case("two_of_two", (*base, *_features(2, 2)), due("info", "warning", "critical")),
        Case("reversed", (*steep, *_features(2, 4)), due("critical")),
        # A share of one feature here, a count of two there.
        Case("another_window", (*base, *_features(1, 1), *_features(2, 20, window="7d"))),
        Case("another_reference", (*base, *_features(1, 1), *_features(2, 20, reference="last_week"))),
        Case(
            "two_windows",
            (*base, *_features(3, 4), *_features(3, 4, window="7d")),
            (*due("info", "warning", "critical"), *due("info", "warning", "critical", window="7d")),
        ),
        Case("of_a_version", (*base, *_features(0, 4), *_features(4, 4, model_version="2"))),
        Case("other_kinds", (*base, *_features(1, 4), *_drifts(kind="prediction"), *_drifts(kind="concept"))),
        Case("better", (*base, *_features(3, 4), *_labelled()), due("info", "warning")),
        Case(
            "better_elsewhere", (*base, *_features(3, 4), *_labelled(window="7d")), due("info", "warning", "critical")
        ),
        Case("no_data", base),
        Case("no_limit", _features(3, 4)),
    )


def _no_threshold() -> tuple[Case, ...]:
    last = (_DAY + 360) // 30
    start, end = 2, last - 4
    age = {"kind": "data", "feature_name": "age", "method": "psi", **_LEVEL}
    score = series(catalogue.DRIFT_SCORE, during(start, end, 0.3, GONE, last), **age)
    threshold = series(catalogue.DRIFT_THRESHOLD, constant(0.2, last), severity="warning", **age)

    def other(**labels: str) -> Series:
        return Series(threshold.metric, threshold.samples, {**threshold.labels, **labels})

    due = (Fires("warning", start * 30, end * 30, {"feature_name": "age"}, value="1"),)
    return (
        Case("breach", (score,), due),
        Case("judged", (score, threshold)),
        Case("judged_elsewhere", (score, other(window="7d", method="ks"))),
        Case("only_info", (score, other(severity="info")), due),
        Case("another_feature", (score, other(feature_name="income")), due),
        Case("of_a_version", (score, other(model_version="2")), due),
        Case(
            "prediction",
            (series(catalogue.DRIFT_SCORE, constant(0.3, last), kind="prediction", method="psi", **_LEVEL),),
        ),
        Case("score_of_a_version", (Series(score.metric, score.samples, {**score.labels, "model_version": "2"}),)),
        Case(
            "too_short",
            (series(catalogue.DRIFT_SCORE, during(2, 40, 0.3, GONE, last), **age),),
            (Fires("warning", 60, 1200, {"feature_name": "age"}),),
        ),
        Case("no_data", ()),
    )


def _no_score() -> tuple[Case, ...]:
    last = (2 * _DAY + 600) // 60
    start, end = 2, last - 4
    age = {"kind": "data", "feature_name": "age", **_LEVEL}
    rows = series(catalogue.DRIFT_ROWS, during(start, end, 1, 0, last), **age)

    def score(**labels: str) -> Series:
        return series(catalogue.DRIFT_SCORE, constant(0.3, last), **{**age, "method": "psi", **labels})

    def rows_of(**labels: str) -> Series:
        return Series(rows.metric, rows.samples, {**rows.labels, **labels})

    due = (Fires("info", start * 60, end * 60, value="1"),)
    return (
        Case("breach", (rows,), due),
        Case("scored", (rows, score())),
        Case("scored_elsewhere", (rows, score(window="7d", feature_name="income"))),
        Case("scored_predictions", (rows, score(kind="prediction", feature_name="")), due),
        Case("scored_version", (rows, score(model_version="2")), due),
        Case("rows_of_predictions", (rows_of(kind="prediction", feature_name=""),)),
        Case("rows_of_a_version", (rows_of(model_version="2"),)),
        Case("no_rows", (series(catalogue.DRIFT_ROWS, constant(0, last), **age),)),
        Case("no_data", ()),
    )
