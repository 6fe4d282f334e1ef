"""How right the model is: each figure with its bounds, its thresholds and what it was on the reference."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.catalogue import KNOWN, OVERDUE, QUALITY_METRICS, SEVERITIES, WAITING
from exporter.web.status.drawings import Interval, interval
from exporter.web.status.figures import Figures
from exporter.web.status.frame import Column, section, state, table
from exporter.web.status.judging import quality
from exporter.web.status.judging.quality import Breach, label_state, metric_name
from exporter.web.status.level import Level, of_severity
from exporter.web.status.markup import Content, Html, element
from exporter.web.status.survey import ModelStatus
from exporter.web.status.wording import NONE, cut, known, named, number, share

_COLUMNS = (
    Column("Figure"),
    Column("State"),
    Column("Now", is_figure=True),
    Column("Interval", is_figure=True),
    Column("Reference", is_figure=True),
    Column("Threshold", is_figure=True),
    Column("Picture"),
    Column("Labelled rows", is_figure=True),
)
_STATES = {
    KNOWN: "Enough labels have come.",
    WAITING: "Waiting for labels: they are not due yet, so quality is not judged.",
    OVERDUE: "Labels are overdue: too few have come, so quality cannot be judged.",
}


def quality_section(status: ModelStatus) -> Html:
    figures, window = status.figures, status.figures.main_window
    rows = list(_rows(figures, window))
    lead = _lead(figures, window)
    if not rows:
        return section("quality", "Quality", lead=lead)
    caption = (
        f"Over {window}. A figure is bad when even the good end of its confidence interval is worse than a threshold. The"
        " picture shows the figure and its interval; shaded is where it would be bad, the notch is the reference."
    )
    return section("quality", "Quality", table(caption, _COLUMNS, rows), _segments(figures), lead=lead)


def _lead(figures: Figures, window: str) -> str:
    coverage = figures.value(catalogue.LABEL_COVERAGE, window=window)
    if coverage is None:
        return "There is no log of labels, or nothing of it yet, so nobody can say how right the model is."
    limit = figures.limits("label_coverage").get("warning")
    wanted = f"; at least {share(limit)} should" if limit is not None else ""
    text = f"{share(coverage)} of the predictions of {window} have a label{wanted}."
    return f"{_STATES.get(label_state(figures, window), '')} {text}".strip()


def _rows(figures: Figures, window: str) -> Iterator[list[Content]]:
    bad = {breach.metric: breach for breach in _worst_last(figures) if not (breach.version or breach.segment)}
    for metric in QUALITY_METRICS:
        about = {"metric": metric.name, "window": window}
        value = figures.value(catalogue.QUALITY, **about)
        if value is None:
            continue
        least, most = (threshold_of(figures, metric.name, window, bound) for bound in ("min", "max"))
        figure = Interval(
            value,
            figures.value(catalogue.QUALITY_LOWER, **about),
            figures.value(catalogue.QUALITY_UPPER, **about),
            figures.value(catalogue.QUALITY_BASELINE, **about),
            least,
            most,
        )
        rows = figures.value(catalogue.QUALITY_ROWS, **about)
        yield _row(metric.name, figure, bad.get(metric.name), rows)


def _row(metric: str, figure: Interval, breach: Breach | None, rows: float | None) -> list[Content]:
    name = metric_name(metric)
    is_judged = figure.least is not None or figure.most is not None
    level = of_severity(breach.severity) if breach is not None else Level.WELL
    bounds = (
        f"{number(figure.lower)} to {number(figure.upper)}"
        if figure.lower is not None and figure.upper is not None
        else ""
    )
    threshold = thresholds_text(figure.least, figure.most)
    text = f"{name} is {number(figure.value)}"
    text += f", its confidence interval {bounds}" if bounds else ""
    text += f", its threshold {threshold}" if threshold else ""
    return [
        name[:1].upper() + name[1:],
        state(level) if is_judged else element("span", "Not judged", class_="soft"),
        number(figure.value),
        bounds or NONE,
        known(figure.baseline),
        threshold or NONE,
        interval(figure, text),
        known(rows),
    ]


def threshold_of(figures: Figures, metric: str, window: str, bound: str) -> float | None:
    """Return the threshold of the mildest severity there is."""
    found = {
        labels["severity"]: value
        for labels, value in figures.where(
            catalogue.QUALITY_THRESHOLD, model_version="", metric=metric, segment="", window=window, bound=bound
        )
    }
    return next((found[severity] for severity in SEVERITIES[1:] if severity in found), None)


def thresholds_text(least: float | None, most: float | None) -> str:
    """Return between which thresholds a figure should lie.

    >>> thresholds_text(0.5, None), thresholds_text(None, 2.0), thresholds_text(-1.0, 1.0)
    ('≥ 0.500', '≤ 2', '−1 to 1')
    """
    if least is not None and most is not None:
        return f"{number(least)} to {number(most)}"
    if least is not None:
        return f"≥ {number(least)}"
    return f"≤ {number(most)}" if most is not None else ""


def _worst_last(figures: Figures) -> list[Breach]:
    return sorted(quality.breaches(figures), key=lambda breach: of_severity(breach.severity))


def _segments(figures: Figures) -> Html | None:
    """Return the segments for which the model is bad."""
    bad = [breach for breach in _worst_last(figures) if breach.segment]
    if not bad:
        return None
    columns = (Column("Segment"), Column("Figure"), Column("Window"), Column("Bound", True), Column("Threshold", True))
    rows: list[list[Content]] = [
        [
            [cut(breach.segment_by), " ", named(breach.segment)],
            metric_name(breach.metric),
            breach.window,
            number(breach.value),
            thresholds_text(*((breach.threshold, None) if breach.bound == "min" else (None, breach.threshold))),
        ]
        for breach in sorted(bad, key=lambda breach: breach[1:5])
    ]
    return element("div", table("Segments for which it is bad.", columns, rows))
