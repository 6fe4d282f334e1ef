"""Alerts about models: drift by thresholds that know the window, quality that is known, retraining that does not loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from promql_parser import AggregateExpr, BinaryExpr, VectorSelector

from exporter.catalogue import LIMITS, Direction
from rules import syntax
from rules.bounds import equal_to
from rules.lint.alerts import PAGES
from rules.lint.check import Check, Said, of_material, of_rules
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule

_JUDGED = ("ml_quality_upper", "ml_quality_lower", "ml_quality")


def _names(rule: Rule) -> list[str]:
    return [syntax.name_of(selector) for selector in syntax.selectors(rule.tree)]


@of_rules(
    "S04",
    Level.ERROR,
    "a drift score that is held against a constant",
    why="With few rows a score of nothing at all lies above 0.1 or 0.25; with many a great change lies below.",
    mend="Compare with ml_drift_threshold, ignoring (severity): it knows how many rows there are.",
)
def drift_has_its_threshold(rule: Rule, _: Material) -> Iterator[str]:
    if "ml_drift_threshold" in _names(rule):
        return
    for node in syntax.nodes(rule.tree):
        if (
            syntax.is_comparison(node)
            and syntax.number(node.rhs) is not None
            and any(syntax.name_of(each) == "ml_drift_score" for each in syntax.selectors(node.lhs))
        ):
            yield f"ml_drift_score {syntax.operator(node)} {syntax.number(node.rhs):g}"


@of_rules(
    "S10",
    Level.WARNING,
    "a p-value without the size of the effect",
    why="With rows enough everything is significant: it fires for a change that matters to nobody.",
    mend="Compare the score with ml_drift_threshold, which is large enough to matter and more than chance explains.",
)
def effects_have_a_size(rule: Rule, _: Material) -> Iterator[str]:
    names = _names(rule)
    if rule.is_alert and "ml_drift_p_value" in names and not {"ml_drift_score", "ml_drift_threshold"} & set(names):
        yield "ml_drift_p_value alone"


@of_material(
    "S07",
    Level.WARNING,
    "alerts on quality, and none on quality that is not known",
    why="Without labels there are no figures, and no alert: silence looks like good news.",
    mend='Alert on ml_quality_state{state="overdue"} == 1.',
)
def ignorance_is_an_alert(check: Check, material: Material) -> Iterator[Finding]:
    judged = [rule for rule in material.alerts if rule.tree is not None and set(_names(rule)) & set(_JUDGED)]
    if not judged:
        return
    for rule in material.alerts:
        for selector in syntax.selectors(rule.tree) if rule.tree is not None else ():
            if syntax.name_of(selector) == "ml_quality_state" and equal_to(selector, "state") == "overdue":
                return
    yield check.finding("no alert says when quality is not known", rule=judged[0])


@of_rules(
    "S09",
    Level.WARNING,
    "drift of inputs that pages",
    why="What comes in has changed, and nobody can say at night whether the model is any worse for it.",
    mend="Warn; page on quality.",
)
def drift_does_not_page(rule: Rule, _: Material) -> Iterator[Said]:
    if not rule.is_alert or rule.severity not in PAGES:
        return
    direct = {name for name in _names(rule) if name.startswith("ml_drift")}
    recorded = {name for name in _names(rule) if ":ml_drifted" in name}
    concept = all(
        equal_to(selector, "kind") == "concept"
        for selector in syntax.selectors(rule.tree)
        if syntax.name_of(selector).startswith("ml_drift")
    )
    if recorded or (direct and not concept):
        yield Said(f"{', '.join(sorted(direct | recorded))} at {rule.severity}", "labels")


@of_rules(
    "S11",
    Level.ERROR,
    "a retraining that one cause alone sets off, at any time, or on broken data",
    why="It trains on what is broken, sets itself off again, and costs a day of machines each time.",
    mend="A quorum of alerts (count ... >= 2), `unless` trained lately, `unless` alerts about data fire; and keep_firing_for.",
)
def retraining_does_not_loop(rule: Rule, _: Material) -> Iterator[str]:
    if not rule.is_alert or rule.labels.get("action") != "retrain":
        return
    nodes = list(syntax.nodes(rule.tree))
    comparisons = [node for node in nodes if syntax.is_comparison(node)]
    quorum = any(
        syntax.operator(node) in (">", ">=")
        and (syntax.number(node.rhs) or 0) + (syntax.operator(node) == ">") >= 2
        and any(isinstance(each, AggregateExpr) and syntax.operator(each) == "count" for each in syntax.nodes(node.lhs))
        for node in comparisons
    )
    vetoes = [node.rhs for node in nodes if syntax.is_set(node, "unless")]
    if not quorum:
        yield "no quorum: one cause alone sets it off"
    if not any("ml_model_trained_timestamp_seconds" in syntax.written(each) for each in vetoes):
        yield "no rest after a training"
    if not any("ALERTS" in syntax.written(each) for each in vetoes):
        yield "no veto of alerts about broken data"


@of_rules(
    "S15",
    Level.ERROR,
    "a figure that is held against its threshold the wrong way round",
    why="It fires while all is well, and is quiet when it is not; or for a handful of labels, which prove nothing.",
    mend="Scores and shares of faults >, what is good when high <; ml_quality_upper < bound min, ml_quality_lower > bound max.",
)
def figures_are_held_the_right_way(rule: Rule, _: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if not syntax.is_comparison(node) or syntax.operator(node) in ("==", "!="):
            continue
        limits = node.rhs if syntax.number(node.rhs) is None else _divisor(node.lhs)
        for threshold in syntax.selectors(limits) if limits is not None else ():
            wanted = _bad_side(threshold)
            if wanted and not syntax.operator(node).startswith(wanted):
                yield f"{syntax.operator(node)} {syntax.name_of(threshold)}, where {wanted} is bad"
            figures = {syntax.name_of(each) for each in syntax.selectors(node.lhs)}
            if figures & _OTHER_BOUND.get(equal_to(threshold, "bound"), set()):
                yield f"{'/'.join(sorted(figures))} against the bound {equal_to(threshold, 'bound')}: chance is not allowed for"


def _divisor(node: Any) -> Any:
    """Return the threshold that a score is a multiple of, None if it is none."""
    node = syntax.bare(node)
    if isinstance(node, AggregateExpr):
        return _divisor(node.expr)
    return node.rhs if isinstance(node, BinaryExpr) and syntax.operator(node) == "/" else None


def _bad_side(threshold: VectorSelector) -> str:
    """Return ``>`` or ``<``, on which side of a threshold it is bad; "" where that is not known."""
    name = syntax.name_of(threshold)
    if name == "ml_limit":
        return _BAD_SIDES.get(equal_to(threshold, "limit"), "")
    if name == "ml_quality_threshold":
        return {"min": "<", "max": ">"}.get(equal_to(threshold, "bound"), "")
    return ">" if name in ("ml_drift_threshold", "ml_data_quality_threshold") else ""


_BAD_SIDES = {limit.name: "<" if limit.direction is Direction.HIGH_IS_GOOD else ">" for limit in LIMITS}
# Figures whose bound lies on the side that blames chance on the model.
_OTHER_BOUND = {"min": {"ml_quality_lower"}, "max": {"ml_quality_upper"}}
