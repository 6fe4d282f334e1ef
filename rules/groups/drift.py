"""Has the world changed? Scores against thresholds that know the size of the window and of the reference."""

from __future__ import annotations

from exporter import catalogue
from rules.groups.quality import BETTER
from rules.promql import MODEL, combined, joined, per_limit, select
from rules.rule import Alert, Group, Record
from rules.settings import Settings
from rules.templates import limit

DRIFTED = "model_reference_window:ml_drifted_features:count"
DRIFTED_SHARE = "model_reference_window:ml_drifted_features:ratio"
_LEVEL = ("reference", "window")
_ON = ", ".join((*MODEL, *_LEVEL))
# One feature of three is a third: a share of few says nothing.
_FEWEST_DRIFTED = 2
# Windows move in steps, and a score that vanishes for a moment has not got better.
_AFTER, _HOLD = "15m", "1h"
_SAID = ' {{ printf "%.3g" $value }} times its threshold'


def group(settings: Settings) -> Group:
    return Group("driftbell-drift", (*_records(settings), *_alerts(settings)))


def excess(settings: Settings, severity: str, labels: tuple[str, ...], *matchers: str) -> str:
    """Return by how much the worst method's score is above its threshold, as a multiple; only what is above 1."""
    score = select(settings, catalogue.DRIFT_SCORE, 'model_version=""', *matchers)
    threshold = select(settings, catalogue.DRIFT_THRESHOLD, 'model_version=""', *matchers, severity=severity)
    return f"{combined('max', (*labels, *_LEVEL), f'{score} / ignoring (severity) {threshold}')} > 1"


def _paged(severity: str, expression: str) -> str:
    """Return what wakes somebody: not where labels say that the model is better than it was, however much has changed."""
    if severity != "critical":
        return expression
    return f"({expression}) unless on ({', '.join(MODEL)}, window) {BETTER}"


def _records(settings: Settings) -> tuple[Record, ...]:
    judged = select(settings, catalogue.DRIFT_THRESHOLD, model_version="", kind="data", severity="warning")
    features = combined("count", _LEVEL, combined("group", ("feature_name", *_LEVEL), judged))
    drifted = combined("count", _LEVEL, excess(settings, "warning", ("feature_name",), 'kind="data"'))
    return (
        # 0 where none has drifted: a share that vanishes could not be drawn.
        Record(DRIFTED, f"{drifted} or 0 * {features}"),
        Record(DRIFTED_SHARE, f"{DRIFTED} / {features}"),
    )


def _alerts(settings: Settings) -> tuple[Alert, ...]:
    return (*_features(settings), *_shares(settings), *_outputs(settings), *_unjudged(settings))


def _features(settings: Settings) -> tuple[Alert, ...]:
    """Causes: one feature pages nobody."""
    return tuple(
        Alert(
            "MLDataDriftDetected",
            severity,
            "drift",
            excess(settings, severity, ("feature_name",), 'kind="data"'),
            after=_AFTER,
            hold=_HOLD,
            threshold="1",
            summary="The values of a feature are distributed differently from the reference's.",
            description=(
                "{{ $labels.model_name }}, feature {{ $labels.feature_name }}: its worst drift score over {{ $labels.window }},"
                f" against {{{{ $labels.reference }}}}, is{_SAID} ({severity})."
            ),
            variables=("model_name", "window", "reference", "feature_name"),
        )
        for severity in ("info", "warning")
    )


def _shares(settings: Settings) -> tuple[Alert, ...]:
    return tuple(
        Alert(
            "MLDriftedFeatureShareHigh",
            severity,
            "drift",
            _paged(
                severity,
                f"({joined(DRIFTED_SHARE, '>', per_limit(settings, 'drifted_feature_share', severity), many=True)})"
                f" and on ({_ON}) ({DRIFTED} >= {_FEWEST_DRIFTED})",
            ),
            after=_AFTER,
            hold=_HOLD,
            threshold=limit("drifted_feature_share", severity),
            summary="Many features of a model have drifted at once.",
            description=(
                "{{ $value | humanizePercentage }} of the features of {{ $labels.model_name }} have drifted over"
                " {{ $labels.window }}, against {{ $labels.reference }}."
            ),
            symptom=severity == "critical",
            variables=("model_name", "window", "reference"),
        )
        for severity in ("info", "warning", "critical")
    )


def _outputs(settings: Settings) -> tuple[Alert, ...]:
    kinds = (
        (
            "MLPredictionDriftDetected",
            ("warning",),
            'kind=~"prediction|score"',
            "A model says other things than it used to.",
            "its predictions'",
        ),
        (
            "MLLabelDriftDetected",
            ("warning",),
            'kind="label"',
            "What comes true is distributed differently from the reference's.",
            "its labels'",
        ),
        (
            "MLConceptDriftDetected",
            ("warning", "critical"),
            'kind="concept"',
            "What comes true, given what a model says, is no longer what it was.",
            "its concept",
        ),
    )
    return tuple(
        Alert(
            name,
            severity,
            "drift",
            _paged(severity, excess(settings, severity, ("kind",), matcher)),
            after=_AFTER,
            hold=_HOLD,
            threshold="1",
            summary=summary,
            description=(
                f"{{{{ $labels.model_name }}}}: {whose} drift score over {{{{ $labels.window }}}}, against"
                f" {{{{ $labels.reference }}}}, is{_SAID} ({severity})."
            ),
            # Labels are in it: it is about being right, not about what came in.
            symptom=name == "MLConceptDriftDetected",
            variables=("model_name", "window", "reference"),
        )
        for name, severities, matcher, summary, whose in kinds
        for severity in severities
    )


def _unjudged(settings: Settings) -> tuple[Alert, ...]:
    feature = ("feature_name",)
    scores = combined("group", feature, select(settings, catalogue.DRIFT_SCORE, model_version="", kind="data"))
    thresholds = combined(
        "group", feature, select(settings, catalogue.DRIFT_THRESHOLD, model_version="", kind="data", severity="warning")
    )
    rows = combined("group", (), f"{select(settings, catalogue.DRIFT_ROWS, model_version='', kind='data')} > 0")
    any_score = combined("group", (), select(settings, catalogue.DRIFT_SCORE, model_version="", kind="data"))
    return (
        Alert(
            "MLDriftThresholdMissing",
            "warning",
            "drift",
            f"{scores} unless {thresholds}",
            after="1d",
            summary="A feature has drift scores, and no threshold on any window.",
            description=(
                "{{ $labels.model_name }}, feature {{ $labels.feature_name }}: it has had scores for a day and no window judges"
                " them, so nobody would hear of its drift. See `thresholds.windows`."
            ),
        ),
        Alert(
            "MLDriftNotScored",
            "info",
            "drift",
            f"{rows} unless {any_score}",
            after="2d",
            summary="A model has rows, and for days too few of them for any drift score.",
            description=(
                "{{ $labels.model_name }} has had no drift score for two days: every window has fewer rows than"
                " `drift.min_rows`, or reaches back before the first record."
            ),
        ),
    )
