"""Alerts about shares and burn rates: windows and factors that belong together, and events enough to speak of a share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from promql_parser import BinaryExpr, MatrixSelector

from exporter.burn_rates import DAY, WINDOWS
from rules import syntax
from rules.lint.check import of_rules
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration

_WINDOW = re.compile(r":ratio_\w*?(\d+(?:ms|[smhdwy]))$")
_SHARES = frozenset(
    {"ml_quality", "ml_error_ratio", "ml_data_quality_ratio", "ml_label_coverage_ratio", "ml_slo_compliance_ratio"}
)
_COUNTS = re.compile(r"_(rows|requests|total|count)$|:(increase|rate|count)")
_PERIOD = "ml_slo_period"
_EVENTS = "ml_slo_"
_MONTH = 30 * DAY


@of_rules(
    "S02",
    Level.ERROR,
    "a burn rate whose factor, windows and label do not belong together",
    why="The factor says how much of the budget is gone when it fires: with another window or period it is another share.",
    mend="factor = share of the budget * period / long window; the short window is a twelfth; exporter/burn_rates.py has them.",
)
def burn_rates_are_coherent(rule: Rule, _: Material) -> Iterator[str]:
    if "burn_window" not in rule.labels:
        return
    label = rule.labels["burn_window"]
    pair = next((each for each in WINDOWS if each[0] == duration(label)), None)
    if pair is None:
        yield f"burn_window is {label}; the usual ones are 1h, 6h, 1d and 3d"
        return
    long, short, share = pair
    windows = {duration(match[1]) for match in map(_WINDOW.search, _names(rule.tree)) if match}
    if windows and windows != {long, short}:
        said = " and ".join(f"{each:g}" for each in sorted(each for each in windows if each is not None))
        yield f"it looks at windows of {said} s, and should at {short:g} and {long:g}"
    for node in syntax.nodes(rule.tree):
        # Of other series, such as those that say that a backlog is read, the short window may be asked.
        if (
            isinstance(node, MatrixSelector)
            and _EVENTS in syntax.name_of(node.vector_selector)
            and syntax.seconds(node.range) != long
        ):
            yield f"events are counted over {syntax.seconds(node.range):g} s instead of {long}"
    yield from _wrong_factors(rule.tree, long, float(share))


def _names(tree: Any) -> list[str]:
    return [syntax.name_of(selector) for selector in syntax.selectors(tree)]


def _wrong_factors(tree: Any, long: int, share: float) -> Iterator[str]:
    if not any(_PERIOD in name for name in _names(tree)):
        yield f"the factor is the same for every period, and right for {_MONTH // DAY} days alone"
        return
    for node in syntax.nodes(tree):
        if not isinstance(node, BinaryExpr) or syntax.operator(node) != "/" or _PERIOD not in syntax.written(node.lhs):
            continue
        over = syntax.number(node.rhs)
        shares = [syntax.number(each) for each in syntax.nodes(node.lhs) if not syntax.children(each)]
        said = next((each for each in shares if each is not None), None)
        if over is not None and over != long:
            yield f"the period is divided by {over:g}, and the window is {long} s"
        if said is not None and abs(said - share) > 1e-9:
            yield f"it fires when {said:g} of the budget is gone; of this window it is {share:g}"


@of_rules(
    "S03",
    Level.ERROR,
    "an alert on a share without a least number of events",
    why="One bad label of three is 33 %: at night, and for models with little traffic, such alerts fire at random.",
    mend="and on (...) (rows >= 100), or divide by (rows >= 100); or compare a confidence bound.",
)
def shares_rest_on_enough(rule: Rule, _: Material) -> Iterator[str]:
    if rule.is_alert:
        yield from dict.fromkeys(_unguarded(rule.tree, guarded=False))


def _unguarded(node: Any, *, guarded: bool) -> Iterator[str]:
    node = syntax.bare(node)
    if syntax.is_set(node, "and"):
        both = guarded or _has_guard(node.rhs) or (syntax.is_comparison(syntax.bare(node.lhs)) and _has_guard(node.lhs))
        yield from _unguarded(node.lhs, guarded=both)
        yield from _unguarded(node.rhs, guarded=both)
    elif syntax.is_set(node, "unless"):
        yield from _unguarded(node.lhs, guarded=guarded)
    elif syntax.is_comparison(node) and not _is_guard(node) and not guarded and not _has_guard(node):
        for selector in syntax.selectors(node.lhs):
            name = syntax.name_of(selector)
            if name in _SHARES or _WINDOW.search(name):
                yield f"{name} of however few events"
    else:
        for child in syntax.children(node):
            yield from _unguarded(child, guarded=guarded)


def _is_guard(node: Any) -> bool:
    if not syntax.is_comparison(node) or syntax.operator(node) not in (">", ">="):
        return False
    return (syntax.number(node.rhs) or 0) > 0 and any(_COUNTS.search(name) for name in _names(node.lhs))


def _has_guard(node: Any) -> bool:
    return any(_is_guard(each) for each in syntax.nodes(node))


@of_rules(
    "S13",
    Level.WARNING,
    "too little traffic, by a limit that is the same at every hour",
    why="Nights and weekends have less: it fires every Saturday, until nobody looks.",
    mend="Compare with the same hour last week.",
)
def traffic_has_its_seasons(rule: Rule, material: Material) -> Iterator[str]:
    if (
        not rule.is_alert
        or rule.severity not in ("warning", "critical", "emergency")
        or _looks_back(rule.tree, material)
    ):
        return
    for node in syntax.nodes(rule.tree):
        if _is_too_few(node) and _of_traffic(node.lhs, material):
            yield f"{syntax.written(node)[:80]} at every hour"


def _is_too_few(node: Any) -> bool:
    return (
        syntax.is_comparison(node)
        and syntax.operator(node) in ("<", "<=", "==")
        and syntax.number(node.rhs) is not None
    )


def _of_traffic(node: Any, material: Material) -> bool:
    return any(_is_traffic(name, material) for name in _names(node)) and not _has_ratio(node)


def _looks_back(tree: Any, material: Material, depth: int = 0) -> bool:
    for selector in syntax.selectors(tree):
        made = material.records.get(syntax.name_of(selector))
        if syntax.seconds(selector.offset) >= DAY:
            return True
        if made is not None and made.tree is not None and depth < 5 and _looks_back(made.tree, material, depth + 1):
            return True
    return False


def _is_traffic(name: str, material: Material) -> bool:
    made = material.records.get(name)
    names = _names(made.tree) if made is not None and made.tree is not None else [name]
    return any(each in ("ml_requests_total", "ml_predictions_total") for each in names)


def _has_ratio(node: Any) -> bool:
    return any(isinstance(each, BinaryExpr) and syntax.operator(each) == "/" for each in syntax.nodes(node))
