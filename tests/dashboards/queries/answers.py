"""What a panel makes of what Prometheus says: names of series, columns of tables, colours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.dashboards.queries.boards import Choices, Json, Time, choices, committed, panels, time_of
from tests.dashboards.queries.database import Database, Found
from tests.dashboards.queries.interpolation import query, span, words
from tests.dashboards.queries.timeline import SCRAPE

LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one query of a panel, with what was chosen."""

    panel: Json
    target: Json
    choices: Choices
    expression: str
    series: list[Found]

    @property
    def chosen(self) -> str:
        return ", ".join(f"{name}={'|'.join(each.values)}" for name, each in self.choices.items())

    def names(self) -> list[str]:
        """Return the series' names in the legend."""
        legend = words(self.target["legendFormat"], self.choices)
        if legend == "__auto":
            return [str(sorted(one.labels.items())) for one in self.series]
        return [_named(legend, one.labels) for one in self.series]


def _named(legend: str, labels: Mapping[str, str]) -> str:
    return LEGEND.sub(lambda match: labels.get(match[1], match[0]), legend)


def asked(
    board: Json, panel: Json, chosen: Choices, database: Database, time: Time | None = None, scrape: float = SCRAPE
) -> list[Answer]:
    """Ask all queries of a panel about a time, by default the one that the board shows at first."""
    shown = span(*(time or time_of(board)), panel["gridPos"]["w"], scrape)
    found = []
    for target in panel.get("targets", []):
        assert target["instant"] is not target["range"]
        expression = query(target["expr"], chosen, shown.macros)
        if target["instant"]:
            series = database.instant(expression, shown.end)
        else:
            # Grafana asks for moments that are multiples of the step.
            first, last = (each // shown.step * shown.step for each in (shown.start, shown.end))
            series = database.range(expression, first, last, shown.step)
        found.append(Answer(panel, target, chosen, expression, series))
    return found


def drawn(database: Database, time: Time, scrape: float) -> set[tuple[str, int]]:
    """Ask everything about a time; return the boards and numbers of the panels that have something to show.

    ``scrape`` is how far apart scrapes are, in seconds.
    """
    return {
        (uid, panel["id"])
        for uid, board in committed().items()
        for chosen in choices(board, database, time)
        for panel in panels(board)
        if any(answer.series for answer in asked(board, panel, chosen, database, time, scrape))
    }


class Asked:
    """What was answered to all that a board asks, once for each that can be chosen."""

    def __init__(self, database: Database) -> None:
        self._boards = committed()
        self._database = database
        self._known: dict[str, list[list[Answer]]] = {}

    def of(self, uid: str) -> list[list[Answer]]:
        if uid not in self._known:
            board = self._boards[uid]
            self._known[uid] = [
                asked(board, panel, chosen, self._database)
                for chosen in choices(board, self._database)
                for panel in panels(board)
                if panel.get("targets")
            ]
        return self._known[uid]


def columns(answers: Sequence[Answer]) -> list[list[Row]]:
    """Return the rows of each query in format ``table``."""
    several = len(answers) > 1
    return [
        [
            {
                "Time": one.points[-1][0],
                **one.labels,
                f"Value #{each.target['refId']}" if several else "Value": one.last,
            }
            for one in each.series
        ]
        for each in answers
    ]


def transformed(panel: Json, answers: Sequence[Answer]) -> list[Row]:
    """Return the rows that a table or a bar chart shows, by the titles of their columns."""
    tables = columns(answers)
    rows = [row for table in tables for row in table]
    for each in panel["transformations"]:
        options = each["options"]
        if each["id"] == "merge":
            rows = _merged(tables)
        elif each["id"] == "joinByField":
            rows = _joined(tables, options["byField"])
        elif each["id"] == "organize":
            names = {name: options["renameByName"].get(name, name) for name in options["includeByName"]}
            rows = [{title: row[name] for name, title in names.items() if name in row} for row in rows]
        elif each["id"] == "groupingToMatrix":
            rows = _matrix(rows, options)
        else:
            assert each["id"] == "sortBy", f"transformation {each['id']} is not known here"
            rows = sorted(rows, key=lambda row: str(row[options["sort"][0]["field"]]))
    return rows


def _merged(tables: Sequence[Sequence[Row]]) -> list[Row]:
    """Join rows whose shared columns are equal."""
    names = [set().union(*table) for table in tables if table]
    shared = sorted(set.intersection(*names)) if names else []
    found: list[Row] = []
    for row in (row for table in tables for row in table):
        same = (
            other for other in found if all(other.get(name) == row.get(name) for name in shared) and _agree(other, row)
        )
        if (other := next(same, None)) is None:
            found.append(dict(row))
        else:
            other.update(row)
    return found


def _agree(one: Row, other: Row) -> bool:
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def _joined(tables: Sequence[Sequence[Row]], by: str) -> list[Row]:
    found: dict[Any, Row] = {}
    for row in (row for table in tables for row in table):
        values = {name: value for name, value in row.items() if name.startswith("Value") or name == by}
        place = found.setdefault(row[by], {})
        assert not (place.keys() & values.keys()) - {by}, f"two rows for {row[by]}"
        place.update(values)
    return list(found.values())


def _matrix(rows: Sequence[Row], options: Json) -> list[Row]:
    corner = f"{options['rowField']}\\{options['columnField']}"
    found: dict[str, Row] = {}
    for row in rows:
        line = found.setdefault(row[options["rowField"]], {corner: row[options["rowField"]]})
        assert row[options["columnField"]] not in line, f"two values for {row}"
        line[row[options["columnField"]]] = row[options["valueField"]]
    return list(found.values())


def look(panel: Json, value: float | None, column: str = "") -> tuple[str, str]:
    """Return the colour of a value, and the word in its place (none: it is shown as a number)."""
    settings = _settings(panel, column)
    for mapping in settings.get("mappings", []):
        if mapping["type"] == "special" and value is None:
            return mapping["options"]["result"]["color"], mapping["options"]["result"]["text"]
        if mapping["type"] == "range" and value is not None and _within(value, mapping["options"]):
            return mapping["options"]["result"]["color"], mapping["options"]["result"]["text"]
        if mapping["type"] == "value" and value is not None and f"{value:g}" in mapping["options"]:
            found = mapping["options"][f"{value:g}"]
            return found["color"], found["text"]
    colour = ""
    for step in settings["thresholds"]["steps"]:
        if step["value"] is None or (value is not None and value >= step["value"]):
            colour = step["color"]
    return colour, ""


def _within(value: float, bounds: Json) -> bool:
    low, high = (bounds.get(end) for end in ("from", "to"))
    return (low is None or value >= low) and (high is None or value <= high)


def _settings(panel: Json, column: str) -> Mapping[str, Any]:
    settings = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"] == {"id": "byName", "options": column}:
            settings.update({each["id"]: each["value"] for each in override["properties"]})
    return settings
