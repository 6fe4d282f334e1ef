"""Panels about the data: broken ones look like drift, and have to be mended first."""

from __future__ import annotations

from dashboards.figures import OF_LIMIT, above
from dashboards.links import board, label
from dashboards.panels.bar_gauge import BarGauge
from dashboards.panels.panel import Panel, Query
from dashboards.panels.time_series import TimeSeries
from dashboards.variables import ONE, SETTINGS
from exporter import catalogue
from rules.promql import combined, select

_WINDOW = 'window="$window"'
_FEATURE = board(
    "This feature", "driftbell-feature", "model_name", "window", "reference", feature_name=label("feature_name")
)
_ALARMS = ("MLMissingValues", "MLOutOfRangeValues", "MLUnseenCategories", "MLSchemaViolation")


def panels() -> tuple[Panel, ...]:
    return (_broken(), _checks())


def _failing() -> str:
    ratio = select(SETTINGS, catalogue.DATA_QUALITY_RATIO, ONE, _WINDOW, model_version="")
    threshold = select(SETTINGS, catalogue.DATA_QUALITY_THRESHOLD, ONE, _WINDOW, model_version="", severity="warning")
    return combined("max", ("feature_name", "check"), above(ratio, threshold, "severity"))


def _broken() -> BarGauge:
    return BarGauge(
        number=31,
        title="Unusable values, worst checks",
        description="The 8 worst checks of data quality, as multiples of their warning thresholds. Broken data look like drift:"
        " mend them first.",
        queries=(Query(f"topk(8, {_failing()})", "{{feature_name}}, {{check}}", instant=True),),
        width=12,
        decimals=2,
        minimum=0,
        steps=OF_LIMIT,
        empty="Not judged",
        alerts=_ALARMS,
        leads=(_FEATURE,),
    )


def _checks() -> TimeSeries:
    ratio = select(SETTINGS, catalogue.DATA_QUALITY_RATIO, ONE, _WINDOW, model_version="")
    return TimeSeries(
        number=32,
        title="Unusable values, worst feature",
        description="Of each check the feature that fails it most: missing, of the wrong type, out of range, of unseen categories.",
        queries=(Query(combined("max", ("check",), ratio), "{{check}}"),),
        width=12,
        unit="percentunit",
        minimum=0,
        alerts=_ALARMS,
    )
