"""What panels name is there: labels in legends and links, columns of tables, names in overrides."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.dashboards.queries.answers import LEGEND, Answer, Asked, transformed
from tests.dashboards.queries.boards import Json, committed

BOARDS = committed()
every_board = pytest.mark.parametrize("uid", BOARDS)
_LABEL_IN_LINK = re.compile(r"\$\{__field\.labels\.(\w+)\}")
_COLUMN_IN_LINK = re.compile(r'\$\{__data\.fields\["([^"]+)"\]\}')
_BY_LINE = ("timeseries", "bargauge", "state-timeline", "status-history", "stat")


@every_board
def test_names_in_legends_are_of_labels_that_are_there_and_tell_the_series_apart(uid: str, answers: Asked) -> None:
    wrong = set()
    for panel in answers.of(uid):
        names = []
        for answer in panel:
            where = f"{uid} {answer.panel['id']}{answer.target['refId']}"
            for label in LEGEND.findall(answer.target["legendFormat"]):
                wrong |= {
                    f"{where}: no {label} with {answer.chosen}" for one in answer.series if label not in one.labels
                }
            if answer.panel["type"] in _BY_LINE:
                names += answer.names()
        twice = {name for name in names if names.count(name) > 1}
        wrong |= {f"{uid} {panel[0].panel['id']}: two series are called {name}, {panel[0].chosen}" for name in twice}
        if panel[0].panel["type"] == "stat" and len(names) > 1:
            wrong.add(f"{uid} {panel[0].panel['id']}: {len(names)} values in a tile, with {panel[0].chosen}")
    assert "\n".join(sorted(wrong)) == ""


@every_board
def test_columns_that_are_put_in_order_are_there_and_rows_are_joined(uid: str, answers: Asked) -> None:
    there: dict[int, set[str]] = defaultdict(set)
    titles: dict[int, set[str]] = {}
    for panel in answers.of(uid):
        board_panel = panel[0].panel
        organised = [each for each in board_panel.get("transformations", []) if each["id"] == "organize"]
        if not organised:
            continue
        renamed = organised[0]["options"]["renameByName"]
        titles[board_panel["id"]] = {renamed.get(name, name) for name in organised[0]["options"]["includeByName"]}
        rows = transformed(board_panel, panel)
        for row in rows:
            there[board_panel["id"]] |= row.keys()
        of_labels = [
            renamed.get(name, name) for name in organised[0]["options"]["includeByName"] if not name.startswith("Value")
        ]
        keys = [tuple(row.get(title) for title in of_labels) for row in rows]
        assert len(keys) == len(set(keys)), (
            f"{uid} {board_panel['id']}: rows of one thing, with {panel[0].chosen}: {rows}"
        )
    assert {number: names - there[number] for number, names in titles.items() if names - there[number]} == {}


@every_board
def test_links_name_labels_and_columns_that_are_there(uid: str, answers: Asked) -> None:
    wrong = set()
    for panel in answers.of(uid):
        one = panel[0].panel
        for link in one["fieldConfig"]["defaults"].get("links", []):
            for label in _LABEL_IN_LINK.findall(link["url"] + link["title"]):
                for answer in panel:
                    missing = [each.labels for each in answer.series if label not in each.labels]
                    wrong |= {
                        f"{uid} {one['id']}{answer.target['refId']}: no {label} to follow {link['url']}"
                        for _ in missing
                    }
        columns = _titles(one)
        for url in _column_links(one):
            wrong |= {
                f"{uid} {one['id']}: no column {name}" for name in _COLUMN_IN_LINK.findall(url) if name not in columns
            }
    assert "\n".join(sorted(wrong)) == ""


def _titles(panel: Json) -> set[str]:
    return {
        title
        for each in panel.get("transformations", [])
        if each["id"] == "organize"
        for title in each["options"]["renameByName"].values()
    }


def _column_links(panel: Json) -> Iterator[str]:
    for override in panel["fieldConfig"]["overrides"]:
        for each in override["properties"]:
            if each["id"] == "links":
                yield from (link["url"] for link in each["value"])


@every_board
def test_overrides_by_name_find_something(uid: str, answers: Asked) -> None:
    names: dict[int, set[str]] = defaultdict(set)
    of_panel: dict[int, Json] = {}
    for panel in answers.of(uid):
        one = panel[0].panel
        of_panel[one["id"]] = one
        names[one["id"]] |= {name for answer in panel for name in answer.names()}
        if one["type"] in ("table", "barchart"):
            names[one["id"]] |= {column for row in transformed(one, panel) for column in row}
    wrong = [
        f"{uid} {number}: {override['matcher']['options']} names nothing"
        for number, one in of_panel.items()
        for override in one["fieldConfig"]["overrides"]
        if not _finds(override["matcher"], names[number], {target["refId"] for target in one["targets"]})
    ]
    assert wrong == []


def _finds(matcher: Json, names: set[str], queries: set[str]) -> bool:
    if matcher["id"] == "byFrameRefID":
        return matcher["options"] in queries
    if matcher["id"] == "byName":
        return matcher["options"] in names
    pattern = matcher["options"].strip("/")
    severities = re.compile("info|warning|critical|emergency")
    # Those of all severities are stated together; not each model has limits of each.
    return any(re.search(pattern, name) for name in names) or bool(severities.search(pattern))


@every_board
def test_what_is_shown_is_of_what_was_chosen(uid: str, answers: Asked) -> None:
    wrong = set()
    for panel in answers.of(uid):
        for answer in panel:
            where = f"{uid} {answer.panel['id']}{answer.target['refId']}"
            wrong |= {f"{where}: {label} {value}, with {answer.chosen}" for label, value in _not_chosen(answer)}
    assert "\n".join(sorted(wrong)) == ""


def _not_chosen(answer: Answer) -> Iterator[tuple[str, str]]:
    columns = {
        name
        for each in answer.panel.get("transformations", [])
        if each["id"] == "organize"
        for name in each["options"]["includeByName"]
    }
    for one in answer.series:
        # A column of a table may have a row for each that could be chosen.
        for label in one.labels.keys() & answer.choices.keys() - (columns - {"job", "model_name"}):
            chosen = answer.choices[label]
            if not chosen.is_all and one.labels[label] not in chosen.values:
                yield label, one.labels[label]
