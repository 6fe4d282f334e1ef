"""The page of one model: what is wrong with it, and all the figures that say so."""

from __future__ import annotations

from exporter import catalogue
from exporter.figures.spread import Spreads
from exporter.web.status.figures import Figures
from exporter.web.status.frame import Refreshing, banner, facts, findings, page, section
from exporter.web.status.level import worst
from exporter.web.status.markup import Content, Html, element
from exporter.web.status.overview import headline
from exporter.web.status.sections.drift import drift_section, features_section
from exporter.web.status.sections.quality import quality_section
from exporter.web.status.sections.service import objectives_section, traffic_section
from exporter.web.status.sections.sources import about_section, sources_section
from exporter.web.status.survey import ModelStatus, Moment, survey_of_exporter
from exporter.web.status.wording import cut, many, named, number, seconds, share, since

_MOST_FINDINGS = 6


def model_page(moment: Moment, name: str, spreads: Spreads | None, version: str, refreshing: Refreshing) -> bytes:
    """Return a model's page; ``spreads`` None: the worker did not come to it in time."""
    status = moment.model(name)
    content: list[Content] = [
        element("h1", named(name)),
        _summary(status),
        _exporters_troubles(moment),
        section("findings", "What is wrong", findings(status.findings, _MOST_FINDINGS)) if status.findings else None,
        section("figures", "At a glance", facts(_facts(status.figures, status, moment.now))),
        quality_section(status),
        drift_section(status, spreads),
        features_section(status, spreads),
        objectives_section(status),
        traffic_section(status),
        sources_section(status, moment.now),
        about_section(status, moment.now),
    ]
    title = f"{status.level.word}: {cut(name)} · Driftbell"
    return page(title, status.level, refreshing, version, content)


def _summary(status: ModelStatus) -> Html:
    level = status.level
    if status.findings:
        what = many(len(status.findings), "finding")
        detail = f"The worst: {status.findings[0].what}."
        return banner(level, f"{level.word}: {what}", detail if not status.blank else f"{detail} {status.blank}")
    return banner(level, level.word, status.reassurance)


def _exporters_troubles(moment: Moment) -> Html | None:
    """Say that the exporter is not well, since then its figures may not be, either."""
    _, found = survey_of_exporter(moment)
    if not found:
        return None
    return section("exporter", "The exporter is not well", findings(found, len(found)), lead=f"{worst(found).word}.")


def _facts(figures: Figures, status: ModelStatus, now: float) -> list[tuple[str, Content]]:
    window = figures.main_window
    found: list[tuple[str, Content]] = []
    requests = figures.value(catalogue.WINDOW_REQUESTS, window=window)
    if requests is not None:
        found.append((f"Requests, {window}", number(requests)))
    found += headline(figures, window)
    judged = [column for column in status.features if column.multiple is not None]
    drifted = sum((column.multiple or 0.0) > 1 for column in judged)
    found.append(("Features drifted", f"{drifted} of {len(judged)}" if judged else "not judged"))
    errors = figures.value(catalogue.ERROR_RATIO, window=window)
    latency = figures.value(catalogue.LATENCY, q="0.95", window=window)
    coverage = figures.value(catalogue.LABEL_COVERAGE, window=window)
    newest = figures.value(catalogue.NEWEST_EVENT, source="predictions")
    if errors is not None:
        found.append((f"Server errors, {window}", share(errors)))
    if latency is not None:
        found.append((f"95th percentile of latency, {window}", seconds(latency)))
    if coverage is not None:
        found.append((f"Labelled, {window}", share(coverage)))
    found.append(("Newest record", since(newest, now) if newest is not None else "none yet"))
    return found
