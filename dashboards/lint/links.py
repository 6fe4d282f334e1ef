"""Ways from one dashboard to another, to runbooks, and from alerts to panels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dashboards.lint.board_file import BoardFile, Panel, items, mapping
from dashboards.lint.check import Check, Said, of_boards, of_material
from dashboards.lint.interpolation import IN_LINKS, names
from dashboards.lint.layout import TAGS
from dashboards.lint.material import Material, renamed
from dashboards.lint.positions import Place
from rules import syntax
from rules.lint.finding import Finding, Level
from rules.lint.rule_file import Rule

_MARKDOWN = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_LABEL = re.compile(r"\$\{__field\.labels\.(\w+)\}")
_COLUMN = re.compile(r"\$\{__data\.fields\[?[.\"']?([^\"'\]}:]+)")
_KEPT = re.compile(r"\$\{(\w+):queryparam\}")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_TIME = ("${__url_time_range}", "$__url_time_range")


def _urls(board: BoardFile) -> Iterator[tuple[Place, str, Panel | None]]:
    """Yield all places that people can be sent to."""
    for number, each in enumerate(items(board.data.get("links"))):
        if mapping(each).get("url"):
            yield ("links", number, "url"), str(each["url"]), None
    for panel in board.panels:
        for number, each in enumerate(items(panel.data.get("links"))):
            yield (*panel.place, "links", number, "url"), str(mapping(each).get("url")), panel
        for number, each in enumerate(items(panel.defaults.get("links"))):
            yield (*panel.place, "fieldConfig", "defaults", "links", number), str(mapping(each).get("url")), panel
        for place, _, properties in panel.overrides():
            yield from ((place, str(mapping(each).get("url")), panel) for each in items(properties.get("links")))
        for url in _MARKDOWN.findall(str(panel.options.get("content", ""))):
            yield (*panel.place, "options", "content"), url, panel


@of_boards(
    "D30",
    Level.ERROR,
    "a link that leads nowhere, hands over what the other side does not take, or loses the time",
    why="The click at night that ends at `Dashboard not found`, or at another model.",
    mend="/d/<uid>?${__url_time_range}&${job:queryparam}&var-model_name=..., with variables that the other dashboard has.",
)
def links_lead_somewhere(board: BoardFile, material: Material) -> Iterator[Said]:
    for place, url, panel in _urls(board):
        for text in _faults(url, board, panel, material):
            yield Said(text, place, panel=panel)
    for number, each in enumerate(items(board.data.get("links"))):
        tags = items(mapping(each).get("tags"))
        if mapping(each).get("type") == "dashboards" and not (tags and set(tags) <= TAGS):
            yield Said(f"no dashboard has the tags {', '.join(map(str, tags)) or 'of none'}", ("links", number))


def _faults(url: str, board: BoardFile, panel: Panel | None, material: Material) -> Iterator[str]:
    parts = urlsplit(url)
    if url.startswith(material.settings.runbooks):
        name = parts.path.rpartition("/")[2]
        # The folder of all of them is a link of its own.
        if name.endswith(".md") and material.runbooks is not None and not (material.runbooks / name).is_file():
            yield f"there is no runbook {name}"
    elif parts.scheme or parts.netloc:
        yield f"{url} leads away from Grafana and the runbooks"
    elif not parts.path.startswith("/d/"):
        yield f"{url} is no link to a dashboard"
    else:
        yield from _board_faults(url, board, panel, material)


def _board_faults(url: str, board: BoardFile, panel: Panel | None, material: Material) -> Iterator[str]:
    uid = urlsplit(url).path.removeprefix("/d/").partition("/")[0]
    other = material.by_uid.get(uid)
    if other is None:
        yield f"there is no dashboard {uid}"
        return
    query = urlsplit(url).query
    if not any(each in query for each in _TIME):
        yield f"the link to {uid} loses the time"
    for name in (*_KEPT.findall(query), *(key[4:] for key, _ in parse_qsl(query) if key.startswith("var-"))):
        if name not in other.variables:
            yield f"{uid} has no variable {name}"
    for name in names(query):
        if name not in board.variables and name not in IN_LINKS:
            yield f"there is no variable {name}"
    if panel is not None:
        yield from _value_faults(url, board, panel, material)


def _value_faults(url: str, board: BoardFile, panel: Panel, material: Material) -> Iterator[str]:
    flows = [material.flow(query) for query in board.queries if query.panel is panel]
    for label in _LABEL.findall(url):
        if flows and all(flow.lacks(label) for flow in flows):
            yield f"no series of the panel has the label {label}"
    columns = {new for _, new in renamed(panel)}
    for column in _COLUMN.findall(url):
        if column not in columns and all(flow.lacks(column) for flow in flows):
            yield f"the table has no column {column}"


@of_material(
    "D37",
    Level.ERROR,
    "an alert whose dashboard, panel or variable is not there, or whose panel shows something else",
    why="Whoever is paged opens the link first.",
    mend="dashboard_url of the alert: a uid, viewPanel and var-names of dashboards/.",
)
def alerts_are_shown(check: Check, material: Material) -> Iterator[Finding]:
    for rule in material.alerts if material.readable or material.others else ():
        link = rule.annotations.get("dashboard_url", "")
        for text in dict.fromkeys(_alert_faults(link, rule, material)):
            line = rule.line_of("annotations")
            yield Finding(rule.file, line, check.code, check.level, text, rule.said, rule.group.name)


def _alert_faults(link: str, rule: Rule, material: Material) -> Iterator[str]:
    parts = urlsplit(_TEMPLATE.sub("x", link))
    uid = parts.path.partition("/d/")[2].partition("/")[0]
    board = material.by_uid.get(uid)
    if board is None:
        yield f"there is no dashboard {uid or link}"
        return
    for key, value in parse_qsl(parts.query):
        if key.startswith("var-") and key[4:] not in board.variables:
            yield f"{uid} has no variable {key[4:]}"
        elif key == "viewPanel":
            panel = next((each for each in board.panels if str(each.data.get("id")) == value), None)
            if panel is None:
                yield f"{uid} has no panel {value}"
            elif (wanted := _metrics(rule.tree, material)) and not _reads(board, panel, material) & wanted:
                yield f"{panel.said} of {uid} shows none of the alert's metrics"


def _reads(board: BoardFile, panel: Panel, material: Material) -> frozenset[str]:
    trees = [material.written(query) for query in board.queries if query.panel is panel]
    return frozenset(name for tree in trees if tree is not None for name in _metrics(tree, material))


def _metrics(tree: Any, material: Material, depth: int = 0) -> frozenset[str]:
    """Return the metrics and records that an expression reads, those within records included."""
    found: set[str] = set()
    for selector in syntax.selectors(tree) if tree is not None else ():
        name = syntax.name_of(selector)
        found.add(name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum"))
        made = material.as_rules.records.get(name)
        if made is not None and depth < 5:
            found |= _metrics(made.tree, material, depth + 1)
    # What everything is joined with says nothing.
    return frozenset(found - {"model:ml_model_owner:info", "ml_model_info"})
