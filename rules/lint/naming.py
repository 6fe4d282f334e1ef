"""Names of recorded series: level:metric:operations, and each part says what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, VectorSelector

from rules import syntax
from rules.lint.check import Check, Said, of_material, of_records
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration
from rules.series import known

_NAME = re.compile(r"[a-z_][a-z0-9_]*:[a-z_][a-z0-9_]*:[a-z_][a-z0-9_]*")
_WINDOW = re.compile(r"(?:rate|increase|last|max|min|avg|sum)(\d+(?:ms|[smhdwy]))")
# Labels by the words of a level that stand for them, and those that go with every level.
_WORDS = {
    "model": frozenset({"model_name"}),
    "version": frozenset({"model_version"}),
    "feature": frozenset({"feature_name"}),
}
_ALWAYS = frozenset({"job"})


@of_material(
    "N01",
    Level.ERROR,
    "a record whose name is not level:metric:operations",
    why="The name is all that says what the series is; and names without colons are taken for scraped ones.",
    mend="Three parts: what labels it keeps, what it is about, what was done to it.",
)
def names_have_three_parts(check: Check, material: Material) -> Iterator[Finding]:
    for rule in material.rules:
        if (
            not rule.is_alert
            and "record" in rule.fields
            and not _NAME.fullmatch(rule.name)
            and rule.name not in known()
        ):
            yield check.finding(f"{rule.name or 'it'} is not level:metric:operations", rule=rule)


@of_records(
    "N02",
    Level.WARNING,
    "a level that is not what the expression keeps",
    why="Whoever joins by the labels that the name promises gets nothing, or several series a match.",
    mend="Name in the level, beside model, each label that the result has.",
)
def levels_are_as_named(rule: Rule, material: Material) -> Iterator[Said]:
    flow = material.labels(rule)
    if flow.open or ":" not in rule.name:
        return
    promised = _labels_of(rule.name.partition(":")[0], flow.possible)
    kept = flow.possible - _ALWAYS
    if promised is None or promised != kept:
        yield Said(f"the result has {', '.join(sorted(kept)) or 'no labels'} beside the job", "record")


def _labels_of(level: str, possible: frozenset[str]) -> frozenset[str] | None:
    """Return the labels that a level's words stand for, None if one stands for none."""
    found: set[str] = set()
    rest = level.split("_")
    while rest:
        for length in range(len(rest), 0, -1):
            word = "_".join(rest[:length])
            if word in _WORDS or word in possible:
                found |= _WORDS.get(word, frozenset({word}))
                rest = rest[length:]
                break
        else:
            return None
    return frozenset(found)


@of_records(
    "N03",
    Level.WARNING,
    "a name that does not say what was done: a rate still called _total, a ratio not called one",
    why="A rate is no total and a share no count: panels and people take the name at its word.",
    mend="Leave _total out where a rate was taken; call a division a ratio (or say per what).",
)
def names_say_what_was_done(rule: Rule, _: Material) -> Iterator[Said]:
    if rule.name.count(":") != 2:
        return
    metric, operations = rule.name.split(":")[1:]
    functions = {node.func.name for node in syntax.nodes(rule.tree) if isinstance(node, Call)}
    if metric.endswith("_total") and functions & syntax.RATES:
        yield Said("the rate of a counter is no _total", "record")
    if _is_division(rule.tree) and "ratio" not in operations and "_per_" not in metric and "mean" not in operations:
        yield Said("a division, and the name says no ratio", "record")


def _is_division(node: Any) -> bool:
    node = syntax.bare(node)
    if isinstance(node, AggregateExpr) and syntax.operator(node) in ("max", "min"):
        return _is_division(node.expr)
    if not isinstance(node, BinaryExpr) or syntax.operator(node) != "/":
        return False
    return not syntax.is_scalar(node.lhs) and not syntax.is_scalar(node.rhs)


@of_records(
    "N04",
    Level.WARNING,
    "a window in the name that is not the one in the expression",
    why="rate5m over ten minutes: thresholds are chosen by the name, and hold for something else.",
    mend="Write the range into the name.",
)
def windows_are_as_named(rule: Rule, _: Material) -> Iterator[Said]:
    match = _WINDOW.search(rule.name.rpartition(":")[2])
    if match is None:
        return
    wanted = duration(match[1])
    lengths = {syntax.seconds(node.range) for node in syntax.nodes(rule.tree) if isinstance(node, MatrixSelector)}
    offsets = {syntax.seconds(each.offset) for each in syntax.selectors(rule.tree)}
    read = [_WINDOW.search(syntax.name_of(each).rpartition(":")[2]) for each in syntax.selectors(rule.tree)]
    said = {duration(each[1]) for each in read if each is not None}
    if wanted not in lengths | offsets | said:
        there = ", ".join(f"{each:g} s" for each in sorted(lengths | offsets - {0.0})) or "no range"
        yield Said(f"the name says {match[1]}, the expression {there}", "record")


@of_records(
    "N05",
    Level.WARNING,
    "an average of ratios or of averages",
    why="An hour of ten requests counts as much as one of a million: the mean of shares is not the share of all.",
    mend="Add up both parts, then divide.",
)
def ratios_are_not_averaged(rule: Rule, material: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        average = (isinstance(node, AggregateExpr) and syntax.operator(node) == "avg") or (
            isinstance(node, Call) and node.func.name == "avg_over_time"
        )
        if average and any(_is_ratio(each, material) for each in syntax.nodes(node) if each is not node):
            yield f"an average of what is a ratio: {syntax.written(node)[:80]}"


def _is_ratio(node: Any, _: Material) -> bool:
    if isinstance(node, VectorSelector):
        name = syntax.name_of(node)
        series = known().get(name)
        return ":ratio" in name or (series is not None and series.family is not None and series.family.unit == "ratio")
    return _is_division(node)


@of_material(
    "N06",
    Level.ERROR,
    "a record with the name of a scraped metric",
    why="Recorded and scraped series are one then: sums count them twice, and nobody can tell them apart.",
    mend="Another name, with its level and operations.",
)
def names_are_free(check: Check, material: Material) -> Iterator[Finding]:
    for rule in material.rules:
        if not rule.is_alert and rule.name in known():
            yield check.finding(f"{rule.name} is a metric", rule=rule)
