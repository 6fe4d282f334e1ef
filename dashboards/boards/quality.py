"""Is a model still right, and is that known at all?"""

from __future__ import annotations

from dashboards.annotations import events
from dashboards.board import Board, Row
from dashboards.boards import classes, labels
from dashboards.figures import LABELS
from dashboards.panels.colour import CURRENT, GOOD, REFERENCE, WARNING, Word
from dashboards.panels.panel import Panel, Query
from dashboards.panels.stat import tile
from dashboards.panels.table import Column, Sorting, Table, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries, band, limit_line, limits_by_severity
from dashboards.variables import ONE, SETTINGS, Variable, of_one_model, values_of
from exporter import catalogue
from exporter.catalogue import Metric
from rules.groups import quality as rules
from rules.promql import combined, select

UID = "driftbell-quality"
_WINDOW = 'window="$window"'
_TOGETHER = ('model_version=""', 'segment=""')
_FIGURE = 'metric="$metric"'
_ALARMS = ("MLModelQualityLow", "MLLowModelAccuracy", "MLCalibrationPoor")


def quality() -> Board:
    return Board(
        uid=UID,
        title="Driftbell: quality",
        question="Is the model still right: beyond chance, for every segment and version, and do enough labels come to tell?",
        variables=of_one_model(
            Variable("window", "Window", values_of("window", catalogue.QUALITY_ROWS)),
            Variable("metric", "Metric", values_of("metric", catalogue.QUALITY, _WINDOW)),
            Variable("segment_by", "Segments by", values_of("segment_by", catalogue.QUALITY, 'segment_by!=""')),
            Variable(
                "segment",
                "Segment",
                values_of("segment", catalogue.QUALITY, 'segment_by="$segment_by"', 'segment!=""'),
                several=True,
            ),
        ),
        annotations=events(ONE),
        top=(*_tiles(), _over_time(), _figures()),
        rows=(
            Row(20, "Versions and segments", (_versions(), _segments_over_time(), _segments())),
            Row(30, "What it says, what comes true", classes.panels()),
            Row(40, "Labels: is quality known?", labels.panels()),
        ),
        past="now-7d",
        refresh="5m",
    )


def _select(metric: Metric, *matchers: str, **labels: str) -> str:
    return select(SETTINGS, metric, ONE, _WINDOW, *matchers, **labels)


def _now(metric: Metric, *more: str, operation: str = "max", labels: tuple[str, ...] = ()) -> str:
    """Return a figure of the chosen metric, of all versions and segments together."""
    return combined(operation, labels, _select(metric, _FIGURE, *_TOGETHER, *more))


def _tiles() -> tuple[Panel, ...]:
    return (_verdict(), *_figure_tiles(), *_label_tiles())


def _verdict() -> Panel:
    bad = rules.bad(SETTINGS, "warning", ("metric", "window"), ONE, _WINDOW, _FIGURE, *_TOGETHER)
    judged = combined("group", (), _select(catalogue.QUALITY_THRESHOLD, _FIGURE, *_TOGETHER, severity="warning"))
    return tile(
        1,
        "Verdict on $metric",
        "Whether the figure is worse than its warning threshold, chance allowed for: what an alert goes by.",
        f"clamp_max({combined('count', (), bad)}, 1) or on (job, model_name) 0 * {judged}",
        words={0: Word("In order", GOOD), 1: Word("Out of limits", WARNING)},
        empty="Not judged",
        alerts=_ALARMS,
    )


def _figure_tiles() -> tuple[Panel, ...]:
    return (
        tile(
            2,
            "$metric",
            "The figure of all versions and segments together; too few labels make no figure.",
            _now(catalogue.QUALITY),
            decimals=3,
            empty="Too few labels",
        ),
        tile(
            3,
            "Against baseline",
            "The figure less the same on the reference data; which way is good depends on the metric.",
            f"{_now(catalogue.QUALITY)} - {_now(catalogue.QUALITY_BASELINE)}",
            decimals=3,
            empty="No baseline",
        ),
        tile(
            4,
            "Labelled predictions",
            "Rows that the figure rests on. Where there are few its interval is wide, and so is what chance may explain.",
            _now(catalogue.QUALITY_ROWS),
            unit="locale",
            decimals=0,
        ),
    )


def _label_tiles() -> tuple[Panel, ...]:
    known, overdue = (
        combined("max", (), _select(catalogue.QUALITY_STATE, 'model_version=""', state=state))
        for state in (catalogue.KNOWN, catalogue.OVERDUE)
    )
    return (
        tile(
            5,
            "Labels",
            "Known: enough have come. Waiting: they are not due yet. Overdue: nobody knows how good the model is.",
            f"{known} + on (job, model_name) 2 * {overdue}",
            words=LABELS,
            empty="Not judged",
            alerts=("MLQualityUnknown",),
        ),
        tile(
            6,
            "Label coverage",
            "Share of the window's predictions that have a label; the limit is drawn below.",
            combined("min", (), _select(catalogue.LABEL_COVERAGE, 'model_version=""')),
            unit="percentunit",
            decimals=1,
            alerts=("MLLabelCoverageLow",),
        ),
    )


def _over_time() -> TimeSeries:
    thresholds = _now(catalogue.QUALITY_THRESHOLD, labels=("bound", "severity"))
    return TimeSeries(
        number=7,
        title="$metric with its interval",
        description="The figure, its confidence interval shaded, what it was on the reference data, and its thresholds. An alert"
        " waits until the whole interval is beyond one.",
        queries=(
            Query(_now(catalogue.QUALITY_LOWER), "lower"),
            Query(_now(catalogue.QUALITY_UPPER), "interval"),
            Query(_now(catalogue.QUALITY), "$metric"),
            Query(_now(catalogue.QUALITY_BASELINE), "baseline"),
            Query(thresholds, "{{bound}} {{severity}}"),
        ),
        width=12,
        height=10,
        overrides=(*band("lower", "interval", CURRENT), limit_line("^baseline$", REFERENCE), *limits_by_severity()),
        alerts=_ALARMS,
    )


def _figures() -> Table:
    def each(metric: Metric) -> str:
        return combined("max", ("metric",), _select(metric, *_TOGETHER))

    def least(bound: str) -> str:
        matchers = (*_TOGETHER, f'bound="{bound}"', 'severity="warning"')
        return combined("max", ("metric",), _select(catalogue.QUALITY_THRESHOLD, *matchers))

    return table(
        (
            of_label("metric", "Metric", width=130),
            Column("Now", each(catalogue.QUALITY), decimals=3),
            Column("From", each(catalogue.QUALITY_LOWER), decimals=3),
            Column("To", each(catalogue.QUALITY_UPPER), decimals=3),
            Column("Baseline", each(catalogue.QUALITY_BASELINE), decimals=3),
            Column("Warn below", least("min"), decimals=3),
            Column("Warn above", least("max"), decimals=3),
            Column("Rows", each(catalogue.QUALITY_ROWS), "locale", 0),
        ),
        number=8,
        title="All figures of the window",
        description="Each figure with its confidence interval, what it was on the reference data, and when it warns: bad is an interval that lies wholly beyond.",
        width=12,
        height=10,
        sorting=(Sorting("Metric", descending=False),),
    )


def _versions() -> TimeSeries:
    by = combined("max", ("model_version",), _select(catalogue.QUALITY, _FIGURE, 'segment=""', 'model_version!=""'))
    return TimeSeries(
        number=21,
        title="$metric by version",
        description="Each version by itself, where several have answered: a new one that is worse shows here first.",
        queries=(Query(by, "{{model_version}}"),),
        width=12,
        decimals=3,
    )


_SEGMENT = ("segment_by", "segment")


def _of_segments(metric: Metric, *more: str) -> str:
    matchers = (_FIGURE, 'model_version=""', 'segment_by="$segment_by"', 'segment=~"$segment"', 'segment!=""', *more)
    return combined("max", _SEGMENT, _select(metric, *matchers))


def _segments_over_time() -> TimeSeries:
    return TimeSeries(
        number=22,
        title="$metric by $segment_by",
        description="Up to 20 of the chosen segments: a model that is right on the whole may fail some of the people.",
        queries=(Query(f"topk(20, {_of_segments(catalogue.QUALITY)})", "{{segment}}"),),
        width=12,
        decimals=3,
        alerts=("MLSegmentQualityLow",),
    )


def _segments() -> Table:
    low, high = (
        _of_segments(catalogue.QUALITY_THRESHOLD, 'severity="warning"', f'bound="{bound}"') for bound in ("min", "max")
    )
    return table(
        (
            of_label("segment", "Segment"),
            Column("Now", _of_segments(catalogue.QUALITY), decimals=3),
            Column("From", _of_segments(catalogue.QUALITY_LOWER), decimals=3),
            Column("To", _of_segments(catalogue.QUALITY_UPPER), decimals=3),
            Column("Warn below", low, decimals=3),
            Column("Warn above", high, decimals=3),
            Column("Rows", _of_segments(catalogue.QUALITY_ROWS), "locale", 0),
        ),
        number=23,
        title="$metric of each segment",
        description="The chosen segments with their intervals; few rows make wide ones.",
        width=24,
        height=8,
        sorting=(Sorting("Now", descending=False),),
        empty="No segments",
        alerts=("MLSegmentQualityLow",),
        filterable=True,
    )
