"""Panels about what a classifier says, how sure it is, and what comes true."""

from __future__ import annotations

from dashboards.figures import limit
from dashboards.links import board
from dashboards.panels.panel import Panel, Query, named
from dashboards.panels.table import Table
from dashboards.panels.time_series import TimeSeries, limits_by_severity
from dashboards.variables import ONE, SETTINGS
from exporter import catalogue
from rules.promql import combined, select, total

_WINDOW = 'window="$window"'


def panels() -> tuple[Panel, ...]:
    return (_confusion(), _classes(), _confidence())


def _confusion() -> Table:
    rows = combined(
        "max",
        ("true_class", "predicted_class"),
        select(SETTINGS, catalogue.CONFUSION_WINDOW_ROWS, ONE, _WINDOW, model_version=""),
    )
    matrix = {
        "id": "groupingToMatrix",
        "options": {
            "columnField": "predicted_class",
            "emptyValue": "zero",
            "rowField": "true_class",
            "valueField": "Value",
        },
    }
    return Table(
        number=31,
        title="True class by predicted class",
        description="Labelled predictions of the window. A row is what came true, a column what the model said.",
        queries=(Query(rows, instant=True, format="table"),),
        width=8,
        height=9,
        empty="No classes",
        transformations=(matrix,),
        overrides=(named("true_class\\predicted_class", displayName="True, predicted as"),),
    )


def _classes() -> TimeSeries:
    predictions = select(SETTINGS, catalogue.PREDICTIONS, ONE, 'predicted_class!=""')
    rate = total(SETTINGS, ("predicted_class",), f"rate({predictions}[$__rate_interval])")
    share = f"({rate}) / on (job, model_name) group_left () (sum by (job, model_name) ({rate}) > 0)"
    return TimeSeries(
        number=32,
        title="Predicted classes",
        description="Share of each class among the predictions: when it moves, the world or the model has.",
        queries=(Query(share, "{{predicted_class}}"),),
        width=8,
        height=9,
        unit="percentunit",
        stacked="normal",
        minimum=0,
        maximum=1,
        empty="No classes",
        alerts=("MLPredictionDriftDetected",),
        leads=(board("Drift", "driftbell-drift", "model_name"),),
    )


def _confidence() -> TimeSeries:
    low = select(SETTINGS, catalogue.LOW_CONFIDENCE_PREDICTIONS, ONE)
    count = select(SETTINGS, catalogue.PREDICTION_CONFIDENCE, ONE, suffix="_count")
    added = select(SETTINGS, catalogue.PREDICTION_CONFIDENCE, ONE, suffix="_sum")

    def hourly(selector: str) -> str:
        return total(SETTINGS, (), f"increase({selector}[1h])")

    return TimeSeries(
        number=33,
        title="Confidence",
        description="Mean probability that the model gave to what it predicted, and the share of predictions it was unsure of. A"
        " model that grows unsure meets what it does not know.",
        queries=(
            Query(f"{hourly(added)} / ({hourly(count)} > 0)", "mean confidence"),
            Query(f"{hourly(low)} / ({hourly(count)} > 0)", "unsure"),
            Query(limit("low_confidence_share", ONE), "unsure, {{severity}}"),
        ),
        width=8,
        height=9,
        unit="percentunit",
        minimum=0,
        maximum=1,
        overrides=limits_by_severity(),
        alerts=("MLHighLowConfidencePredictions", "MLConfidenceDrop"),
    )
