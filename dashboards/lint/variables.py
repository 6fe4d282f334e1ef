"""What a dashboard can be asked for: are its variables there, do its queries listen to them?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from promql_parser import BinaryExpr, VectorSelector

from dashboards.lint.board_file import BoardFile, Query, Variable, items, mapping
from dashboards.lint.check import Said, of_boards, of_queries
from dashboards.lint.interpolation import IN_LINKS, MACROS, names
from dashboards.lint.material import Material
from dashboards.lint.positions import Place, said
from rules import syntax
from rules.lint.finding import Level
from rules.series import known

DATASOURCE = "datasource"
JOB = "job"
# How lists of values are sorted, and when they are asked for anew.
_ON_TIME_CHANGE = 2
_BUILT_IN = "-- Grafana --"
# What also the lists of other variables' values have to listen to.
_NARROWING = frozenset({"job", "model_name"})
_OF_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})


@of_queries(
    "D20",
    Level.ERROR,
    "a selector that does not listen to a variable that the dashboard has, or listens wrongly",
    why="The panel shows another model than the one that is chosen above it, or all of them together.",
    mend='Match each variable\'s label: =~"$name" where several can be chosen, ="$name" where one is; or a value of its own.',
)
def selectors_listen(query: Query, material: Material) -> Iterator[str]:
    tree = material.written(query)
    if tree is None:
        return
    for variable in query.board.variables.values():
        # What can be chosen of one variable need not depend on all others.
        if query.kind != "variable" or (variable.name in _NARROWING and variable.name != query.data.get("name")):
            for name in dict.fromkeys(_deaf(tree, variable.name, material)):
                yield f'{name} does not say {variable.name}="${variable.name}"'
    for selector in syntax.selectors(tree):
        for matcher in selector.matchers.matchers:
            yield from _operator(syntax.name_of(selector), matcher, query.board)
        yield from _job(selector, query)


def _deaf(node: Any, label: str, material: Material) -> list[str]:
    """Return the metrics below a node that have a label which nothing narrows: no matcher, and no join with what is narrow."""
    node = syntax.bare(node)
    if isinstance(node, VectorSelector):
        name = syntax.name_of(node)
        is_deaf = _has(name, label, material) and not any(each.name == label for each in node.matchers.matchers)
        return [name] if is_deaf else []
    if isinstance(node, BinaryExpr) and not syntax.is_set(node, "or"):
        labels, on = syntax.labels_matched(node)
        left, right = _deaf(node.lhs, label, material), _deaf(node.rhs, label, material)
        if (label in labels) is on:
            meet = syntax.selectors(node.lhs) and syntax.selectors(node.rhs)
            if meet and not left:
                return []
            if meet and not right and not syntax.is_set(node, "unless"):
                return []
        return [*left, *right]
    return [name for child in syntax.children(node) for name in _deaf(child, label, material)]


def _has(name: str, label: str, material: Material) -> bool:
    """Say whether series of a name surely have a label; other exporters' labels are not ours, but for the job."""
    possible, certain = material.labels_in(name)
    series = known().get(name)
    # Alerts about models have the model's name, and those about the watch are none of a model's.
    if label == JOB or (name in _OF_ALERTS and label in _NARROWING):
        return label in possible
    return label in certain and (series is None or series.family is not None)


def _operator(name: str, matcher: Any, board: BoardFile) -> Iterator[str]:
    for asked in names(matcher.value):
        variable = board.variables.get(asked)
        if variable is None:
            continue
        takes_several = str(matcher.op).endswith("Re")
        if variable.several and not takes_several:
            yield f"{name}: several of {asked} can be chosen, and {matcher.name} takes one"
        elif takes_several and not variable.several and matcher.value.strip("${}") == asked:
            yield f"{name}: one {asked} is chosen, and {matcher.name} takes a regular expression"


def _job(selector: VectorSelector, query: Query) -> Iterator[str]:
    series = known().get(syntax.name_of(selector))
    if series is None or series.family is None or JOB not in query.board.variables:
        return
    for matcher in selector.matchers.matchers:
        if matcher.name == JOB and JOB not in names(matcher.value):
            yield f"{series.name} is of the job {matcher.value}, whatever is chosen"


@of_boards(
    "D21",
    Level.ERROR,
    "a data source that is not the one that is chosen",
    why="Its uid is another in each installation; where both exist, half of the dashboard shows another Prometheus.",
    mend='{"type": "prometheus", "uid": "${datasource}"} on each panel, target, annotation and variable.',
)
def data_sources_are_chosen(board: BoardFile, _: Material) -> Iterator[Said]:
    for place, where in _wants_source(board):
        source = mapping(where.get("datasource"))
        if source.get("uid") == _BUILT_IN and where.get("builtIn"):
            continue
        if source.get("uid") not in (f"${{{DATASOURCE}}}", f"${DATASOURCE}") or source.get("type") != "prometheus":
            yield Said(f"{said(place)}: {source.get('uid') or 'none'}", place)


def _wants_source(board: BoardFile) -> Iterator[tuple[Place, Any]]:
    for panel in board.panels:
        if panel.type != "text":
            yield panel.place, panel.data
        yield from panel.targets()
    yield from board.annotations()
    yield from ((each.place, each.data) for each in board.variables.values() if each.type == "query")


@of_boards(
    "D31",
    Level.ERROR,
    "a variable that is not defined, or one that nothing uses",
    why="What is not defined is sent to Prometheus as it stands, and finds nothing; what is not used promises a choice.",
    mend="Define it, or take it out.",
)
def variables_are_defined_and_used(board: BoardFile, _: Material) -> Iterator[Said]:
    used: set[str] = set()
    for place, text in _texts((), board.data):
        for name in names(text):
            used.add(name)
            if name not in board.variables and name not in MACROS and name not in IN_LINKS:
                yield Said(f"{said(place)}: there is no variable {name}", place)
    for variable in board.variables.values():
        if variable.name not in used:
            yield Said(f"nothing uses {variable.name}", variable.place)


def _texts(place: Place, value: Any) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        # Descriptions of what is asked for in words, not asked.
        if place[-1:] != ("definition",):
            yield place, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts((*place, key), each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts((*place, number), each)


@of_boards(
    "D32",
    Level.ERROR,
    "a variable whose choice is not what it seems, or that is not asked for anew when the time changes",
    why="Models come and go; a value of All that is no pattern finds a model called All.",
    mend='refresh 2; a label; where all can be chosen, a current value of "$__all"; data sources and jobs as below.',
)
def variables_are_whole(board: BoardFile, _: Material) -> Iterator[Said]:
    for variable in board.variables.values():
        yield from (Said(f"{variable.name}: {text}", variable.place) for text in _faults(variable))
    source = board.variables.get(DATASOURCE)
    if source is None or source.type != "datasource" or source.data.get("query") != "prometheus":
        yield Said(f"there is no variable {DATASOURCE} that chooses a Prometheus", ("templating",))
    job = board.variables.get(JOB)
    if job is None or job.type != "query":
        yield Said(f"there is no variable {JOB} that asks for its values", ("templating",))


def _faults(variable: Variable) -> Iterator[str]:
    data = variable.data
    if not str(data.get("label", "")).strip():
        yield "there is no label"
    if variable.type == "query":
        if data.get("refresh") != _ON_TIME_CHANGE:
            yield f"refresh is {data.get('refresh')}, and has to be {_ON_TIME_CHANGE}"
        if not variable.asks.startswith(("label_values(", "query_result(", "label_names(")):
            yield f"asks {variable.asks or 'nothing'}"
    elif variable.type == DATASOURCE and str(data.get("label", "")).lower() not in ("data source", "prometheus"):
        yield f"the label is {data.get('label')}: people look for Data source"
    current = mapping(data.get("current")).get("value")
    chosen = items(current) or [current]
    if "All" in chosen or ("$__all" in chosen) > bool(data.get("includeAll")):
        yield f"the current value is {current}"
    if data.get("includeAll") and "$__all" not in chosen:
        yield "all can be chosen, and is not at first"
