"""The page at ``/``: is every model well?"""

from __future__ import annotations

from collections.abc import Sequence

from exporter import catalogue
from exporter.web.status.drawings import icon
from exporter.web.status.figures import Figures
from exporter.web.status.frame import Refreshing, address_of, banner, facts, finding, page, section, state
from exporter.web.status.judging.quality import label_state, metric_name
from exporter.web.status.level import Finding, Level, worst
from exporter.web.status.markup import Content, Html, element
from exporter.web.status.survey import ModelStatus, Moment, survey_of_exporter
from exporter.web.status.wording import many, named, number, seconds, share, since

_MOST_REASONS = 3
# The figure that stands for a model's quality: the first that it has.
_HEADLINES = ("accuracy", "roc_auc", "f1", "mae", "rmse", "r2")


def overview(moment: Moment, models: Sequence[str], version: str, refreshing: Refreshing) -> bytes:
    """Return the page of all models, the worst ones first."""
    own, found = survey_of_exporter(moment)
    # One after the other: the figures of all of them at once would take much memory.
    cards = sorted((_card_of(moment, name) for name in models), key=lambda card: -card[0])
    levels = [level for level, _ in cards]
    level = max(*levels, worst(found), Level.WELL) if levels else worst(found)
    content: list[Content] = [
        element("h1", "Models"),
        _summary(levels, found),
        element("ul", [element("li", card) for _, card in cards], class_="cards")
        if cards
        else element("p", "None configured."),
        _exporter(own, found, moment.now),
    ]
    bad = sum(each.is_bad for each in levels)
    title = f"{level.word}: {bad} of {many(len(levels), 'model')} · Driftbell" if bad else "Driftbell"
    return page(title, level, refreshing, version, content)


def _card_of(moment: Moment, name: str) -> tuple[Level, Html]:
    status = moment.model(name)
    return status.level, _card(status, moment.now)


def _summary(levels: Sequence[Level], found: Sequence[Finding]) -> Html:
    level = max((*levels, worst(list(found))), default=Level.WELL)
    if level is Level.WELL:
        return banner(level, "Every model is healthy", "Nothing is wrong at present.")
    bad = sum(each.is_bad for each in levels)
    unknown = sum(each is Level.UNKNOWN for each in levels)
    well = sum(each is Level.WELL for each in levels)
    what = (
        f"{bad} of {many(len(levels), 'model')} need{'s' if bad == 1 else ''} a look"
        if bad
        else "No model is known to be ill"
    )
    if not bad and found:
        what = "The exporter needs a look"
    counted = [f"{well} healthy", f"{unknown} not known yet" if unknown else ""]
    counted += [
        f"{levels.count(each)} {each.word.lower()}" for each in reversed(Level) if each.is_bad and each in levels
    ]
    return banner(level, what, " · ".join(text for text in counted if text))


def _card(status: ModelStatus, now: float) -> Html:
    level = status.level
    top = element(
        "div",
        icon(level),
        element("h2", element("a", named(status.name), href=address_of(status.name))),
        element("span", level.word, class_=f"state {level.key}"),
        class_=f"top {level.key}",
    )
    return element("article", top, _reasons(status), facts(_facts(status, now)), class_=f"card model {level.key}")


def _reasons(status: ModelStatus) -> Html:
    if not status.findings:
        return element("p", status.reassurance, class_="soft")
    shown = list(dict.fromkeys(each.what for each in status.findings))
    items = [element("li", what) for what in shown[:_MOST_REASONS]]
    if len(shown) > _MOST_REASONS:
        items.append(element("li", f"and {len(shown) - _MOST_REASONS} more", class_="soft"))
    return element("ul", items)


def _facts(status: ModelStatus, now: float) -> list[tuple[str, Content]]:
    figures, window = status.figures, status.figures.main_window
    found: list[tuple[str, Content]] = []
    requests = figures.value(catalogue.WINDOW_REQUESTS, window=window)
    if requests is not None:
        found.append((f"Requests, {window}", number(requests)))
    found += headline(figures, window)
    judged = [column for column in status.features if column.multiple is not None]
    if judged:
        drifted = sum((column.multiple or 0.0) > 1 for column in judged)
        found.append(("Features drifted", f"{drifted} of {len(judged)}"))
    elif status.features:
        found.append(("Features drifted", "not judged"))
    errors = figures.value(catalogue.ERROR_RATIO, window=window)
    if errors is not None:
        found.append((f"Server errors, {window}", share(errors)))
    newest = figures.value(catalogue.NEWEST_EVENT, source="predictions")
    found.append(("Newest record", since(newest, now) if newest is not None else "none yet"))
    return found


def headline(figures: Figures, window: str) -> list[tuple[str, Content]]:
    """Return the figure that stands for a model's quality, or why there is none."""
    for metric in _HEADLINES:
        value = figures.value(catalogue.QUALITY, metric=metric, window=window)
        if value is not None:
            name = metric_name(metric)
            return [(f"{name[:1].upper()}{name[1:]}, {window}", number(value))]
    state_of_labels = label_state(figures, window)
    return (
        [("Quality", f"labels are {state_of_labels}" if state_of_labels == "overdue" else "waiting for labels")]
        if state_of_labels
        else []
    )


def _exporter(own: Figures, found: Sequence[Finding], now: float) -> Html:
    """Return what there is to know of the exporter itself."""
    pairs: list[tuple[str, Content]] = []
    evaluated = own.value(catalogue.LAST_EVALUATION)
    pairs.append(("Figures computed", since(evaluated, now) if evaluated is not None else "not yet"))
    duration = own.value(catalogue.EVALUATION_DURATION)
    if duration is not None:
        pairs.append(("which took", seconds(duration)))
    saved = own.value(catalogue.LAST_COMMIT)
    pairs.append(("State saved", since(saved, now) if saved is not None else "not yet"))
    reload = own.value(catalogue.CONFIG_RELOAD_SUCCESSFUL)
    when = own.value(catalogue.CONFIG_RELOAD_TIME)
    if reload is not None:
        taken_on = since(when, now) if when is not None else "yes"
        pairs.append(("Configuration taken on", taken_on if reload else "the last one was refused"))
    series, limit = own.value(catalogue.SERIES, model_name=""), own.value(catalogue.SERIES_LIMIT, model_name="")
    if series is not None and limit is not None:
        pairs.append(("Series", f"{number(series)} of at most {number(limit)}"))
    dropped = own.value(catalogue.DROPPED_SERIES, model_name="")
    if dropped:
        pairs.append(("Series left out", number(dropped)))
    listed = element("ul", [finding(each, link=False) for each in found], class_="findings") if found else None
    return section("exporter", "The exporter", listed, facts(pairs), beside=state(worst(list(found))))
