"""Can an alert fire, and can it stay quiet?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, VectorSelector

from rules import syntax
from rules.bounds import by_catalogue
from rules.intervals import Interval, Judged, Reckoning
from rules.lint.check import Said, of_alerts, of_rules
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration
from rules.rule import NO_SEVERITY

_STATES = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_ABSENCE = frozenset({"absent", "absent_over_time"})
_SCRAPES = 2


@of_alerts(
    "A06",
    Level.ERROR,
    "an alert without a condition",
    why="It fires as long as the series is there, whatever its value: `> bool` gives 0 or 1, and both are values.",
    mend="Compare with something, ask for absence, or combine with `and` and `unless`.",
)
def there_is_a_condition(rule: Rule, material: Material) -> Iterator[str]:
    if rule.tree is not None and rule.severity != NO_SEVERITY and not conditional(rule.tree, material):
        yield "nothing in the expression can make it fire or not"


def conditional(node: Any, material: Material, depth: int = 0) -> bool:  # noqa: PLR0911 - one for each kind of node
    """Say whether a node leaves series out by their values, or is about whether they are there at all."""
    node = syntax.bare(node)
    match node:
        case VectorSelector():
            name = syntax.name_of(node)
            made = material.records.get(name)
            if made is not None and made.tree is not None and depth < 10:
                return conditional(made.tree, material, depth + 1)
            return name in _STATES
        case BinaryExpr() if syntax.is_comparison(node) or syntax.is_set(node, "unless"):
            return True
        case BinaryExpr() if syntax.returns_bool(node):
            return False
        case BinaryExpr() if syntax.is_set(node, "or"):
            return all(conditional(side, material, depth) for side in (node.lhs, node.rhs))
        case Call() if node.func.name in _ABSENCE:
            return True
        case Call() if node.func.name.endswith("_over_time"):
            return False
        case MatrixSelector():
            return False
        case _:
            return any(conditional(child, material, depth) for child in syntax.children(node))


@of_rules(
    "A07",
    Level.ERROR,
    "a comparison that is always true, or never, whatever the values",
    why="An alert on it fires for ever or never; as a part of one it does nothing.",
    mend="Look at the range of the metric in docs/metrics.md: a share lies between 0 and 1, a count is not below 0.",
)
def both_outcomes_are_possible(rule: Rule, material: Material) -> Iterator[str]:
    reckoning = Reckoning(by_catalogue, material.expressions)
    reckoning.of(rule.tree)
    for judged in reckoning.judged:
        yield said_of(judged)


def said_of(judged: Judged) -> str:
    """Return a sentence about a comparison that is certain."""
    left, right = (written(each) for each in (judged.left, judged.right))
    operator = syntax.operator(judged.node)
    text = syntax.written(judged.node)
    short = text if len(text) <= 100 else f"{text[:97]}..."
    return f"{short} is {judged.verdict} true: {left} {operator} {right}"


def written(interval: Interval) -> str:
    """Return an interval as people write it.

    >>> written(Interval(0.0, 1.0)), written(Interval(3.0, 3.0))
    ('[0, 1]', '3')
    """
    if interval.low == interval.high:
        return f"{interval.low:g}"
    opening, closing = "(" if interval.above else "[", ")" if interval.below else "]"
    return f"{opening}{interval.low:g}, {interval.high:g}{closing}"


@of_alerts(
    "A11",
    Level.ERROR,
    "absent(...) that fires at once, or that does not say what is absent",
    why="At each restart a series is absent for a scrape; and of a matcher other than = the alert has no label.",
    mend=f"Let it hold for at least {_SCRAPES} scrapes, and match with = what the alert should say.",
)
def absence_waits(rule: Rule, material: Material) -> Iterator[Said]:
    calls = [each for each in syntax.nodes(rule.tree) if isinstance(each, Call) and each.func.name in _ABSENCE]
    waits = duration(rule.fields.get("for")) or 0
    for call in calls:
        if waits < _SCRAPES * material.settings.scrape_interval:
            yield Said(f"{call.func.name} after {waits:g} s", "for")
        for selector in syntax.selectors(call):
            for matcher in selector.matchers.matchers:
                if matcher.name != "__name__" and not str(matcher.op).endswith(".Equal"):
                    yield Said(f"{call.func.name} of {matcher.name} with another matcher than =: the label is lost")
        if isinstance(syntax.bare(call.args[0]), AggregateExpr | BinaryExpr | Call):
            yield Said(f"{call.func.name} of an expression: all labels are lost")


@of_rules(
    "P13",
    Level.WARNING,
    "a division by what can be 0, whose result is compared or aggregated",
    why="0/0 is NaN, which compares with nothing and spoils a sum; 1/0 is infinite, which is above every limit.",
    mend="Divide by (x > 0), or by (x >= 100) where fewer say nothing; or keep such series out with `and`.",
)
def divisors_are_not_zero(rule: Rule, material: Material) -> Iterator[str]:
    guards = set(_guards(rule.tree))
    reckoning = Reckoning(by_catalogue, material.expressions)
    for node, used in _used(rule.tree, used=False):
        if not used or not isinstance(node, BinaryExpr) or syntax.operator(node) != "/":
            continue
        divisor = reckoning.of(node.rhs)
        zero = divisor is not None and divisor.low <= 0 <= divisor.high and not (divisor.low == 0 and divisor.above)
        if zero and _as_guard(node.rhs) not in guards:
            text = syntax.written(node.rhs)
            yield f"{text if len(text) <= 80 else text[:77] + '...'} can be 0"


def _used(node: Any, *, used: bool) -> Iterator[tuple[Any, bool]]:
    """Yield each node, and whether its values go into a comparison or an aggregation."""
    yield node, used
    below = used or syntax.is_comparison(node) or isinstance(node, AggregateExpr)
    if syntax.is_set(node):
        below = used
    for child in syntax.children(node):
        yield from _used(child, used=below)


def _guards(node: Any) -> Iterator[str]:
    """Yield what the expression wants to be more than some number above, or at, 0."""
    for each in syntax.nodes(node):
        if not syntax.is_comparison(each) or syntax.operator(each) not in (">", ">="):
            continue
        least = syntax.number(each.rhs)
        if least is not None and (least > 0 or (least == 0 and syntax.operator(each) == ">")):
            side = syntax.bare(each.lhs)
            yield _as_guard(side)
            if isinstance(side, BinaryExpr) and syntax.operator(side) == "*":
                yield from (_as_guard(part) for part in (side.lhs, side.rhs))


def _as_guard(node: Any) -> str:
    """Return a text in which a rate and an increase of the same are the same: one is 0 when the other is."""
    return syntax.written(syntax.bare(node)).replace("increase(", "rate(")


@of_rules(
    "P24",
    Level.WARNING,
    "a comparison with last week (or another past) that nothing guards",
    why="After the first deployment, and after a holiday, the past is empty or tiny: everything is a multiple of it.",
    mend="Ask with `and` that the past had enough: and on (...) (past * 1800 >= 100).",
)
def the_past_is_guarded(rule: Rule, material: Material) -> Iterator[str]:
    if not rule.is_alert:
        return
    for node in syntax.nodes(rule.tree):
        if not syntax.is_comparison(node) or (syntax.number(node.rhs) is not None and _is_guard(node)):
            continue
        past = [each for side in (node.lhs, node.rhs) for each in _past(side, material)]
        if past and not _has_guard(rule.tree, material):
            yield f"{past[0]} is not asked for enough"


def _is_guard(node: BinaryExpr) -> bool:
    return syntax.operator(node) in (">", ">=") and (syntax.number(node.rhs) or 0) > 0


def _has_guard(tree: Any, material: Material) -> bool:
    return any(
        syntax.is_comparison(node) and _is_guard(node) and any(_past(node.lhs, material)) for node in syntax.nodes(tree)
    )


def _past(node: Any, material: Material, depth: int = 0) -> Iterator[str]:
    """Yield the selectors of a day ago or more, those within records included."""
    for selector in syntax.selectors(node):
        made = material.records.get(syntax.name_of(selector))
        if syntax.seconds(selector.offset) >= 86_400 - 3_600:
            yield syntax.written(selector)
        elif made is not None and made.tree is not None and depth < 5 and any(_past(made.tree, material, depth + 1)):
            yield made.name


@of_rules(
    "P25",
    Level.WARNING,
    "the age of a time stamp that can be 0",
    why="Before the first success many exporters show 0: the age is then that of the year 1970, and the alert fires.",
    mend="time() - (x > 0).",
)
def ages_are_of_real_times(rule: Rule, _: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if not isinstance(node, BinaryExpr) or syntax.operator(node) != "-":
            continue
        left = syntax.bare(node.lhs)
        if isinstance(left, Call) and left.func.name == "time" and not any(_guards(node.rhs)):
            for selector in syntax.selectors(node.rhs):
                if _can_be_zero(selector) and syntax.name_of(selector).endswith("_seconds"):
                    yield f"{syntax.name_of(selector)} may be 0"


def _can_be_zero(selector: VectorSelector) -> bool:
    bounds = by_catalogue(selector)
    return bounds.low <= 0 and not (bounds.low == 0 and bounds.above)


@of_rules(
    "P26",
    Level.WARNING,
    "a part of an expression that stands in it three times or more",
    why="Prometheus evaluates each of them anew, at each evaluation.",
    mend="Record it, and read the record.",
)
def parts_are_evaluated_once(rule: Rule, _: Material) -> Iterator[str]:
    seen: dict[str, int] = {}
    for node in syntax.nodes(rule.tree):
        if isinstance(node, AggregateExpr) or (isinstance(node, Call) and syntax.selectors(node)):
            text = syntax.written(node)
            seen[text] = seen.get(text, 0) + 1
    for text, times in seen.items():
        if times >= 3 and not any(text != other and text in other and seen[other] >= 3 for other in seen):
            yield f"{times} times {text if len(text) <= 80 else text[:77] + '...'}"


@of_rules(
    "P23",
    Level.INFO,
    "an expression that is not written as the formatter writes it",
    why="A change of the formatting hides a change of the meaning in a review.",
    mend="Generated rules are formatted; others: promql_parser.parse(text).prettify().",
)
def it_is_formatted(rule: Rule, _: Material) -> Iterator[str]:
    if str(rule.tree.prettify()).strip() != rule.expression.strip() and "\n" in rule.expression:
        yield "the formatter writes it otherwise"


@of_rules(
    "S14",
    Level.WARNING,
    "a number with the noise of binary fractions",
    why="0.9990000000000001 is not the objective that was agreed on, and nobody trusts what it comes from.",
    mend="Write the decimal that is meant; reckon with fractions where it is made.",
)
def numbers_are_as_meant(rule: Rule, _: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        value = syntax.number(node)
        if (
            value is not None
            and not syntax.children(node)
            and len(repr(value).replace(".", "").strip("0-")) >= 15
            and "e" not in repr(value)
        ):
            yield f"{value!r}"
