"""How far the data are from the reference: the columns that have drifted, then all features, the most drifted first."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.figures.spread import Spread, Spreads
from exporter.web.status.drawings import Shares, distribution, multiple, shares_of, small_distribution, words
from exporter.web.status.frame import Column, section, state, table
from exporter.web.status.judging.data_quality import WORDS, Check
from exporter.web.status.judging.drift import ColumnDrift, title_of
from exporter.web.status.level import Level
from exporter.web.status.markup import Content, Html, element, joined
from exporter.web.status.survey import ModelStatus
from exporter.web.status.wording import cut, known, many, named, number, share, times

# Shown large, and shown at once in the table of features; the others are folded away.
_MOST_LARGE = 6
_MOST_AT_ONCE = 50
_COLUMNS = (
    Column("Feature"),
    Column("State"),
    Column("Drift"),
    Column("Now and reference"),
    Column("Data quality"),
    Column("Rows", is_figure=True),
)

Known = dict[tuple[str, str], tuple[Spread, Shares]]


def known_shares(spreads: Spreads | None) -> Known:
    """Return, by kind and feature, the spreads that have rows on both sides."""
    columns = spreads.columns if spreads else ()
    found = ((spread, shares_of(spread)) for spread in columns)
    return {(spread.kind, spread.feature): (spread, shares) for spread, shares in found if shares is not None}


def drift_section(status: ModelStatus, spreads: Spreads | None) -> Html:
    """Return the section; ``spreads`` None: the worker did not come to it in time."""
    spread_of = known_shares(spreads)
    drifted = [column for column in status.columns if (column.multiple or 0.0) > 1 and column.level.is_bad]
    outputs = [column for column in status.columns if column.kind != "data" and column not in drifted]
    large = [*drifted[:_MOST_LARGE], *outputs]
    if not status.columns:
        return section("drift", "Drift", lead="There is no reference, or no row yet, so nothing can be compared.")
    cards = (
        element("ul", [element("li", *_card(column, spread_of)) for column in large], class_="columns")
        if large
        else None
    )
    return section("drift", "Drift", _key(spreads) if cards else None, cards, lead=_lead(status, spreads, len(drifted)))


def _lead(status: ModelStatus, spreads: Spreads | None, drifted: int) -> str:
    judged = sum(column.multiple is not None for column in status.columns)
    if not judged:
        return "Too few rows, or no window that is whole yet: drift is not judged."
    text = f"{drifted} of {judged} judged columns lie further from the reference than their threshold."
    if drifted > _MOST_LARGE:
        text += f" The {_MOST_LARGE} that do most are drawn here, all of them are among the features below."
    if spreads is None:
        text += (
            " Distributions are left out: the exporter was too busy with the logs to look them up. Reload to try again."
        )
    return text


def _key(spreads: Spreads | None) -> Html | None:
    if not spreads or not spreads.columns:
        return None
    now = element(
        "svg", element("rect", width="20", height="14", class_="now"), aria_hidden="true", viewBox="0 0 20 14"
    )
    line = element("path", d="M0 12V3h20v9", class_="before")
    before = element("svg", line, aria_hidden="true", viewBox="0 0 20 14")
    return element(
        "p", element("span", now, f"now, over {spreads.window}"), element("span", before, "reference"), class_="key"
    )


def _card(column: ColumnDrift, spread_of: Known) -> list[Content]:
    heading = named(column.feature) if column.kind == "data" else title_of(column)
    about = spread_of.get((column.kind, column.feature))
    drawing = distribution(*about) if about else None
    said = element("p", words(about[1]), class_="small soft") if about else None
    return [element("div", element("h3", heading), _state(column.level), class_="head"), _score(column), said, drawing]


def _state(level: Level) -> Html:
    return state(level) if level is not Level.UNKNOWN else element("span", "Not judged", class_="soft")


def _score(column: ColumnDrift) -> Html:
    if column.multiple is None or column.score is None or column.threshold is None:
        return element("p", _unjudged(column), class_="small soft")
    text = (
        f"{column.method} {number(column.score)} over {column.window}, {times(column.multiple)} its threshold of"
        f" {number(column.threshold)}"
    )
    other = f", against {cut(column.reference)}" if column.reference else ""
    return element("p", text + other + ".", class_="small")


def _unjudged(column: ColumnDrift) -> str:
    if column.score is not None:
        return f"{column.method} {number(column.score)} over {column.window}, which is not judged."
    if not any(column.rows.values()):
        return "No values in any window yet."
    return "Too few rows for a score, or no window that is whole yet."


def features_section(status: ModelStatus, spreads: Spreads | None) -> Html:
    """Return the table of all features."""
    spread_of = known_shares(spreads)
    columns = status.features + [ColumnDrift("data", name) for name in _unlisted(status)]
    if not columns:
        return section("features", "Features", lead="None has a value yet.")
    caption = "Sorted by drift: a feature's worst score as a multiple of its threshold, which is the notch."
    first, rest = columns[:_MOST_AT_ONCE], columns[_MOST_AT_ONCE:]
    shown = [table(caption, _COLUMNS, [_row(status, column, spread_of) for column in first])]
    if rest:
        folded = table("The other features.", _COLUMNS, [_row(status, column, spread_of) for column in rest])
        shown.append(element("details", element("summary", f"{many(len(rest), 'more feature')}, less drifted"), folded))
    return section("features", "Features", _key(spreads), shown)


def _unlisted(status: ModelStatus) -> list[str]:
    listed = {column.feature for column in status.features}
    return sorted(feature for feature in status.checks if feature not in listed)


def _row(status: ModelStatus, column: ColumnDrift, spread_of: Known) -> list[Content]:
    checks = status.checks.get(column.feature, [])
    level = max([column.level, *(check.level for check in checks if check.level.is_bad)])
    about = spread_of.get(("data", column.feature))
    return [
        named(column.feature),
        _state(level),
        _multiple(column),
        small_distribution(about[1]) if about else None,
        _quality(checks),
        known(column.rows.get(column.window, column.rows.get(status.figures.main_window))),
    ]


def _multiple(column: ColumnDrift) -> Html:
    if column.multiple is None:
        return element("span", _unjudged(column), class_="soft small")
    text = f"{times(column.multiple)} the threshold"
    method = element("span", column.method, class_="soft small")
    return element(
        "div",
        multiple(column.multiple, text, column.level),
        element("span", times(column.multiple), " ", method),
        class_="pair",
    )


def _quality(checks: Sequence[Check]) -> Html:
    """Return what fails a check, the worst first; what never does need not be said of each check."""
    failing = sorted((check for check in checks if check.share > 0), key=lambda check: (-check.level, -check.share))
    if not checks:
        return element("span", "Not known", class_="soft")
    if not failing:
        return element("span", "All values in order", class_="soft")
    return joined([element("div", _check(check)) for check in failing])


def _check(check: Check) -> Content:
    limit = f" (threshold {share(check.threshold)})" if check.threshold is not None else ""
    text = f"{share(check.share)} {WORDS[check.check]}"
    return state(check.level, text + limit) if check.level.is_bad else element("span", text, class_="small")
