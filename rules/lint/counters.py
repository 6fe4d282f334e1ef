"""Counters and gauges: each has functions that mean something, and others that give a number all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, SubqueryExpr, VectorSelector

from exporter.catalogue import Kind
from rules import syntax
from rules.lint.check import of_rules
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule
from rules.series import known

_OF_COUNTERS = frozenset({"rate", "increase", "irate", "resets"})
_OF_GAUGES = frozenset(
    [
        "delta",
        "idelta",
        "deriv",
        "predict_linear",
        "avg_over_time",
        "sum_over_time",
        "quantile_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "min_over_time",
        "max_over_time",
    ]
)
# Their results do not depend on how high a counter stands.
_INDIFFERENT = frozenset(
    {"absent", "absent_over_time", "timestamp", "changes", "resets", "count_over_time", "present_over_time"}
)
_COUNTING = frozenset({"count", "group", "count_values"})

Nature = Literal["counter", "sum of counters", "gauge"]


def nature(node: Any, material: Material, depth: int = 0) -> Nature | None:  # noqa: PLR0911 - one for each kind of node
    """Return what the values of a node are; None where nothing is known."""
    node = syntax.bare(node)
    match node:
        case VectorSelector():
            return _of_name(syntax.name_of(node), material, depth)
        case AggregateExpr():
            below = nature(node.expr, material, depth)
            if syntax.operator(node) in _COUNTING:
                return "gauge"
            return "sum of counters" if below in ("counter", "sum of counters") else below
        case Call():
            return "gauge"
        case BinaryExpr():
            if syntax.is_set(node) or syntax.is_comparison(node):
                return nature(node.lhs, material, depth)
            return "sum of counters" if "counter" in str(nature(node.lhs, material, depth)) else "gauge"
        case _:
            return None


def _of_name(name: str, material: Material, depth: int) -> Nature | None:
    made = material.records.get(name)
    if made is not None:
        return nature(made.tree, material, depth + 1) if depth < 10 and made.tree is not None else None
    series = known().get(name)
    if series is None:
        return None
    return "counter" if series.kind is Kind.COUNTER else "gauge"


def _ranged(call: Call) -> Any:
    """Return what a function looks back over: a selector, or the expression of a subquery."""
    for argument in call.args:
        inner = syntax.bare(argument)
        if isinstance(inner, MatrixSelector):
            return inner.vector_selector
        if isinstance(inner, SubqueryExpr):
            return inner.expr
    return None


@of_rules(
    "P05",
    Level.ERROR,
    "rate or increase of a gauge, or delta, deriv or an average of a counter",
    why="rate takes each fall for a restart, so a gauge seems to grow for ever; delta takes a restart for a fall.",
    mend="rate, increase for counters; delta, deriv, *_over_time for gauges.",
)
def functions_fit_the_kind(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if not isinstance(node, Call) or (inner := _ranged(node)) is None:
            continue
        found = nature(inner, material)
        if node.func.name in _OF_COUNTERS and found == "gauge":
            yield f"{node.func.name} of {_short(inner)}, which is a gauge"
        if node.func.name in _OF_GAUGES and found in ("counter", "sum of counters"):
            yield f"{node.func.name} of {_short(inner)}, which is a counter"


@of_rules(
    "P06",
    Level.ERROR,
    "a counter that is compared as it stands",
    why="It only grows: once it is over the limit the alert fires until the exporter starts anew.",
    mend="Compare increase(...) or rate(...) of it.",
)
def counters_are_not_compared(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if not syntax.is_comparison(node):
            continue
        for side in (node.lhs, node.rhs):
            for name in dict.fromkeys(_raw_counters(side, material)):
                yield f"{name} is a counter and compared as it stands"


def _raw_counters(node: Any, material: Material) -> Iterator[str]:
    node = syntax.bare(node)
    match node:
        case VectorSelector():
            if nature(node, material) in ("counter", "sum of counters"):
                yield syntax.name_of(node)
        case AggregateExpr() if syntax.operator(node) in _COUNTING:
            return
        case BinaryExpr() if syntax.is_set(node, "and", "unless"):
            yield from _raw_counters(node.lhs, material)
        case Call() if node.func.name in _INDIFFERENT or _ranged(node) is not None:
            return
        case _:
            for child in syntax.children(node):
                yield from _raw_counters(child, material)


@of_rules(
    "P08",
    Level.ERROR,
    "a rate of sums, of a record or a subquery of counters that were added up",
    why="When one of the counters starts anew, the sum falls a little and rate takes that for a restart of all of them.",
    mend="Take the rate of each, then the sum: sum(rate(x[5m])).",
)
def rates_come_before_sums(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if isinstance(node, Call) and node.func.name in _OF_COUNTERS:
            inner = _ranged(node)
            if inner is not None and nature(inner, material) == "sum of counters":
                yield f"{node.func.name} of {_short(inner)}, which adds up counters"


@of_rules(
    "P09",
    Level.WARNING,
    "irate",
    why="It looks at two scrapes alone: an alert on it flaps, and misses what lies between evaluations.",
    mend="rate over at least four scrapes.",
)
def no_irate(rule: Rule, _: Material) -> Iterator[str]:
    if any(isinstance(node, Call) and node.func.name == "irate" for node in syntax.nodes(rule.tree)):
        yield "irate in a rule"


def _short(node: Any) -> str:
    text = syntax.written(node)
    return text if len(text) <= 60 else f"{text[:57]}..."
