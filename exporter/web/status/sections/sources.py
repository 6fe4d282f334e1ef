"""The logs that the model's figures come from, and what the configuration says about it."""

from __future__ import annotations

from exporter import catalogue
from exporter.web.status.frame import Column, facts, section, state, table
from exporter.web.status.judging.logs import Log, logs_of
from exporter.web.status.level import Level
from exporter.web.status.markup import Content, Html, element
from exporter.web.status.survey import ModelStatus
from exporter.web.status.wording import NONE, cut, many, named, number, seconds, since

_LOGS = (
    Column("Log"),
    Column("State"),
    Column("Newest record", is_figure=True),
    Column("Behind", is_figure=True),
    Column("Read", is_figure=True),
    Column("Rejected"),
    Column("Late", is_figure=True),
    Column("Ignored", is_figure=True),
)


def sources_section(status: ModelStatus, now: float) -> Html:
    logs = logs_of(status.figures)
    if not logs:
        return section("sources", "Logs", lead="Nothing is known of the logs yet.")
    caption = "Records since the figures were begun. Behind: how old the newest record is that was just read, while there is more to read."
    return section("sources", "Logs", table(caption, _LOGS, [_row(log, now) for log in logs]))


def _row(log: Log, now: float) -> list[Content]:
    up = state(Level.WELL, "Read") if log.is_up else state(Level.WARNING, "Cannot be read")
    failed = element("div", f"{many(log.failures, 'attempt')} failed since the start", class_="small soft")
    if log.last_success is not None and not log.is_up:
        failed = element("div", failed, element("div", "last read ", since(log.last_success, now), class_="small soft"))
    return [
        log.source.capitalize(),
        element("div", up, failed if log.failures or not log.is_up else None),
        since(log.newest, now) if log.newest is not None else "none yet",
        _lag(log),
        number(log.rows) if log.rows is not None else "not yet",
        _rejections(log),
        number(log.late),
        number(log.ignored),
    ]


def _lag(log: Log) -> str:
    if log.lag is None:
        return NONE
    return seconds(log.lag) if log.lag else "up to date"


def _rejections(log: Log) -> Content:
    if not log.rejected:
        return element("span", "none", class_="soft")
    ordered = sorted(log.rejected.items(), key=lambda item: -item[1])
    return element("div", [element("div", number(rows), " ", cut(reason)) for reason, rows in ordered])


def about_section(status: ModelStatus, now: float) -> Html:
    """Return what the configuration says, what it is compared with and which versions there are."""
    figures = status.figures
    pairs: list[tuple[str, Content]] = []
    for labels, _ in figures.where(catalogue.MODEL_INFO):
        pairs += [(name.capitalize(), named(labels[name])) for name in ("task", "framework", "owner") if labels[name]]
    trained = figures.value(catalogue.MODEL_TRAINED)
    if trained:
        pairs.append(("Trained", since(trained, now)))
    for (_, reference), rows in figures.table(catalogue.REFERENCE_ROWS).items():
        pairs.append(("Reference", [named(reference), f", {many(rows, 'row')}"]))
    pairs += _versions(status)
    series, limit = figures.value(catalogue.SERIES), figures.value(catalogue.SERIES_LIMIT)
    if series is not None and limit is not None:
        pairs.append(("Series", f"{number(series)} of at most {number(limit)}"))
    begun = figures.value(catalogue.COUNTING_SINCE)
    if begun is not None:
        pairs.append(("Figures begun", since(begun, now)))
    failures = figures.value(catalogue.MODEL_FAILURES) or 0.0
    left_out = figures.value(catalogue.FIGURE_FAILURES) or 0.0
    pairs.append(("Set aside", f"{many(failures, 'time')} since the start"))
    if left_out:
        pairs.append(("Figures left out after errors", number(left_out)))
    return section("about", "About the model", facts(pairs))


def _versions(status: ModelStatus) -> list[tuple[str, Content]]:
    window = status.figures.main_window
    rows = {
        labels["model_version"]: requests
        for labels, requests in status.figures.where(catalogue.WINDOW_REQUESTS, window=window)
        if labels["model_version"]
    }
    if not rows:
        return []
    ordered = sorted(rows.items(), key=lambda item: -item[1])
    return [
        (
            f"Requests by version, {window}",
            [element("div", named(name), f": {number(count)}") for name, count in ordered],
        )
    ]
