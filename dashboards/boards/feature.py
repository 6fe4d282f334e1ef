"""One feature: how far is it from its reference, where, and since when?"""

from __future__ import annotations

from dashboards.annotations import events
from dashboards.board import Board, Row
from dashboards.figures import OF_LIMIT, P_VALUES, above
from dashboards.links import board
from dashboards.panels.bar_chart import BarChart
from dashboards.panels.colour import CURRENT, REFERENCE
from dashboards.panels.panel import Panel, Query, coloured, named
from dashboards.panels.stat import tile
from dashboards.panels.table import Column, Sorting, Table, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries, limits_by_severity
from dashboards.variables import ONE, SETTINGS, Variable, of_one_model, values_of
from exporter import catalogue
from exporter.catalogue import Metric
from rules.promql import combined, select, total

UID = "driftbell-feature"
_FEATURE = 'feature_name="$feature_name"'
_WINDOW = 'window="$window"'
_REFERENCE = 'reference="$reference"'
_DETECTED = "MLDataDriftDetected"
_CHECKS = {
    "missing": "MLMissingValues",
    "invalid": "MLSchemaViolation",
    "out_of_range": "MLOutOfRangeValues",
    "unseen_category": "MLUnseenCategories",
}


def feature() -> Board:
    return Board(
        uid=UID,
        title="Driftbell: feature",
        question="How far is one feature from its reference, where in its values, and since when? Are its values in order?",
        variables=of_one_model(
            Variable("feature_name", "Feature", values_of("feature_name", catalogue.DATA_QUALITY_ROWS)),
            Variable("reference", "Reference", values_of("reference", catalogue.DRIFT_THRESHOLD)),
            Variable("window", "Window", values_of("window", catalogue.DRIFT_THRESHOLD)),
        ),
        annotations=events(ONE),
        top=(*_tiles(), _distribution(), _scores_now()),
        rows=(
            Row(20, "Since when?", (_scores(), _bins())),
            Row(30, "Chance, rows, versions", (_p_values(), _rows(), _versions())),
            Row(40, "Are its values in order?", (_checks(),)),
        ),
        past="now-7d",
        refresh="5m",
    )


def _drift(metric: Metric, *matchers: str, **labels: str) -> str:
    return select(SETTINGS, metric, ONE, _FEATURE, _WINDOW, _REFERENCE, *matchers, kind="data", **labels)


def _of_threshold(labels: tuple[str, ...], severity: str = "warning") -> str:
    threshold = _drift(catalogue.DRIFT_THRESHOLD, model_version="", severity=severity)
    return combined("max", labels, above(_drift(catalogue.DRIFT_SCORE, model_version=""), threshold, "severity"))


def _data(metric: Metric, *matchers: str, **labels: str) -> str:
    return select(SETTINGS, metric, ONE, _FEATURE, _WINDOW, *matchers, model_version="", **labels)


def _tiles() -> tuple[Panel, ...]:
    return (*_compared(), *_in_order())


def _compared() -> tuple[Panel, ...]:
    up = (board("Drift", "driftbell-drift", "model_name", "window", "reference"),)
    return (
        tile(
            1,
            "Drift",
            "The worst method's score as a multiple of its warning threshold: from 1 on it is neither chance nor small.",
            f"max({_of_threshold(())})",
            decimals=2,
            steps=OF_LIMIT,
            empty="Not judged",
            links=up,
            alerts=(_DETECTED,),
        ),
        tile(
            2,
            "Least p-value",
            "Probability of a score as great as the most telling one if nothing has changed. Small alone is no drift: the score has to be large, too.",
            f"min({_drift(catalogue.DRIFT_P_VALUE, model_version='')})",
            decimals=3,
            ranges=P_VALUES,
            empty="None",
        ),
        tile(
            3,
            "Values in the window",
            "Values that the scores rest on, missing ones left out. With few of them thresholds are high, or there is no score.",
            f"max({_drift(catalogue.DRIFT_ROWS, model_version='')})",
            unit="locale",
            decimals=0,
            empty="None",
        ),
        tile(
            4,
            "Rows of the reference",
            "Rows that the window is compared with; of a reference that is an earlier window there is no such number.",
            f"max({select(SETTINGS, catalogue.REFERENCE_ROWS, ONE, _REFERENCE)})",
            unit="locale",
            decimals=0,
            empty="A window",
        ),
    )


def _in_order() -> tuple[Panel, ...]:
    ratio, threshold = _data(catalogue.DATA_QUALITY_RATIO), _data(catalogue.DATA_QUALITY_THRESHOLD, severity="warning")
    missing = combined("max", (), _data(catalogue.DATA_QUALITY_RATIO, check="missing"))
    return (
        tile(
            5,
            "Missing",
            "Share of the window's rows in which the feature is missing. Far above the reference's, its source is broken: mend that first.",
            missing,
            unit="percentunit",
            decimals=2,
            alerts=("MLMissingValues",),
        ),
        tile(
            6,
            "Worst check",
            "The data-quality check that fails most, as a multiple of its warning threshold: from 1 on its values are not fit to be judged.",
            f"max({above(ratio, threshold, 'severity')})",
            decimals=2,
            steps=OF_LIMIT,
            empty="Not judged",
            alerts=tuple(_CHECKS.values()),
        ),
    )


def _shares(increase: str) -> str:
    """Return the share of each bin in what was read."""
    rows = total(SETTINGS, ("bin",), increase)
    return f"({rows}) / on (job, model_name) group_left () (sum by (job, model_name) ({rows}) > 0)"


def _distribution() -> BarChart:
    rows = select(SETTINGS, catalogue.FEATURE_BIN_ROWS, ONE, _FEATURE)
    # Without the bins of an earlier reference, which are not there any more.
    share = _shares(f"increase({rows}[$__range]) and {rows}")
    expected = combined("max", ("bin",), select(SETTINGS, catalogue.FEATURE_BIN_REFERENCE, ONE, _FEATURE, _REFERENCE))
    return BarChart(
        number=7,
        title="Distribution: now and in the reference",
        description="Share of the values in each bin: of what was read in the time shown, beside the reference's. The bins are"
        " those of the scores; a reference that is a window has no bins of its own.",
        queries=(
            Query(share, instant=True, format="table"),
            Query(expected, instant=True, format="table"),
        ),
        width=14,
        height=11,
        unit="percentunit",
        minimum=0,
        by="bin",
        empty="Nothing was read in the time shown",
        transformations=(
            {"id": "joinByField", "options": {"byField": "bin", "mode": "outer"}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {},
                    "includeByName": {"bin": True, "Value #A": True, "Value #B": True},
                    "indexByName": {"bin": 0, "Value #A": 1, "Value #B": 2},
                    "renameByName": {"Value #A": "now", "Value #B": "reference"},
                },
            },
            {"id": "sortBy", "options": {"fields": {}, "sort": [{"desc": False, "field": "bin"}]}},
        ),
        overrides=(named("now", color=coloured(CURRENT)), named("reference", color=coloured(REFERENCE))),
    )


def _scores_now() -> Table:
    def each(metric: Metric, **labels: str) -> str:
        return combined("max", ("method",), _drift(metric, model_version="", **labels))

    return table(
        (
            of_label("method", "Method", width=150),
            Column("Score", each(catalogue.DRIFT_SCORE), decimals=4),
            Column("Warns above", each(catalogue.DRIFT_THRESHOLD, severity="warning"), decimals=4),
            Column("Of threshold", _of_threshold(("method",)), decimals=2, steps=OF_LIMIT),
            Column("p-value", each(catalogue.DRIFT_P_VALUE), decimals=3, ranges=P_VALUES),
        ),
        number=8,
        title="Scores of all methods",
        description="Distances between the window's distribution and the reference's, with what each has to exceed: the first says most clearly what has changed.",
        width=10,
        height=11,
        sorting=(Sorting("Of threshold"),),
        empty="Too few rows, or a window that is not full yet",
        alerts=(_DETECTED,),
    )


def _scores() -> TimeSeries:
    return TimeSeries(
        number=21,
        title="Scores, of their thresholds",
        description="Each method's score as a multiple of its threshold, which falls as rows come in. The line at 1 is the"
        " warning; an info begins lower.",
        queries=(Query(_of_threshold(("method",)), "{{method}}"), Query("vector(1)", "warning")),
        width=12,
        height=9,
        decimals=2,
        minimum=0,
        overrides=limits_by_severity(),
        alerts=(_DETECTED,),
    )


def _bins() -> TimeSeries:
    rows = select(SETTINGS, catalogue.FEATURE_BIN_ROWS, ONE, _FEATURE)
    return TimeSeries(
        number=22,
        title="Bins over time",
        description="Share of each bin or category among the values that were read. A band that grows or vanishes is where the feature has moved.",
        queries=(Query(f"topk(20, {_shares(f'increase({rows}[$__rate_interval])')})", "{{bin}}"),),
        width=12,
        height=9,
        unit="percentunit",
        stacked="normal",
        minimum=0,
        maximum=1,
    )


def _p_values() -> TimeSeries:
    p_values = combined("min", ("method",), f"clamp_min({_drift(catalogue.DRIFT_P_VALUE, model_version='')}, 1e-12)")
    return TimeSeries(
        number=31,
        title="p-values",
        description="The smaller, the less it looks like chance; on a logarithmic axis, cut off at 1e-12. Thresholds account for"
        " how many windows, features and methods are looked at.",
        queries=(Query(p_values, "{{method}}"),),
        unit="sci",
        maximum=1,
        log=True,
        alerts=(_DETECTED,),
    )


def _rows() -> TimeSeries:
    return TimeSeries(
        number=32,
        title="Rows, and what they are worth",
        description="Values of the window, and how many independent ones they are worth, since neighbours are alike. Fewer make higher thresholds.",
        queries=(
            Query(f"max({_drift(catalogue.DRIFT_ROWS, model_version='')})", "rows"),
            Query(f"max({_drift(catalogue.DRIFT_EFFECTIVE_ROWS, model_version='')})", "effective rows"),
        ),
        unit="locale",
        minimum=0,
    )


def _versions() -> TimeSeries:
    score = _drift(catalogue.DRIFT_SCORE, 'model_version!=""')
    return TimeSeries(
        number=33,
        title="Scores by version",
        description="Each version's own scores, where several have answered: one that stands out gets other traffic, or reads the feature otherwise.",
        queries=(
            Query(f"topk(20, {combined('max', ('model_version', 'method'), score)})", "{{model_version}}, {{method}}"),
        ),
        decimals=3,
        minimum=0,
    )


def _checks() -> TimeSeries:
    ratio = combined("max", ("check",), _data(catalogue.DATA_QUALITY_RATIO))
    threshold = combined("max", ("check", "severity"), _data(catalogue.DATA_QUALITY_THRESHOLD))
    return TimeSeries(
        number=41,
        title="Unusable values",
        description="Shares of values that are missing, of the wrong type, out of range or of unseen categories, with their"
        " thresholds. Above them the feature's source is broken.",
        queries=(Query(ratio, "{{check}}"), Query(threshold, "{{check}}, {{severity}}")),
        width=24,
        unit="percentunit",
        minimum=0,
        overrides=limits_by_severity(),
        alerts=tuple(_CHECKS.values()),
    )
