"""A check of dashboards, and the ways in which they are written: of all that is linted, of a dashboard, a panel, a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboards.lint.board_file import BoardFile, Panel, Query
from dashboards.lint.material import Material
from dashboards.lint.positions import Place
from rules.lint import checking
from rules.lint.finding import Finding, Level


@dataclass(frozen=True, slots=True)
class Said:
    """A message about a place of a dashboard, and its level where that is not the check's own. Of a panel the place is that
    within it; a check of a dashboard may say which ``panel`` it means."""

    text: str
    place: Place = ()
    level: Level | None = None
    panel: Panel | None = None


Check = checking.Check[Material]
OfMaterial = Callable[[Check, Material], Iterable[Finding]]
OfBoard = Callable[[BoardFile, Material], Iterable[Said | str]]
OfPanel = Callable[[Panel, BoardFile, Material], Iterable[Said | str]]
OfQuery = Callable[[Query, Material], Iterable[Said | str]]


def about(check: Check, board: BoardFile, said: Said | str, place: Place = (), panel: Panel | None = None) -> Finding:
    """Return a finding at a place; what is said may name a place below it."""
    said = said if isinstance(said, Said) else Said(said)
    line = board.line((*place, *said.place))
    panel = said.panel or panel
    name = panel.said if panel is not None else ""
    return Finding(board.name, line, check.code, said.level or check.level, said.text, name, board.uid)


def of_material(code: str, level: Level, title: str, *, why: str, mend: str) -> Callable[[OfMaterial], Check]:
    """Make a check of a function of the check and all that is linted."""
    return lambda function: checking.Check(code, level, title, why, mend, function)


def of_boards(
    code: str, level: Level, title: str, *, why: str, mend: str, basic: bool = False
) -> Callable[[OfBoard], Check]:
    """Make a check of a function of one dashboard."""

    def wrap(function: OfBoard) -> Check:
        def run(check: Check, material: Material) -> Iterator[Finding]:
            for board in material.boards if basic else material.readable:
                for said in dict.fromkeys(function(board, material)):
                    yield about(check, board, said)

        return checking.Check(code, level, title, why, mend, run, basic)

    return wrap


def of_panels(
    code: str, level: Level, title: str, *, why: str, mend: str, basic: bool = False
) -> Callable[[OfPanel], Check]:
    """Make a check of a function of one panel (no row)."""

    def wrap(function: OfPanel) -> Check:
        def run(check: Check, material: Material) -> Iterator[Finding]:
            for board in material.readable:
                for panel in board.panels:
                    for said in dict.fromkeys(function(panel, board, material)):
                        yield about(check, board, said, panel.place, panel)

        return checking.Check(code, level, title, why, mend, run, basic)

    return wrap


def of_queries(code: str, level: Level, title: str, *, why: str, mend: str) -> Callable[[OfQuery], Check]:
    """Make a check of a function of one query: of a panel, an annotation or a variable."""

    def wrap(function: OfQuery) -> Check:
        def run(check: Check, material: Material) -> Iterator[Finding]:
            for query in material.queries:
                for said in dict.fromkeys(function(query, material)):
                    yield about(check, query.board, said, query.place, query.panel)

        return checking.Check(code, level, title, why, mend, run)

    return wrap


def of_expressions(
    code: str,
    level: Level,
    title: str,
    *,
    why: str,
    mend: str,
    borrowed: Iterable[checking.Check[Any]] = (),
    drawn: bool = False,
) -> Callable[[OfQuery], Check]:
    """Make a check of a function of one query, and of what checks of rules find in its expression; if ``drawn``, not in those
    of variables."""
    from_rules = tuple(borrowed)

    def wrap(function: OfQuery) -> Check:
        def run(check: Check, material: Material) -> Iterator[Finding]:
            queries = list(material.asked)
            for each in from_rules:
                for finding in each(material.as_rules):
                    query = queries[finding.line]
                    if query.kind != "variable" or not drawn:
                        yield about(check, query.board, finding.message, query.place, query.panel)
            for query in material.queries:
                for said in dict.fromkeys(function(query, material)):
                    yield about(check, query.board, said, query.place, query.panel)

        return checking.Check(code, level, title, why, mend, run)

    return wrap
