"""A dashboard as it is written: its panels, also those within rows, its variables, and every query."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from dashboards.lint.positions import Place, lines


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """``within`` is the row that it is folded into, None if it is at the top."""

    place: Place
    data: Mapping[str, Any]
    within: Panel | None = None

    @property
    def type(self) -> str:
        return str(self.data.get("type", ""))

    @property
    def title(self) -> str:
        return str(self.data.get("title", ""))

    @property
    def is_row(self) -> bool:
        return self.type == "row"

    @property
    def said(self) -> str:
        return f'{"row" if self.is_row else "panel"} {self.data.get("id", "?")} "{self.title}"'

    @property
    def options(self) -> Mapping[str, Any]:
        return mapping(self.data.get("options"))

    @property
    def defaults(self) -> Mapping[str, Any]:
        return mapping(mapping(self.data.get("fieldConfig")).get("defaults"))

    def overrides(self) -> Iterator[tuple[Place, Mapping[str, Any], dict[str, Any]]]:
        """Yield the place, the matcher and the properties of each override."""
        for number, each in enumerate(items(mapping(self.data.get("fieldConfig")).get("overrides"))):
            several = [mapping(one) for one in items(mapping(each).get("properties"))]
            properties = {str(one.get("id")): one.get("value") for one in several}
            yield (*self.place, "fieldConfig", "overrides", number), mapping(mapping(each).get("matcher")), properties

    def targets(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        for number, each in enumerate(items(self.data.get("targets"))):
            yield (*self.place, "targets", number), mapping(each)


@dataclass(frozen=True, slots=True)
class Variable:
    place: Place
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    @property
    def type(self) -> str:
        return str(self.data.get("type", ""))

    @property
    def several(self) -> bool:
        """Say whether it can stand for more than one value."""
        return bool(self.data.get("multi") or self.data.get("includeAll"))

    @property
    def asks(self) -> str:
        """What it asks Prometheus, "" of other types than ``query``."""
        query = self.data.get("query")
        return str(mapping(query).get("query", query) or "") if self.type == "query" else ""


Kind = Literal["panel", "annotation", "variable"]


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """``text`` is PromQL with the dashboard's variables in it; of a variable without the function around it."""

    board: BoardFile
    kind: Kind
    place: Place
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    panel: Panel | None = None
    # Of a variable: the label whose values it asks for.
    label: str = ""

    @property
    def name(self) -> str:
        """By which overrides and columns know it."""
        return str(self.data.get("refId", ""))

    @property
    def legend(self) -> str:
        return str(self.data.get("legendFormat", ""))


@dataclass(eq=False)
class BoardFile:
    """``flaws`` are reasons for which it cannot be read at all, or is read otherwise than it is written."""

    path: Path
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    flaws: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.path)

    @property
    def uid(self) -> str:
        return str(self.data.get("uid", ""))

    @cached_property
    def _lines(self) -> dict[Place, int]:
        return lines(self.text)

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    @cached_property
    def everything(self) -> list[Panel]:
        """All panels and rows, in the order of the file."""
        return list(_panels(("panels",), self.data.get("panels")))

    @cached_property
    def panels(self) -> list[Panel]:
        return [each for each in self.everything if not each.is_row]

    @cached_property
    def variables(self) -> dict[str, Variable]:
        found = items(mapping(self.data.get("templating")).get("list"))
        several = (Variable(("templating", "list", number), mapping(each)) for number, each in enumerate(found))
        return {each.name: each for each in several}

    def annotations(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        for number, each in enumerate(items(mapping(self.data.get("annotations")).get("list"))):
            yield ("annotations", "list", number), mapping(each)

    @cached_property
    def queries(self) -> list[Query]:
        return [*self._of_panels(), *self._of_annotations(), *self._of_variables()]

    def _of_panels(self) -> Iterator[Query]:
        for panel in self.panels:
            for place, target in panel.targets():
                if isinstance(target.get("expr"), str):
                    yield Query(self, "panel", (*place, "expr"), target["expr"], target, panel)

    def _of_annotations(self) -> Iterator[Query]:
        for place, each in self.annotations():
            if isinstance(each.get("expr"), str):
                yield Query(self, "annotation", (*place, "expr"), each["expr"], each)

    def _of_variables(self) -> Iterator[Query]:
        for variable in self.variables.values():
            function, _, inside = variable.asks.partition("(")
            if function in ("label_values", "query_result") and inside.endswith(")"):
                text, comma, label = (
                    inside[:-1].rpartition(",") if function == "label_values" else (inside[:-1], "", "")
                )
                place = (*variable.place, "query")
                if comma or function == "query_result":
                    yield Query(self, "variable", place, text, variable.data, label=label.strip())


def _panels(place: Place, value: Any, within: Panel | None = None) -> Iterator[Panel]:
    for number, each in enumerate(items(value)):
        panel = Panel((*place, number), mapping(each), within)
        yield panel
        if panel.is_row:
            yield from _panels((*panel.place, "panels"), panel.data.get("panels"), panel)


def read(path: Path) -> BoardFile:
    """Read a file. Raises OSError and UnicodeDecodeError."""
    return parse(path.read_text(encoding="utf-8"), path)


def parse(text: str, path: Path = Path("board.json")) -> BoardFile:
    found = BoardFile(path, text)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for number, (key, _) in enumerate(pairs):
            if key in (before for before, _ in pairs[:number]):
                found.flaws.append(f"{key} is written twice")
        return dict(pairs)

    try:
        data = json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        found.flaws.append(f"this is no JSON: {error}")
        return found
    if not isinstance(data, dict):
        found.flaws.append("a dashboard is an object")
    elif isinstance(data.get("dashboard"), dict):
        found.flaws.append("this is what the API takes: the dashboard alone belongs into a file")
    elif "elements" in data or "spec" in data:
        found.flaws.append("this is a dashboard of version 2, which cannot be provisioned from a file")
    else:
        found.data = data
    return found
