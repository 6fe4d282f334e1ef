"""Do a panel's queries bring what it draws: something at all, not too much, in the right form, under a name?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from promql_parser import AggregateExpr

from dashboards.lint import schemas
from dashboards.lint.board_file import BoardFile, Panel, Query, items, mapping
from dashboards.lint.check import Said, of_panels, of_queries
from dashboards.lint.material import Material, Name, legend_labels, names_of
from rules import syntax
from rules.lint.finding import Level
from rules.series import known

# How many values a label has on a large installation; any other has one or a few.
_VALUES: Mapping[str, int] = {
    "feature_name": 100,
    "bin": 12,
    "le": 12,
    "segment": 10,
    "model_name": 5,
    "metric": 6,
    "method": 3,
    "instance": 2,
    "q": 6,
    "cpu": 16,
    "mountpoint": 5,
}
_FEW = 2
_OF_OTHERS = 2
_MOST: Mapping[str, int] = {
    "timeseries": 20,
    "stat": 20,
    "bargauge": 20,
    "barchart": 50,
    "heatmap": 200,
    "state-timeline": 50,
    "status-history": 50,
    "table": 500,
}
_OVER_TIME = frozenset({"timeseries", "heatmap", "state-timeline", "status-history"})
_NOW = frozenset({"stat", "bargauge", "barchart", "table"})
_REF_ID = re.compile(r"[A-Z]")


@of_panels(
    "D22",
    Level.WARNING,
    "more series than anyone can tell apart",
    why="Twenty lines of one panel are a carpet; a hundred features of five models make the browser slow as well.",
    mend="topk(20, ...), an aggregation, or a variable that narrows it.",
)
def series_are_few(panel: Panel, board: BoardFile, material: Material) -> Iterator[str]:
    numbers = [_series(material.tree(query), query, material) for query in board.queries if query.panel is panel]
    # A table has a row for what several queries find of the same labels.
    number = max(numbers, default=0) if panel.type == "table" else sum(numbers)
    most = _MOST.get(panel.type, 0)
    if most and number > most:
        yield f"about {number} series, and {most} are plenty for a {panel.type}"


def _series(tree: Any, query: Query, material: Material) -> int:
    """Return about how many series a query finds on a large installation."""
    tree, flow = syntax.bare(tree), material.flow(query)
    if isinstance(tree, AggregateExpr) and syntax.operator(tree) in ("topk", "bottomk"):
        return min(int(syntax.number(tree.param) or 1), _series(tree.expr, query, material))
    if syntax.is_set(tree, "and"):
        return min(_series(tree.lhs, query, material), _series(tree.rhs, query, material))
    if not any(_is_ours(each, material) for each in syntax.selectors(tree)):
        return _OF_OTHERS
    number = 1
    for label in flow.key:
        values = flow.values.get(label)
        number *= min(len(values), _VALUES.get(label, _FEW)) if values else _VALUES.get(label, _FEW)
    return number


def _is_ours(selector: Any, material: Material) -> bool:
    """Say whether a series is of our exporter; what others' labels come to is not known here."""
    name = syntax.name_of(selector)
    series = known().get(name)
    return name in material.as_rules.records or (series is not None and series.family is not None)


@of_panels(
    "D23",
    Level.ERROR,
    "a panel that asks nothing, asks twice under one name, or asks what never has an answer",
    why="It is empty for ever, and says nothing about why; and what is empty for a reason should say the reason.",
    mend="Targets A, B, C, none hidden; a query that can be answered; noValue with the words for no data.",
)
def panels_can_be_answered(panel: Panel, board: BoardFile, material: Material) -> Iterator[Said]:
    if panel.type == "text":
        return
    targets = list(panel.targets())
    names = [str(each.get("refId", "")) for _, each in targets]
    if not any(str(each.get("expr", "")).strip() and not each.get("hide") for _, each in targets):
        yield Said("nothing is asked")
    for number, (place, each) in enumerate(targets):
        inner = place[len(panel.place) :]
        if not _REF_ID.fullmatch(names[number]) or names[number] in names[:number]:
            yield Said(f"refId is {names[number] or 'missing'}", inner)
        if each.get("hide"):
            yield Said(f"{names[number]} is asked, and not shown", inner)
    for query in board.queries:
        tree = material.written(query) if query.panel is panel else None
        if tree is not None and _never(tree, material):
            yield Said(f"{query.name} never has a result", query.place[len(panel.place) :])
    if not str(panel.defaults.get("noValue", "")).strip():
        yield Said("noValue does not say why there may be no data", ("fieldConfig", "defaults"))


def _never(tree: object, material: Material) -> bool:
    """Say whether there is no result whatever the values; of what is not known anything is possible."""
    read = [syntax.name_of(each) for each in syntax.selectors(tree)]
    return bool(read) and all(name in known() for name in read) and material.interval(tree) is None


@of_panels(
    "D41",
    Level.ERROR,
    "a reducer, transformation or matcher that Grafana does not know, or an override of a name that nothing has",
    why="Grafana leaves it out without a word: the column keeps its raw name, the line its colour, the total its first value.",
    mend="Ids as in dashboards/schemas/names.json; names as legends, columns and renamings make them.",
)
def names_are_known(panel: Panel, board: BoardFile, material: Material) -> Iterator[Said]:
    calculations = [
        *items(mapping(panel.options.get("reduceOptions")).get("calcs")),
        *items(mapping(panel.options.get("legend")).get("calcs")),
    ]
    for each in calculations:
        if each not in schemas.known("reducers"):
            yield Said(f"there is no reducer {each}", ("options",))
    for number, each in enumerate(items(panel.data.get("transformations"))):
        if each.get("id") not in schemas.known("transformations"):
            yield Said(f"there is no transformation {each.get('id')}", ("transformations", number))
    queries = [query for query in board.queries if query.panel is panel]
    for place, matcher, _properties in panel.overrides():
        inner = place[len(panel.place) :]
        if matcher.get("id") not in schemas.known("matchers"):
            yield Said(f"there is no matcher {matcher.get('id')}", inner)
        elif not _finds(matcher, queries, names_of(panel, queries, material)):
            yield Said(f"nothing is called {matcher.get('options')}", inner)


def _finds(matcher: Mapping[str, object], queries: list[Query], possible: list[Name]) -> bool:
    options = matcher.get("options")
    if matcher.get("id") == "byFrameRefID":
        return any(query.name == options for query in queries)
    if matcher.get("id") not in ("byName", "byRegexp", "byNames"):
        return True
    if matcher.get("id") == "byName":
        return any(name.fits(str(options)) for name in possible)
    if matcher.get("id") == "byRegexp":
        return any(name.overlaps(str(options)) for name in possible)
    return all(any(name.fits(str(one)) for name in possible) for one in items(mapping(options).get("names")))


@of_queries(
    "D42",
    Level.ERROR,
    "a query of another form than its panel draws",
    why="A table of a range shows thousands of rows; a line through one moment is a point; a heatmap of no buckets is blank.",
    mend="range for panels with a time axis, instant for one figure now, format table for tables, heatmap for buckets.",
)
def forms_fit_the_panel(query: Query, _: Material) -> Iterator[str]:
    if query.panel is None:
        return
    kind, instant, form = query.panel.type, query.data.get("instant"), query.data.get("format", "time_series")
    if bool(instant) is bool(query.data.get("range", not instant)):
        yield f"{query.name} is to be asked at one moment and over a range" if instant else f"{query.name} asks nothing"
    elif kind in _OVER_TIME and instant:
        yield f"{query.name} is asked at one moment, and {kind} draws a range"
    elif kind in ("table", "barchart", "bargauge") and not instant:
        yield f"{query.name} is asked over a range, and {kind} shows one moment"
    elif kind == "stat" and bool(instant) is (query.panel.options.get("graphMode") == "area"):
        yield f"{query.name} is asked {'at one moment' if instant else 'over a range'}, which does not suit the graphMode"
    if kind == "table" and form != "table":
        yield f"the format of {query.name} is {form}"
    if form == "heatmap" and kind != "heatmap":
        yield f"the format of {query.name} is heatmap, in a {kind}"


@of_queries(
    "D43",
    Level.WARNING,
    "a legend that names a label which is not there, or leaves out one that tells series apart",
    why="Two lines of one name, or a line without one, cannot be told from the others.",
    mend="Name the labels by which the series differ: {{feature_name}}.",
)
def legends_tell_series_apart(query: Query, material: Material) -> Iterator[str]:
    panel, flow, form = query.panel, material.flow(query), query.data.get("format")
    if panel is None or form == "table" or material.tree(query) is None or flow.open:
        return
    shown = set(legend_labels(query.legend))
    for label in sorted(shown):
        if flow.lacks(label):
            yield f"{query.name} has no label {label}"
    if form == "heatmap":
        return
    if query.legend in ("", "__auto"):
        if panel.type in _OVER_TIME and flow.key:
            yield f"{query.name} has no legend, and a series for each {', '.join(sorted(flow.key))}"
        return
    several = sorted(each for each in flow.key - shown if each != "instance")
    if several and panel.type != "stat":
        yield f"the legend of {query.name} leaves out {', '.join(several)}"


@of_queries(
    "D44",
    Level.WARNING,
    "a topk over time that chooses anew at every step",
    why="Of each moment other series are the topmost: twenty become a hundred, each a few points long.",
    mend="x and topk(20, x @ end()): the choice of the end for the whole range.",
)
def choices_hold(query: Query, material: Material) -> Iterator[str]:
    tree = material.tree(query)
    if query.panel is None or query.panel.type not in _OVER_TIME or tree is None:
        return
    for node in syntax.nodes(tree):
        if isinstance(node, AggregateExpr) and syntax.operator(node) in ("topk", "bottomk"):
            found = syntax.selectors(node.expr)
            # Of fewer than it takes all are chosen, always.
            least = (syntax.number(node.param) or 1) < _series(node.expr, query, material)
            if least and found and not all(each.at is not None for each in found):
                yield f"{query.name} chooses anew at every step"
