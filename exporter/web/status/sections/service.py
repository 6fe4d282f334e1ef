"""How the model serves: traffic by window, and its objectives."""

from __future__ import annotations

from exporter import catalogue
from exporter.web.status.drawings import meter
from exporter.web.status.figures import Figures
from exporter.web.status.frame import Column, section, state, table
from exporter.web.status.judging.objectives import Budget, budgets_of
from exporter.web.status.judging.traffic import latency_objective
from exporter.web.status.level import Level
from exporter.web.status.markup import Content, Html, element
from exporter.web.status.survey import ModelStatus
from exporter.web.status.wording import known, named, number, seconds, share

_TRAFFIC = (
    Column("Window"),
    Column("Requests", is_figure=True),
    Column("Server errors", is_figure=True),
    Column("Latency, median", is_figure=True),
    Column("95th percentile", is_figure=True),
    Column("99th percentile", is_figure=True),
)
_BUDGETS = (
    Column("Objective"),
    Column("State"),
    Column("Wanted", is_figure=True),
    Column("Good, of its period", is_figure=True),
    Column("Budget left", is_figure=True),
    Column("Picture"),
    Column("Period", is_figure=True),
)


def traffic_section(status: ModelStatus) -> Html:
    figures = status.figures
    windows = [labels["window"] for labels, _ in figures.where(catalogue.WINDOW_REQUESTS, model_version="")]
    # Those that end about now by their length, then the others.
    ordered = [*figures.windows, *(window for window in windows if window not in figures.windows)]
    if not ordered:
        return section("traffic", "Traffic", lead="No request in any window yet.")
    return section(
        "traffic", "Traffic", table(_limits(figures), _TRAFFIC, [_row(figures, window) for window in ordered])
    )


def _limits(figures: Figures) -> str:
    errors, latency = figures.limits("error_ratio"), latency_objective(figures)
    text = "Windows in event time."
    if "warning" in errors:
        text += f" More than {share(errors['warning'])} of server errors is a warning."
    if latency is not None:
        text += f" The objective on latency is {seconds(latency)}."
    return text


def _row(figures: Figures, window: str) -> list[Content]:
    errors = figures.value(catalogue.ERROR_RATIO, window=window)
    latencies = (figures.value(catalogue.LATENCY, q=q, window=window) for q in ("0.5", "0.95", "0.99"))
    return [
        window,
        number(figures.value(catalogue.WINDOW_REQUESTS, window=window) or 0.0),
        known(errors, share),
        *(known(latency, seconds) for latency in latencies),
    ]


def objectives_section(status: ModelStatus) -> Html | None:
    budgets = budgets_of(status.figures)
    if not budgets:
        return None
    caption = "How fast a budget burns, and which alert that is worth, only Prometheus knows."
    return section("objectives", "Objectives", table(caption, _BUDGETS, [_budget(budget) for budget in budgets]))


def _budget(budget: Budget) -> list[Content]:
    left = budget.remaining
    return [
        named(budget.slo),
        state(budget.level) if budget.level is not Level.UNKNOWN else element("span", "No event yet", class_="soft"),
        share(budget.objective),
        known(budget.compliance, share),
        known(left, share),
        meter(left, f"{share(left)} of the error budget are left", budget.level) if left is not None else None,
        known(budget.period, seconds),
    ]
