"""Rows of figures: one query a column, joined by their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dashboards.panels.colour import NEUTRAL, Steps, Word, mappings
from dashboards.panels.panel import Link, Override, Panel, Query

_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Column:
    """``source`` is a label, or an expression whose labels are those of the rows. ``steps`` and ``words`` colour its cells.

    ``width`` is in pixels. A ``hidden`` column brings rows, and is not shown.
    """

    title: str
    source: str
    unit: str = "none"
    decimals: int | None = None
    steps: Steps | None = None
    words: Mapping[float, Word] = field(default_factory=dict)
    ranges: Mapping[tuple[float, float], Word] = field(default_factory=dict)
    leads: tuple[Link, ...] = ()
    width: int | None = None
    label: bool = False
    hidden: bool = False

    def override(self) -> Override:
        coloured = {"custom.cellOptions": {"type": "color-background", "mode": "basic"}}
        # What the panel says when it has no rows is not to be read in each of its empty cells.
        found: dict[str, Any] = {"noValue": _NOTHING} | ({} if self.label else {"unit": self.unit})
        if self.decimals is not None:
            found["decimals"] = self.decimals
        if self.steps or self.words:
            found |= coloured | {"thresholds": (self.steps or NEUTRAL).json()}
        if self.steps or self.words or self.ranges:
            found["mappings"] = mappings(self.words, Word(_NOTHING, "transparent"), self.ranges)
        if self.leads:
            found["links"] = [each.json() for each in self.leads]
        if self.width:
            found["custom.width"] = self.width
        return Override("byName", self.title, found)


@dataclass(frozen=True, slots=True)
class Sorting:
    title: str
    descending: bool = True


def label(name: str, title: str, leads: tuple[Link, ...] = (), width: int | None = None) -> Column:
    """Return the column of a label."""
    return Column(title, name, leads=leads, width=width, label=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Panel):
    kind: ClassVar[str] = "table"

    sorting: tuple[Sorting, ...] = ()
    filterable: bool = False

    def options(self) -> dict[str, Any]:
        return {
            "cellHeight": "sm",
            "showHeader": True,
            "sortBy": [{"desc": each.descending, "displayName": each.title} for each in self.sorting],
        }

    def defaults(self) -> dict[str, Any]:
        custom = {
            "align": "auto",
            "cellOptions": {"type": "auto"},
            "filterable": self.filterable,
            "inspect": False,
            "minWidth": 60,
        }
        return {"color": {"mode": "thresholds"}, "custom": custom, "thresholds": NEUTRAL.json()}


def table(columns: tuple[Column, ...], *, overrides: tuple[Override, ...] = (), **panel: Any) -> Table:
    """Return a table of instant queries, whose rows are joined where all their labels are the same."""
    figures = [each for each in columns if not each.label]
    queries = tuple(Query(each.source, instant=True, format="table") for each in figures)
    return Table(
        queries=queries,
        overrides=(*(each.override() for each in columns if not each.hidden), *overrides),
        transformations=({"id": "merge", "options": {}}, _organised(columns)),
        **panel,
    )


def _organised(columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the transformation that puts the columns in their order, under their titles, and leaves out all others."""
    figures = [each for each in columns if not each.label]
    # Of one query the column is called Value alone.
    values = ["Value"] if len(figures) == 1 else [f"Value #{letter(index)}" for index in range(len(figures))]
    sources = {id(each): value for each, value in zip(figures, values, strict=True)}
    shown = [each for each in columns if not each.hidden]
    names = [each.source if each.label else sources[id(each)] for each in shown]
    return {
        "id": "organize",
        "options": {
            "excludeByName": {},
            "includeByName": dict.fromkeys(names, True),
            "indexByName": {name: index for index, name in enumerate(names)},
            "renameByName": {name: each.title for name, each in zip(names, shown, strict=True)},
        },
    }


def letter(index: int) -> str:
    """Return the name of a panel's query: A to Z.

    >>> letter(2)
    'C'
    """
    if index > 25:
        raise ValueError("a panel has at most 26 queries")
    return chr(ord("A") + index)
