"""PromQL of panels, annotations and variables: does it parse, does what it reads exist, does it reckon rightly?

What the lint of rules knows about expressions is used for it; a query is a rule without a name there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, VectorSelector

from dashboards.lint.board_file import Query
from dashboards.lint.check import of_expressions
from dashboards.lint.interpolation import filled
from dashboards.lint.material import UNMISTAKABLE, Material
from exporter.catalogue import Kind
from rules import syntax
from rules.lint import conditions, counters, matching, portability, ranges, references, selectors
from rules.lint.counters import nature
from rules.lint.finding import Level
from rules.series import known

_RATE_INTERVAL = "$__rate_interval"
_RANGE = "$__range"
# What stands for the two while a query is looked at: no window is as long by chance.
_ALLOWED = frozenset(UNMISTAKABLE.values())
# Labels of which not every value is there from the start; of error_type both are.
_OUTCOMES = frozenset({"outcome", "reason", "status", "code", "event", "bin", "predicted_class", "state"})


@of_expressions(
    "D14",
    Level.ERROR,
    "PromQL that does not parse, or that Prometheus 2.42 or 3.x does not know",
    why="The panel shows an error in its corner, and no data.",
    mend="Variables belong into quotes, durations are $__rate_interval, $__interval and $__range.",
    borrowed=(portability.every_server_understands,),
)
def queries_parse(query: Query, material: Material) -> Iterator[str]:
    if material.tree(query) is None:
        try:
            syntax.parsed(filled(query.text, query.board.variables))
        except ValueError as error:
            yield f"does not parse: {error}"


@of_expressions(
    "D15",
    Level.ERROR,
    "a metric, a record, a label or a value of a label that does not exist",
    why="The panel is empty, always, and looks as if all were quiet.",
    mend="Take names from docs/metrics.md and the rules; keep a label in the aggregation before it is used.",
    borrowed=(
        references.metrics_exist,
        references.records_exist,
        selectors.labels_and_values_exist,
        selectors.edges_are_as_on_the_page,
        matching.sides_meet,
        matching.matching_keeps_what_is_used,
    ),
)
def what_is_read_exists(query: Query, material: Material) -> Iterator[str]:
    tree = material.tree(query)
    if query.label and tree is not None and material.flow(query).lacks(query.label):
        yield f"{syntax.written(tree)} has no label {query.label}"


@of_expressions(
    "D16",
    Level.ERROR,
    "a counter as it stands, a rate of a gauge, or a rate over a fixed window that is not the rules'",
    why="A counter only grows and falls at restarts; a fixed window misses what lies between the points of a long range.",
    mend=f"rate(...[{_RATE_INTERVAL}]); increase(...[{_RANGE}]) for one figure of the whole range.",
    borrowed=(counters.functions_fit_the_kind, counters.rates_come_before_sums, counters.no_irate),
)
def counters_are_rated(query: Query, material: Material) -> Iterator[str]:
    tree = material.tree(query)
    for name in dict.fromkeys(_shown_counters(tree, material)) if tree is not None and query.kind == "panel" else ():
        yield f"{name} is a counter and shown as it stands"
    for node in syntax.nodes(material.macros(query)):
        if isinstance(node, Call) and node.func.name in syntax.RATES:
            for matrix in ranges.matrices(node):
                name, length = syntax.name_of(matrix.vector_selector), syntax.seconds(matrix.range)
                if length not in _ALLOWED and (name, length) not in material.windows:
                    yield f"{node.func.name} of {name} over {length:g} s"


def _shown_counters(node: Any, material: Material) -> Iterator[str]:
    """Yield the counters whose height the result shows, or is held against something."""
    node = syntax.bare(node)
    match node:
        case VectorSelector():
            if nature(node, material.as_rules) == "counter":
                yield syntax.name_of(node)
        case AggregateExpr() if syntax.operator(node) in ("count", "group", "count_values"):
            return
        case Call() if any(isinstance(syntax.bare(each), MatrixSelector) for each in node.args):
            return
        case Call() if node.func.name in ("absent", "timestamp"):
            return
        case BinaryExpr() if syntax.is_set(node, "and", "unless"):
            yield from _shown_counters(node.lhs, material)
        case _:
            for child in syntax.children(node):
                yield from _shown_counters(child, material)


@of_expressions(
    "D17",
    Level.ERROR,
    "histogram_quantile of something else than rates of buckets by le",
    why="Of counters as they stand it is the quantile since the exporter began; without le there is nothing to reckon with.",
    mend=f"histogram_quantile(0.95, sum by (job, model_name, le) (rate(..._bucket[{_RATE_INTERVAL}]))).",
    borrowed=(matching.quantiles_have_buckets,),
)
def quantiles_are_of_rates(query: Query, material: Material) -> Iterator[str]:
    tree = material.tree(query)
    for node in syntax.nodes(tree) if tree is not None else ():
        if isinstance(node, Call) and node.func.name == "histogram_quantile":
            inside = list(syntax.nodes(node.args[1]))
            if not any(isinstance(each, Call) and each.func.name in syntax.RATES for each in inside):
                yield f"{syntax.written(node.args[1])} is no rate"


@of_expressions(
    "D18",
    Level.ERROR,
    "a division by what can be 0, an outcome that may never have been counted, or the age of a time that may be 0",
    why="0/0 is NaN and 1/0 infinite; a ratio of errors is empty, not 0, until the first error; 1970 is no age.",
    mend="Divide by (x > 0); add `or 0 * x` with the labels of the whole to the numerator; time() - (t > 0).",
    borrowed=(conditions.ages_are_of_real_times,),
)
def ratios_are_guarded(query: Query, material: Material) -> Iterator[str]:
    tree = material.written(query)
    for node in syntax.nodes(tree) if tree is not None else ():
        if isinstance(node, BinaryExpr) and syntax.operator(node) == "/":
            found = material.interval(node.rhs)
            if found is not None and found.low <= 0 <= found.high and not (found.low == 0 and found.above):
                yield f"{_short(node.rhs)} can be 0"
            for name, label in _outcomes(node.lhs):
                yield f"{name} of one {label} may not be there yet"


def _outcomes(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the counters of a numerator that are picked out by what became of things, and have no zero beside them."""
    node = syntax.bare(node)
    if syntax.is_set(node, "or"):
        return
    if isinstance(node, VectorSelector):
        series = known().get(syntax.name_of(node))
        if series is not None and series.kind is Kind.COUNTER:
            for matcher in node.matchers.matchers:
                if matcher.name in _OUTCOMES and matcher.value and str(matcher.op).endswith((".Equal", ".Re")):
                    yield series.name, matcher.name
        return
    for child in syntax.children(node):
        yield from _outcomes(child)


@of_expressions(
    "D19",
    Level.ERROR,
    "two sides of `or` with different labels, or several series where one is wanted",
    why="A zero without labels is a series of its own beside those that it was meant for; a join of several fails.",
    mend="Give both sides of `or` the same labels; aggregate, or write group_left (), where several meet one.",
    borrowed=(matching.matches_are_of_one_series,),
)
def sides_are_alike(query: Query, material: Material) -> Iterator[str]:
    tree = material.tree(query)
    for node in syntax.nodes(tree) if tree is not None else ():
        if syntax.is_set(node, "or"):
            left, right = material.labels_of(node.lhs), material.labels_of(node.rhs)
            if not left.open and not right.open and left.possible != right.possible:
                apart = ", ".join(sorted(left.possible ^ right.possible))
                yield f"the two sides of {_short(node)} differ in {apart}"


@of_expressions(
    "D33",
    Level.ERROR,
    "figures of all versions, or segments, together beside those of single ones; or pending alerts beside firing ones",
    why="Without model_version a figure is of all versions: drawn with the others it counts everything twice.",
    mend='Say model_version="" and segment="" for all together, or !="" for single ones; alertstate="firing".',
    borrowed=(matching.versions_are_apart,),
    drawn=True,
)
def wholes_and_parts_are_apart(query: Query, material: Material) -> Iterator[str]:
    tree = material.tree(query)
    for selector in syntax.selectors(tree) if tree is not None and query.kind != "variable" else ():
        name, matched = syntax.name_of(selector), {each.name for each in selector.matchers.matchers}
        series = known().get(name)
        if (
            series is not None
            and "segment" in series.possible
            and series.family is not None
            and "segment" not in matched
        ):
            yield f"{name} does not say of which segments"
        if name == "ALERTS" and "alertstate" not in matched:
            yield "ALERTS without alertstate: what is pending does not fire"


@of_expressions(
    "D34",
    Level.WARNING,
    "a range that holds too few points of its series",
    why="rate of one point is nothing: the panel is empty when it looks at a short time.",
    mend="Look back over four scrapes, or evaluations of a record, at least.",
    borrowed=(ranges.ranges_hold_points, ranges.subqueries_have_steps),
)
def ranges_are_long_enough(_: Query, __: Material) -> Iterator[str]:
    yield from ()


def _short(node: Any) -> str:
    text = syntax.written(node)
    return text if len(text) <= 80 else f"{text[:77]}..."
