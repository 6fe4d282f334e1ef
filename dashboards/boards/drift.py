"""Has the world changed, in what, and since when?"""

from __future__ import annotations

from dashboards.annotations import events
from dashboards.board import Board, Row
from dashboards.boards import data_quality
from dashboards.figures import NONE_IS_GOOD, OF_LIMIT, P_VALUES, above, limit, of_limit, recorded
from dashboards.links import board, cell, label
from dashboards.panels.bar_gauge import BarGauge
from dashboards.panels.colour import CURRENT, GOOD, WARNING, Word
from dashboards.panels.panel import Link, Override, Panel, Query, coloured, named
from dashboards.panels.stat import tile
from dashboards.panels.states import StatusHistory
from dashboards.panels.table import Column, Sorting, Table, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries, limit_line, limits_by_severity
from dashboards.variables import ONE, SETTINGS, Variable, of_one_model, values_of
from exporter import catalogue
from exporter.catalogue import Metric
from rules.groups import drift as rules
from rules.promql import combined, select

UID = "driftbell-drift"
_LEVEL = ('window="$window"', 'reference="$reference"')
_DATA, _SAID, _CONCEPT = 'kind="data"', 'kind=~"prediction|score"', 'kind="concept"'
_DETECTED = "MLDataDriftDetected"


def drift() -> Board:
    return Board(
        uid=UID,
        title="Driftbell: drift",
        question="Has the world changed: which features, what the model says, what comes true? Scores are told as multiples of"
        " their thresholds, which know how many rows there are: from 1 on it is neither chance nor small.",
        variables=of_one_model(
            Variable("reference", "Reference", values_of("reference", catalogue.DRIFT_THRESHOLD)),
            Variable("window", "Window", values_of("window", catalogue.DRIFT_THRESHOLD)),
        ),
        annotations=events(ONE),
        top=(*_tiles(), _share(), _outputs(), _history(), _worst()),
        rows=(
            Row(20, "Features", (_features(),)),
            Row(30, "Are the data in order?", data_quality.panels()),
            Row(40, "Does it matter? Drift beside quality", (_beside_quality(),)),
        ),
        past="now-7d",
        refresh="5m",
    )


def _select(metric: Metric, *matchers: str, **labels: str) -> str:
    return select(SETTINGS, metric, ONE, *_LEVEL, *matchers, model_version="", **labels)


def _of_threshold(labels: tuple[str, ...], *matchers: str) -> str:
    """Return the worst method's score as a multiple of its warning threshold."""
    threshold = _select(catalogue.DRIFT_THRESHOLD, *matchers, severity="warning")
    return combined("max", labels, above(_select(catalogue.DRIFT_SCORE, *matchers), threshold, "severity"))


def _tiles() -> tuple[Panel, ...]:
    return (*_of_features(), *_of_outputs())


def _of_features() -> tuple[Panel, ...]:
    chosen = {"window": "$window", "reference": "$reference"}
    share = of_limit(recorded(rules.DRIFTED_SHARE, ONE, **chosen), "drifted_feature_share")
    judged = combined("group", ("feature_name",), _select(catalogue.DRIFT_THRESHOLD, _DATA, severity="warning"))
    return (
        tile(
            1,
            "Drifted features",
            "Features of which a score is above its warning threshold. One may be chance or a cause; many at once are a change of the world.",
            combined("max", (), recorded(rules.DRIFTED, ONE, **chosen)),
            decimals=0,
            steps=NONE_IS_GOOD,
            empty="Not judged",
            alerts=(_DETECTED,),
        ),
        tile(
            2,
            "Judged features",
            "Features that have a threshold on this window. One that has none anywhere is not watched, and alerted.",
            f"count({judged})",
            decimals=0,
            empty="None",
            alerts=("MLDriftThresholdMissing",),
        ),
        tile(
            3,
            "Share ÷ limit",
            "The share of drifted features as a multiple of its warning limit: from 1 on, look below which they are.",
            f"max({share})",
            decimals=2,
            steps=OF_LIMIT,
            empty="Not judged",
            alerts=("MLDriftedFeatureShareHigh",),
        ),
    )


def _of_outputs() -> tuple[Panel, ...]:
    rows = combined("max", (), _select(catalogue.DRIFT_ROWS, _DATA))
    return (
        tile(
            4,
            "Predictions' drift",
            "The worst drift score of what the model says, classes or scores, as a multiple of its warning threshold: from 1 on it answers differently, whatever the cause.",
            f"max({_of_threshold((), _SAID)})",
            decimals=2,
            steps=OF_LIMIT,
            empty="Not judged",
            alerts=("MLPredictionDriftDetected",),
        ),
        tile(
            5,
            "Concept drift",
            "Whether what comes true, given what the model says, has changed; as a multiple of its warning threshold. From 1 on the model is wrong in a new way: train it anew.",
            f"max({_of_threshold((), _CONCEPT)})",
            decimals=2,
            steps=OF_LIMIT,
            empty="Not judged",
            alerts=("MLConceptDriftDetected",),
        ),
        tile(
            6,
            "Rows",
            "Rows of the window, of the feature that has most. Fewer rows make higher thresholds.",
            f"max({rows})",
            unit="locale",
            decimals=0,
            alerts=("MLDriftNotScored",),
        ),
    )


def _share() -> TimeSeries:
    share = recorded(rules.DRIFTED_SHARE, ONE, window="$window", reference="$reference")
    return TimeSeries(
        number=7,
        title="Share of drifted features",
        description="Drifted features of those that are judged, with the limits. Where it rises at once, look for a change of the input's source.",
        queries=(
            Query(combined("max", (), share), "drifted"),
            Query(limit("drifted_feature_share", ONE), "limit, {{severity}}"),
        ),
        width=12,
        unit="percentunit",
        minimum=0,
        overrides=(named("drifted", color=coloured(CURRENT)), *limits_by_severity()),
        alerts=("MLDriftedFeatureShareHigh",),
    )


def _outputs() -> TimeSeries:
    return TimeSeries(
        number=8,
        title="Predictions, labels, concept",
        description="Drift scores of what the model says (prediction, score), of what comes true (label), and of one given the"
        " other (concept), as multiples of their warning thresholds. Concept above 1 with predictions below: the world, not the input.",
        queries=(
            Query(_of_threshold(("kind", "method"), 'kind!="data"'), "{{kind}}, {{method}}"),
            Query("vector(1)", "threshold"),
        ),
        width=12,
        decimals=2,
        minimum=0,
        overrides=(limit_line("^threshold$", "orange"),),
        alerts=("MLPredictionDriftDetected", "MLLabelDriftDetected", "MLConceptDriftDetected"),
    )


def _history() -> StatusHistory:
    return StatusHistory(
        number=9,
        title="Features over time",
        description="The 20 features that have drifted most lately: coloured where the worst score was above its warning threshold.",
        queries=(
            Query(
                f"({_of_threshold(('feature_name',), _DATA)} > bool 1) and topk by (job) (20, {_lately()})",
                "{{feature_name}}",
            ),
        ),
        width=14,
        height=10,
        words={0: Word("In order", GOOD), 1: Word("Drifted", WARNING)},
        leads=(_feature(label("feature_name")),),
        alerts=(_DETECTED,),
    )


def _lately() -> str:
    """Return the scores at the end of the time that is shown, so that the same features are chosen at every moment."""
    score, threshold = (
        _at_end(_select(metric, _DATA, **labels))
        for metric, labels in ((catalogue.DRIFT_SCORE, {}), (catalogue.DRIFT_THRESHOLD, {"severity": "warning"}))
    )
    return combined("max", ("feature_name",), above(score, threshold, "severity"))


def _at_end(selector: str) -> str:
    return f"{selector} @ end()"


def _feature(name: str) -> Link:
    return board("This feature", "driftbell-feature", "model_name", "window", "reference", feature_name=name)


def _worst() -> BarGauge:
    return BarGauge(
        number=10,
        title="Furthest above their thresholds",
        description="The 15 features with the highest scores, as multiples of their warning thresholds. From 1 on it is drift.",
        queries=(Query(f"topk(15, {_of_threshold(('feature_name',), _DATA)})", "{{feature_name}}", instant=True),),
        width=10,
        height=10,
        decimals=2,
        minimum=0,
        steps=OF_LIMIT,
        leads=(_feature(label("feature_name")),),
        alerts=(_DETECTED,),
    )


def _quality(check: str) -> str:
    ratio = select(SETTINGS, catalogue.DATA_QUALITY_RATIO, ONE, _LEVEL[0], model_version="", check=check)
    return combined("max", ("feature_name",), ratio)


def _features() -> Table:
    def each(metric: Metric, operation: str = "max") -> str:
        return combined(operation, ("feature_name",), _select(metric, _DATA))

    return table(
        (
            of_label("feature_name", "Feature", (_feature(cell("Feature")),)),
            Column("Of threshold", _of_threshold(("feature_name",), _DATA), decimals=2, steps=OF_LIMIT),
            Column("Least p-value", each(catalogue.DRIFT_P_VALUE, "min"), decimals=3, ranges=P_VALUES),
            Column("Rows", each(catalogue.DRIFT_ROWS), unit="locale", decimals=0),
            Column("Effective rows", each(catalogue.DRIFT_EFFECTIVE_ROWS), unit="locale", decimals=0),
            Column("Missing", _quality("missing"), unit="percentunit", decimals=2),
            Column("Wrong type", _quality("invalid"), unit="percentunit", decimals=2),
            Column("Out of range", _quality("out_of_range"), unit="percentunit", decimals=2),
            Column("Unseen", _quality("unseen_category"), unit="percentunit", decimals=2),
        ),
        number=21,
        title="All features",
        description="What is known of each feature's window, the furthest from its reference first. A name leads to the feature.",
        width=24,
        height=12,
        sorting=(Sorting("Of threshold"),),
        filterable=True,
        alerts=(_DETECTED,),
    )


def _beside_quality() -> TimeSeries:
    score = _of_threshold((), _DATA)
    bound = select(SETTINGS, catalogue.QUALITY, ONE, _LEVEL[0], model_version="", segment="")
    ratios = bound.replace("}", ',metric=~"accuracy|roc_auc|f1"}')
    return TimeSeries(
        number=41,
        title="Worst drift beside quality",
        description="The worst feature's score as a multiple of its threshold, beside what the model is worth: drift that does"
        " not hurt needs a new reference, drift that does needs a new model.",
        queries=(Query(score, "worst drift, of threshold"), Query(combined("max", ("metric",), ratios), "{{metric}}")),
        # Quality lies between 0 and 1, drift may be forty times its threshold.
        overrides=(Override("byFrameRefID", "B", {"custom.axisPlacement": "right", "min": 0, "max": 1}),),
        width=24,
        decimals=2,
        minimum=0,
        links=(board("Quality", "driftbell-quality", "model_name", "window"),),
    )
