"""How far back an expression looks: long enough for its points, not longer than what is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from promql_parser import Call, MatrixSelector, SubqueryExpr, VectorSelector

from rules import syntax
from rules.lint.check import Said, of_rules
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration

_FEWEST_POINTS, _GOOD_POINTS = 2, 4
# So long Prometheus takes the last value of a series for its present one.
_LOOKBACK = 300
_INCREASE = re.compile(r":increase(\d+(?:ms|[smhdwy]))$")


def matrices(node: Any) -> Iterator[MatrixSelector]:
    return (each for each in syntax.nodes(node) if isinstance(each, MatrixSelector))


def _step(name: str, material: Material) -> float:
    """Return how often a series gets a point, in seconds."""
    made = material.records.get(name)
    return material.settings.scrape_interval if made is None else material.interval(made.group)


@of_rules(
    "P07",
    Level.ERROR,
    "a range that holds fewer than two points of the series (a warning below four)",
    why="rate of a single point is nothing: the expression is empty, and so is the alert.",
    mend="Look back over at least four scrapes, or evaluations of the record.",
)
def ranges_hold_points(rule: Rule, material: Material) -> Iterator[Said]:
    for matrix in matrices(rule.tree):
        name, length = syntax.name_of(matrix.vector_selector), syntax.seconds(matrix.range)
        points = length / _step(name, material)
        if points < _GOOD_POINTS:
            level = Level.ERROR if points < _FEWEST_POINTS else Level.WARNING
            yield Said(f"{length:g} s of {name} hold {points:.2g} points", level=level)


@of_rules(
    "P10",
    Level.WARNING,
    "a range or an offset longer than the server keeps",
    why="What is no longer there is left out without a word: a month's budget is then that of two weeks.",
    mend="Raise --storage.tsdb.retention.time, or shorten the range; --retention tells the lint what holds.",
)
def retention_is_long_enough(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        back = reach(node)
        if back > material.retention:
            days = f"{back / 86_400:g} days back, and {material.retention / 86_400:g} are kept"
            yield f"{syntax.written(node)} looks {days}"


def reach(node: Any) -> float:
    """Return how many seconds back a selector or subquery looks itself."""
    match node:
        case MatrixSelector():
            return syntax.seconds(node.range) + syntax.seconds(node.vector_selector.offset)
        case SubqueryExpr():
            return syntax.seconds(node.range) + syntax.seconds(node.offset)
        case VectorSelector():
            return syntax.seconds(node.offset)
        case _:
            return 0.0


@of_rules(
    "P22",
    Level.WARNING,
    "a subquery of fewer than two steps",
    why="Since Prometheus 3 a range leaves out its beginning: one step fewer, and there is nothing left.",
    mend="Make the range at least two steps long.",
)
def subqueries_have_steps(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if isinstance(node, SubqueryExpr):
            step = syntax.seconds(node.step) or material.settings.evaluation_interval
            if syntax.seconds(node.range) < _FEWEST_POINTS * step:
                yield f"{syntax.written(node)} has fewer than two steps of {step:g} s"


@of_rules(
    "A15",
    Level.ERROR,
    "a record that is made so rarely that its last value is stale when it is read",
    why="Prometheus looks back five minutes: what comes every five minutes is there, or not, as the clocks happen to fall.",
    mend="Evaluate its group more often, or read it over a range of at least two intervals.",
)
def records_are_fresh(rule: Rule, material: Material) -> Iterator[str]:
    for node in _instant(rule.tree):
        made = material.records.get(syntax.name_of(node))
        if made is not None and made.group is not rule.group and material.interval(made.group) >= _LOOKBACK:
            yield f"{made.name} is made every {material.interval(made.group):g} s"


def _instant(node: Any) -> Iterator[VectorSelector]:
    if isinstance(node, VectorSelector):
        yield node
    elif not isinstance(node, MatrixSelector):
        for child in syntax.children(node):
            yield from _instant(child)


@of_rules(
    "P28",
    Level.ERROR,
    "increases that are added up, of a group whose interval is another than theirs",
    why="Evaluated every minute, five-minute increases count each event five times; every ten minutes, half of them.",
    mend="Give the group of the record the interval that its name says.",
)
def increases_are_laid_end_to_end(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if not isinstance(node, Call) or node.func.name != "sum_over_time":
            continue
        for matrix in matrices(node):
            name = syntax.name_of(matrix.vector_selector)
            made, window = material.records.get(name), _INCREASE.search(name)
            if made is not None and window and material.interval(made.group) != duration(window[1]):
                yield f"{name} is made every {material.interval(made.group):g} s"
