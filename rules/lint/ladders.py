"""Severities of one alert: the worse one is reached later, says so, and mutes the milder one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import yaml

from exporter.catalogue import SEVERITIES
from rules import syntax
from rules.bounds import equal_to
from rules.lint.check import Check, of_material, of_rules
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration
from rules.series import known

_SEVERITY = re.compile(r'severity="\w+"')
_NUMBER = re.compile(r"(?<![\w.:])\d+(\.\d+)?(e[+-]?\d+)?(?![\w.:])")
_MATCHER = re.compile(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*"?((?:[^"\\]|\\.)*)"?\s*')


@of_rules(
    "A29",
    Level.ERROR,
    "an alert that is held against another severity's threshold",
    why="The critical alert fires at the threshold of the warning, or the warning never before the critical one.",
    mend="The severity of the alert and that of its threshold, or limit, are the same.",
)
def thresholds_are_of_the_severity(rule: Rule, _: Material) -> Iterator[str]:
    if rule.severity not in SEVERITIES:
        return
    for selector in syntax.selectors(rule.tree):
        series = known().get(syntax.name_of(selector))
        wanted = equal_to(selector, "severity")
        if series is not None and series.family is not None and wanted and wanted != rule.severity:
            yield f"{series.name} of severity {wanted}"


@of_material(
    "A16",
    Level.ERROR,
    "severities of one alert in the wrong order",
    why="The worse one comes first, or waits longer: people are woken by what should have been a message before.",
    mend="With each severity the limit lies further out, and `for` is no longer.",
)
def ladders_go_up(check: Check, material: Material) -> Iterator[Finding]:
    for milder, worse in _steps(material):
        if (text := _out_of_order(milder, worse)) is not None:
            yield check.finding(text, rule=worse, line=worse.line_of("expr"))
        waits = [duration(rule.fields.get("for")) or 0.0 for rule in (milder, worse)]
        if waits[1] > waits[0] and _shape(milder) == _shape(worse):
            text = f"{worse.severity} waits {waits[1]:g} s, {milder.severity} {waits[0]:g} s"
            yield check.finding(text, rule=worse, line=worse.line_of("for"))


def _steps(material: Material) -> Iterator[tuple[Rule, Rule]]:
    """Yield the milder and the worse of each two alerts of a ladder."""
    for rules in material.ladders.values():
        known_ones = [rule for rule in rules if rule.severity in SEVERITIES and rule.tree is not None]
        ranked = sorted(known_ones, key=lambda rule: SEVERITIES.index(rule.severity))
        for milder, worse in combinations(ranked, 2):
            if milder.severity != worse.severity:
                yield milder, worse


def _shape(rule: Rule) -> str:
    return _NUMBER.sub("#", _SEVERITY.sub("", syntax.written(rule.tree)))


def _out_of_order(milder: Rule, worse: Rule) -> str | None:
    if _shape(milder) != _shape(worse) or _SEVERITY.search(syntax.written(milder.tree)):
        return None
    pairs = list(zip(_limits(milder.tree), _limits(worse.tree), strict=True))
    for (operator, mild), (_, bad) in pairs:
        if (operator.startswith(">") and bad < mild) or (operator.startswith("<") and bad > mild):
            return f"{worse.severity} at {operator} {bad:g}, {milder.severity} at {operator} {mild:g}"
    if all(mild == bad for (_, mild), (_, bad) in pairs):
        return f"{milder.severity} and {worse.severity} fire at the same"
    return None


def _limits(tree: Any) -> list[tuple[str, float]]:
    found = [(node, syntax.number(node.rhs)) for node in syntax.nodes(tree) if syntax.is_comparison(node)]
    return [(syntax.operator(node), value) for node, value in found if value is not None]


@of_material(
    "A17",
    Level.WARNING,
    "a milder severity that the worse one does not mute",
    why="Both are notified: the same trouble in two channels, and twice in the night.",
    mend="An inhibition from each severity to the milder ones, with equal labels that both have.",
)
def ladders_mute(check: Check, material: Material) -> Iterator[Finding]:
    routing = material.beside.routing
    if routing is None or not routing.exists():
        return
    inhibitions = (yaml.safe_load(routing.read_text(encoding="utf-8")) or {}).get("inhibit_rules") or ()
    for milder, worse in _steps(material):
        if "burn_window" in milder.labels or "burn_window" in worse.labels:
            continue
        if not any(_mutes(each, worse, milder, material) for each in inhibitions):
            yield check.finding(f"{worse.said} does not mute {milder.severity}", rule=milder)


def _mutes(inhibition: Mapping[str, Any], worse: Rule, milder: Rule, material: Material) -> bool:
    if not _meets(inhibition.get("source_matchers") or (), worse, material):
        return False
    if not _meets(inhibition.get("target_matchers") or (), milder, material):
        return False
    flows = [material.labels(rule).possible | {"alertname"} for rule in (worse, milder)]
    return all((label in flows[0]) == (label in flows[1]) for label in inhibition.get("equal") or ())


def _meets(matchers: Sequence[str], rule: Rule, material: Material) -> bool:
    labels = {**rule.labels, "alertname": rule.name}
    for text in matchers:
        match = _MATCHER.fullmatch(text)
        if match is None:
            return False
        label, operator, value = match.groups()
        if label not in labels:
            if label not in material.flow(rule).possible and operator in ("=", "=~") and value:
                return False
            continue
        equal = labels[label] == value if operator in ("=", "!=") else re.fullmatch(value, labels[label]) is not None
        if equal != (operator in ("=", "=~")):
            return False
    return True
