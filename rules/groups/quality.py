"""Is the model still right? Bounds against thresholds, so that a handful of labels raises no alarm; and is that known at all?"""

from __future__ import annotations

from exporter import catalogue
from rules.groups.model import WINDOW_VERSIONS
from rules.promql import MODEL, combined, joined, per_limit, select, total
from rules.rule import Alert, Group, Record
from rules.settings import Settings
from rules.templates import limit, newest

BETTER = "model_window:ml_quality:better"
_ON = ", ".join(MODEL)
_FIGURE = ("metric", "window")
_SEGMENT = ("metric", "segment_by", "segment", "window")
# Labels come in batches: what holds for two evaluations in a row is no race of two series, and what they said stays said.
_AFTER, _HOLD = "5m", "30m"
_CALIBRATION = "calibration_error"
# One figure of errors for each task; others get better when there is less to be found.
_ERRORS = ("mae", "brier")
# Predictions in an hour, below which a share of them says nothing.
_FEWEST_PREDICTIONS = 200
# Predictions in a window, below which the share that has labels says nothing.
_FEWEST_IN_WINDOW = 30
_CONFIDENCE_LOSS = 0.05


def group(settings: Settings) -> Group:
    return Group(
        "driftbell-quality",
        (_better(settings), *_levels(settings), _segments(settings), *_labels(settings), *_confidence(settings)),
    )


def bad(settings: Settings, severity: str, labels: tuple[str, ...], *matchers: str) -> str:
    """Return the figures that are worse than a threshold, their bound on the good side included."""

    def against(bound: str, metric: catalogue.Metric, operator: str) -> str:
        figure = select(settings, metric, *matchers)
        threshold = select(settings, catalogue.QUALITY_THRESHOLD, *matchers, severity=severity, bound=bound)
        return f"{figure} {operator} ignoring (severity, bound) {threshold}"

    low, high = against("min", catalogue.QUALITY_UPPER, "<"), against("max", catalogue.QUALITY_LOWER, ">")
    return f"{combined('max', labels, low)} or {combined('max', labels, high)}"


def of_service(settings: Settings, severity: str, *matchers: str) -> str:
    """Return the bad figures over all segments: of all versions together, and of each where there are several."""
    together = bad(settings, severity, _FIGURE, 'segment=""', 'model_version=""', *matchers)
    apart = bad(settings, severity, ("model_version", *_FIGURE), 'segment=""', 'model_version!=""', *matchers)
    several = joined(apart, "and", f"{WINDOW_VERSIONS} > 1", on=(*MODEL, "window"))
    return f"({together}) or ({several})"


def _better(settings: Settings) -> Record:
    """Return the windows whose labels say that a model is better than on the reference, luck aside, and in nothing worse."""
    overall = ('segment=""', 'model_version=""')

    def beside_baseline(metric: str, end: catalogue.Metric, operator: str) -> str:
        figure, baseline = (select(settings, each, metric, *overall) for each in (end, catalogue.QUALITY_BASELINE))
        return f"{figure} {operator} {baseline}"

    fallen = beside_baseline(f'metric=~"{"|".join(_ERRORS)}"', catalogue.QUALITY_UPPER, "<")
    risen = beside_baseline('metric="accuracy"', catalogue.QUALITY_LOWER, ">")
    better = combined("group", ("window",), f"({fallen}) or ({risen})")
    # While labels are waited for there are no thresholds, and those that have come are a selection.
    judged = combined("group", ("window",), select(settings, catalogue.QUALITY_THRESHOLD, *overall))
    worse = bad(settings, "warning", ("window",), *overall)
    on = (*MODEL, "window")
    return Record(BETTER, f"{joined(better, 'and', judged, on=on)} unless on ({', '.join(on)}) ({worse})")


def _levels(settings: Settings) -> tuple[Alert, ...]:
    said = "{{ with $labels.model_version }} (version {{ . }}){{ end }}: the {{ $labels.metric }} of {{ $labels.window }} is at"
    alerts = [
        (
            "MLLowModelAccuracy",
            ("warning", "critical", "emergency"),
            ('metric="accuracy"',),
            "The accuracy of a model is below its threshold.",
        ),
        (
            "MLModelQualityLow",
            ("warning", "critical", "emergency"),
            (f'metric!~"accuracy|{_CALIBRATION}"',),
            "A quality figure of a model is worse than its threshold.",
        ),
        (
            "MLCalibrationPoor",
            ("warning", "critical"),
            (f'metric="{_CALIBRATION}"',),
            "The probabilities of a model no longer mean what they say.",
        ),
    ]
    return tuple(
        Alert(
            name,
            severity,
            "quality",
            of_service(settings, severity, *matchers),
            after=_AFTER,
            hold=_HOLD,
            threshold=_threshold(severity),
            summary=summary,
            description=(
                f'{{{{ $labels.model_name }}}}{said} best (or least bad) {{{{ printf "%.3g" $value }}}}, chance allowed for,'
                f" which is worse than its {severity} threshold."
            ),
            symptom=True,
            variables=("model_name", "window"),
        )
        for name, severities, matchers, summary in alerts
        for severity in severities
    )


def _threshold(severity: str) -> str:
    return newest(catalogue.QUALITY_THRESHOLD, (*MODEL, "model_version", *_FIGURE), severity=severity, segment="")


def _segments(settings: Settings) -> Alert:
    return Alert(
        "MLSegmentQualityLow",
        "warning",
        "quality",
        bad(settings, "warning", _SEGMENT, 'segment!=""', 'model_version=""'),
        after=_AFTER,
        hold=_HOLD,
        threshold=newest(catalogue.QUALITY_THRESHOLD, (*MODEL, *_SEGMENT), severity="warning", model_version=""),
        summary="A model is worse than its threshold for one segment.",
        description=(
            "{{ $labels.model_name }}, {{ $labels.segment_by }} {{ $labels.segment }}: the {{ $labels.metric }} of"
            ' {{ $labels.window }} is at best (or least bad) {{ printf "%.3g" $value }}, chance allowed for.'
        ),
        variables=("model_name", "window", "segment_by", "segment"),
    )


def _labels(settings: Settings) -> tuple[Alert, ...]:
    state = combined(
        "max", ["window"], select(settings, catalogue.QUALITY_STATE, model_version="", state=catalogue.OVERDUE)
    )
    waiting = combined(
        "max", ["window"], select(settings, catalogue.QUALITY_STATE, model_version="", state=catalogue.WAITING)
    )
    coverage = combined("min", ["window"], select(settings, catalogue.LABEL_COVERAGE, model_version=""))
    requests = combined("max", ["window"], select(settings, catalogue.WINDOW_REQUESTS, model_version=""))
    below = joined(coverage, "<", per_limit(settings, "label_coverage", "warning"), many=True)
    buckets = select(settings, catalogue.LABEL_DELAY, suffix="_bucket")

    def delay(window: str) -> str:
        return f"histogram_quantile(0.9, {total(settings, ['le'], f'rate({buckets}[{window}])')})"

    return (
        Alert(
            "MLQualityUnknown",
            "warning",
            "quality",
            f"{state} == 1",
            after="1h",
            summary="Nobody knows how good a model is, since its labels are overdue.",
            description=(
                "Too few predictions of {{ $labels.model_name }} in {{ $labels.window }} have a label, though labels are due:"
                " its quality is not judged, and silence is no good news."
            ),
            variables=("model_name", "window"),
        ),
        Alert(
            "MLLabelCoverageLow",
            "warning",
            "quality",
            f"({below}) and on ({_ON}, window) ({waiting} == 0) and on ({_ON}, window) ({requests} >= {_FEWEST_IN_WINDOW})",
            after="1h",
            threshold=limit("label_coverage", "warning"),
            summary="Too few of a model's predictions get a label.",
            description=(
                "{{ $value | humanizePercentage }} of the predictions of {{ $labels.model_name }} in {{ $labels.window }} have"
                ' a label, below its limit, ml_limit{limit="label_coverage"}.'
            ),
            variables=("model_name", "window"),
        ),
        Alert(
            "MLLabelDelayHigh",
            "info",
            "quality",
            f"{delay('1d')} > 2 * ({delay('7d')} > 3600)",
            after="6h",
            summary="Labels of a model take twice as long as they did.",
            description=(
                "A tenth of the labels of {{ $labels.model_name }} take longer than {{ $value | humanizeDuration }}, more than"
                " twice what they took over the week."
            ),
        ),
    )


def _confidence(settings: Settings) -> tuple[Alert, ...]:
    low = select(settings, catalogue.LOW_CONFIDENCE_PREDICTIONS)
    confidence = catalogue.PREDICTION_CONFIDENCE
    count = total(settings, [], f"increase({select(settings, confidence, suffix='_count')}[1h])")
    share = f"{total(settings, [], f'increase({low}[1h])')} / ({count} >= {_FEWEST_PREDICTIONS})"

    def mean(window: str) -> str:
        parts = (
            total(settings, [], f"rate({select(settings, confidence, suffix=end)}[{window}])")
            for end in ("_sum", "_count")
        )
        return " / ".join(parts)

    return (
        Alert(
            "MLHighLowConfidencePredictions",
            "info",
            "quality",
            joined(share, ">", per_limit(settings, "low_confidence_share", "info")),
            after="30m",
            hold="30m",
            threshold=limit("low_confidence_share", "info"),
            summary="A model is unsure of an unusual share of its predictions.",
            description=(
                "{{ $labels.model_name }} gave {{ $value | humanizePercentage }} of the predictions of the last hour a"
                " probability below its `low_confidence`."
            ),
        ),
        Alert(
            "MLConfidenceDrop",
            "info",
            "quality",
            f"(({mean('7d')}) - ({mean('1h')}) > {_CONFIDENCE_LOSS}) and on ({_ON}) ({count} >= {_FEWEST_PREDICTIONS})",
            after="30m",
            hold="30m",
            summary="A model is less sure of its predictions than it was over the week.",
            description=(
                "The mean confidence of {{ $labels.model_name }} in the last hour is {{ $value | humanizePercentage }}"
                " (percentage points) below that of the week."
            ),
        ),
    )
