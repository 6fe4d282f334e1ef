"""What every page has around its content, and the small parts that pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from exporter.web.status.drawings import icon
from exporter.web.status.level import Finding, Level
from exporter.web.status.markup import Content, Html, document, element, maker, style
from exporter.web.status.style import SHEET
from exporter.web.status.wording import many

_COLOURS = {
    Level.WELL: "#1f8f5a",
    Level.UNKNOWN: "#7b8694",
    Level.INFO: "#2f6fd0",
    Level.WARNING: "#e09b1a",
    Level.CRITICAL: "#cf2e2e",
    Level.EMERGENCY: "#8f1414",
}
# A disc while nothing is wrong, else a triangle.
_DISC, _TRIANGLE = "<circle cx='8' cy='8' r='7' fill='{}'/>", "<path d='M8 1l7.5 14H.5z' fill='{}'/>"


class Refreshing(NamedTuple):
    """Whether the page comes again by itself, and the address at which it does the opposite."""

    is_on: bool
    other: str


def page(title: str, level: Level, refreshing: Refreshing, version: str, *content: Content) -> bytes:
    """Return a whole page; ``level`` is what the icon of the tab shows."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="icon", href=_tab_icon(level)),
        style(SHEET),
    )
    skip = element("a", "To the content", class_="skip", href="#content")
    main = element("main", content, id="content")
    return document(head, element("body", skip, _header(refreshing), main, _footer(version)))


def _tab_icon(level: Level) -> str:
    shape = (_TRIANGLE if level.is_bad else _DISC).format(_COLOURS[level])
    return "data:image/svg+xml," + quote(f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>{shape}</svg>")


def _header(refreshing: Refreshing) -> Html:
    links = [("/", "All models"), ("/metrics", "Metrics"), ("/-/healthy", "Health"), ("/-/ready", "Readiness")]
    items = [element("li", element("a", text, href=address)) for address, text in links]
    text = "Stop refreshing" if refreshing.is_on else "Refresh every minute"
    items.append(element("li", element("a", text, href=refreshing.other)))
    brand = element("a", "Driftbell", class_="brand", href="/")
    return element("header", brand, element("nav", element("ul", items), aria_label="Pages"))


def _footer(version: str) -> Html:
    return element(
        "footer",
        element(
            "p",
            "This page shows the present, by the comparisons that the alert rules make. Only Prometheus' rules decide about"
            " alerts: they wait until something lasts, compare with last week, and let one alert veto another.",
        ),
        element("p", f"Driftbell {version}"),
    )


def section(place: str, title: str, *content: Content, lead: Content = None, beside: Html | None = None) -> Html:
    """Return a part of a page with a heading, to which links lead; ``beside`` stands beside it."""
    heading = element("h2", title, id=f"{place}-title")
    if beside is not None:
        heading = element("div", heading, beside, class_="head")
    said = element("p", lead, class_="soft small") if lead else None
    return element("section", heading, said, content, id=place, aria_labelledby=f"{place}-title")


def state(level: Level, text: str = "", *, pill: bool = False) -> Html:
    """Return a level as shape and word."""
    return element("span", icon(level), text or level.word, class_=f"state {level.key}{' pill' if pill else ''}")


def banner(level: Level, what: Content, detail: Content) -> Html:
    return element(
        "div", icon(level), element("p", element("strong", what), detail), class_=f"banner {level.key}", role="status"
    )


def facts(pairs: Iterable[tuple[str, Content]]) -> Html:
    """Return figures under their names."""
    return element(
        "dl", [element("div", element("dt", name), element("dd", value)) for name, value in pairs], class_="facts"
    )


class Column(NamedTuple):
    """A column of a table; figures stand on the right."""

    name: str
    is_figure: bool = False


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Content]], *, is_hidden: bool = False
) -> Html:
    """Return a table whose first column names the rows; on a narrow screen each row becomes a block.

    Roles are stated, since browsers drop those of what is no longer laid out as a table.
    """
    head = [
        element("th", column.name, scope="col", role="columnheader", class_="n" if column.is_figure else None)
        for column in columns
    ]
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="hidden" if is_hidden else None),
            element("thead", element("tr", head, role="row"), role="rowgroup"),
            element("tbody", _rows(columns, rows), role="rowgroup"),
            class_="stack",
            role="table",
        ),
        class_="scroll",
    )


def _rows(columns: Sequence[Column], rows: Iterable[Sequence[Content]]) -> Iterator[Html]:
    row = maker("tr", role="row")
    cells = [maker("th", scope="row", role="rowheader")]
    cells += [
        maker("td", data_label=column.name, role="cell", class_="n" if column.is_figure else None)
        for column in columns[1:]
    ]
    for values in rows:
        yield row([cell(value) for cell, value in zip(cells, values, strict=True)])


def finding(found: Finding, *, link: bool = True) -> Html:
    """Return a finding as an item of a list."""
    what = element("a", found.what, href=f"#{found.place}") if link and found.place else found.what
    return element(
        "li",
        icon(found.level),
        element(
            "div",
            element("p", element("strong", what), " ", element("span", found.level.word, class_="soft small")),
            element("p", found.detail, [" ", element("code", found.alert)] if found.alert else None, class_="small"),
        ),
    )


def findings(found: Sequence[Finding], most: int) -> list[Html]:
    """Return a list of findings, those beyond ``most`` folded away."""
    shown = element("ul", [finding(each) for each in found[:most]], class_="findings")
    if len(found) <= most:
        return [shown]
    rest = element("ul", [finding(each) for each in found[most:]], class_="findings")
    return [shown, element("details", element("summary", f"{many(len(found) - most, 'more finding')}"), rest)]


def address_of(model: str) -> str:
    """Return the path of a model's page."""
    # Half a character has no address, and must not cost the overview.
    return "/models/" + quote(model, safe="", errors="replace")
