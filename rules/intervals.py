"""Interval arithmetic over metric bounds: can a comparison ever be true, can it ever be false?

Each selector has an interval that all its values lie in: from the catalogue, or narrower from a configuration. Intervals
go up through functions and operators; what is not known becomes the whole line, so that a verdict is never wrong, and
sometimes missing. Comparisons without ``bool`` narrow what comes through.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, NumberLiteral, UnaryExpr, VectorSelector

from rules import syntax

_INFINITY = math.inf


class Interval(NamedTuple):
    """All numbers from ``low`` to ``high``, both included unless they are ``above`` and ``below``."""

    low: float
    high: float
    above: bool = False
    below: bool = False


ALL = Interval(-_INFINITY, _INFINITY)
NOT_NEGATIVE = Interval(0.0, _INFINITY)
SHARE = Interval(0.0, 1.0)
# Any moment from 2014 to the year 2100.
_NOW = Interval(1.4e9, 4.1e9)


class Verdict(StrEnum):
    NEVER = "never"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Judged:
    """A comparison, and what is certain of it; ``bounds`` are those of its sides."""

    node: BinaryExpr
    verdict: Verdict
    left: Interval
    right: Interval


# The interval of a selector, or None if it has no series.
World = Callable[[VectorSelector], Interval | None]


@dataclass(slots=True)
class Reckoning:
    """Reckons with intervals in one world; ``records`` are expressions by name, ``judged`` what was found on the way."""

    world: World
    records: Mapping[str, str] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    # Let through what can never be true, as if it could: what is empty then is so for want of series.
    hopeful: bool = False
    _known: dict[str, Interval | None] = field(default_factory=dict)

    def of(self, node: Any) -> Interval | None:  # noqa: PLR0911 - one for each kind of node
        """Return the interval of a node, None if it certainly has no series."""
        node = syntax.bare(node)
        match node:
            case NumberLiteral():
                return Interval(float(node.val), float(node.val))
            case VectorSelector():
                return self._selected(node)
            case MatrixSelector():
                return self._selected(node.vector_selector)
            case UnaryExpr():
                return _negated(self.of(node.expr))
            case AggregateExpr():
                return _aggregated(syntax.operator(node), self.of(node.expr), syntax.number(node.param))
            case Call():
                return self._called(node)
            case BinaryExpr():
                return self._combined(node)
            case _:
                below = syntax.children(node)
                return self.of(below[0]) if below else ALL

    def _selected(self, selector: VectorSelector) -> Interval | None:
        name = syntax.name_of(selector)
        if name not in self.records:
            return self.world(selector)
        if name not in self._known:
            self._known[name] = ALL  # A record that reads itself ends here.
            try:
                tree = syntax.parsed(self.records[name])
            except ValueError:
                return ALL
            found = Reckoning(self.world, self.records, [], self.hopeful, self._known).of(tree)
            self._known[name] = _as_named(name, found)
        return self._known[name]

    def _called(self, node: Call) -> Interval | None:
        name = node.func.name
        inner = [self.of(each) for each in node.args]
        if name in _FIXED:
            return _FIXED[name]
        if name in ("clamp_min", "clamp_max", "clamp"):
            return _clamped(name, inner)
        vector = next(
            (each for each, argument in zip(inner, node.args, strict=True) if not syntax.is_scalar(argument)), ALL
        )
        if name in ("scalar", "vector"):
            return inner[0] if name == "vector" else ALL
        if vector is None or name in _SAME:
            return vector
        return _MAPPED.get(name, _anything)(vector)

    # Operators

    def _combined(self, node: BinaryExpr) -> Interval | None:
        operation = syntax.operator(node)
        left, right = self.of(node.lhs), self.of(node.rhs)
        if operation in syntax.SETS:
            return _united(left, right) if operation == "or" else (left if operation == "unless" or right else None)
        if left is None or right is None:
            return None
        if operation in syntax.COMPARISONS:
            return self._compared(node, operation, left, right)
        if operation == "/" and _is_part_of(node.lhs, node.rhs) and left.low >= 0:
            return SHARE
        return _reckoned(operation, left, right)

    def _compared(self, node: BinaryExpr, operation: str, left: Interval, right: Interval) -> Interval | None:
        verdict = compare(operation, left, right)
        if verdict is not None:
            self.judged.append(Judged(node, verdict, left, right))
        if syntax.returns_bool(node):
            return SHARE
        if verdict is Verdict.NEVER:
            return ALL if self.hopeful else None
        if syntax.is_scalar(node.lhs) and not syntax.is_scalar(node.rhs):
            return _narrowed(_TURNED[operation], right, left)
        return _narrowed(operation, left, right)


def compare(operation: str, left: Interval, right: Interval) -> Verdict | None:
    """Return what is certain of a comparison.

    >>> compare(">", Interval(0, 1), Interval(1, 1))
    <Verdict.NEVER: 'never'>
    >>> compare(">=", Interval(0, 1), Interval(1, 1))
    """
    match operation:
        case ">":
            return _greater(left, right)
        case "<":
            return _greater(right, left)
        case ">=":
            return _opposite(_greater(right, left))
        case "<=":
            return _opposite(_greater(left, right))
        case "==" | "!=":
            apart = Verdict.NEVER in (_reaches(left, right), _reaches(right, left))
            same = left.low == left.high == right.low == right.high and not math.isinf(left.low)
            found = Verdict.NEVER if apart else Verdict.ALWAYS if same else None
            return found if operation == "==" else _opposite(found)
        case _:
            return None


def _greater(left: Interval, right: Interval) -> Verdict | None:
    if left.high <= right.low and not math.isinf(left.high):
        return Verdict.NEVER
    touching = left.low == right.high and (left.above or right.below)
    return Verdict.ALWAYS if (left.low > right.high or touching) and not math.isinf(left.low) else None


def _reaches(left: Interval, right: Interval) -> Verdict | None:
    """Return never if all of the left lies below all of the right."""
    touching = left.high == right.low and (left.below or right.above)
    return Verdict.NEVER if left.high < right.low or (touching and not math.isinf(left.high)) else None


def _opposite(verdict: Verdict | None) -> Verdict | None:
    return {Verdict.NEVER: Verdict.ALWAYS, Verdict.ALWAYS: Verdict.NEVER}.get(verdict) if verdict else None


_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


def _narrowed(operation: str, left: Interval, right: Interval) -> Interval:
    low, high, above, below = left
    if operation in (">", ">=", "==") and right.low >= low:
        low, above = right.low, (operation == ">" or right.above or (above and right.low == low))
    if operation in ("<", "<=", "==") and right.high <= high:
        high, below = right.high, (operation == "<" or right.below or (below and right.high == high))
    return Interval(low, high, above, below) if low <= high else left


def _united(left: Interval | None, right: Interval | None) -> Interval | None:
    if left is None or right is None:
        return left or right
    above = left.above if left.low < right.low else right.above if right.low < left.low else left.above and right.above
    below = (
        left.below if left.high > right.high else right.below if right.high > left.high else left.below and right.below
    )
    return Interval(min(left.low, right.low), max(left.high, right.high), above, below)


united = _united


def _reckoned(operation: str, left: Interval, right: Interval) -> Interval:  # noqa: PLR0911 - one for each kind of node
    match operation:
        case "+":
            return _between(
                left.low + right.low, left.high + right.high, left.above or right.above, left.below or right.below
            )
        case "-":
            return _between(
                left.low - right.high, left.high - right.low, left.above or right.below, left.below or right.above
            )
        case "*":
            return _product(left, right)
        case "/":
            return _product(left, _inverse(right))
        case "%" if left.low >= 0 and right.low > 0:
            return Interval(0.0, right.high)
        case "^" if left.low >= 0:
            return NOT_NEGATIVE
        case _:
            return ALL


def _between(low: float, high: float, above: bool, below: bool) -> Interval:
    if math.isnan(low) or math.isnan(high):
        return ALL
    return Interval(low, high, above, below)


def _product(left: Interval, right: Interval) -> Interval:
    corners = [0.0 if 0.0 in (one, other) else one * other for one in left[:2] for other in right[:2]]
    # 0 times infinity is NaN, which compares with nothing; all other products lie between the corners.
    low, high = min(corners), max(corners)
    positive = left.low >= 0 and right.low >= 0
    strictly = positive and _is_positive(left) and _is_positive(right)
    return Interval(low, high, strictly and low == 0)


def _is_positive(interval: Interval) -> bool:
    return interval.low > 0 or (interval.low == 0 and interval.above)


def _inverse(interval: Interval) -> Interval:
    if interval.low > 0:
        return Interval(1 / interval.high, 1 / interval.low, math.isinf(interval.high))
    if interval.low == 0:
        least = 0.0 if math.isinf(interval.high) or not interval.high else 1 / interval.high
        return Interval(least, _INFINITY, least == 0)
    if interval.high < 0:
        return Interval(1 / interval.high, 1 / interval.low)
    return ALL


def _negated(interval: Interval | None) -> Interval | None:
    return None if interval is None else Interval(-interval.high, -interval.low, interval.below, interval.above)


def _is_part_of(part: Any, whole: Any) -> bool:
    """Say whether a divisor is a sum of which the dividend is a part, and the rest cannot be below 0."""
    whole = syntax.bare(whole)
    if not isinstance(whole, BinaryExpr) or syntax.operator(whole) != "+":
        return False
    text = syntax.written(syntax.bare(part))
    return any(syntax.written(syntax.bare(side)) == text for side in (whole.lhs, whole.rhs))


def _aggregated(operation: str, interval: Interval | None, parameter: float | None) -> Interval | None:  # noqa: PLR0911 - one for each kind of node
    if interval is None:
        return None
    match operation:
        case "count" | "count_values":
            return Interval(1.0, _INFINITY)
        case "group":
            return Interval(1.0, 1.0)
        case "sum":
            return Interval(
                interval.low if interval.low >= 0 else -_INFINITY,
                interval.high if interval.high <= 0 else _INFINITY,
                interval.above,
            )
        case "stddev" | "stdvar":
            return NOT_NEGATIVE
        case "quantile" if parameter is None or not 0 <= parameter <= 1:
            return ALL
        case _:
            return interval


def _clamped(name: str, inner: list[Interval | None]) -> Interval | None:
    value = inner[0]
    if value is None:
        return None
    low, high, above, below = value
    if name != "clamp_max" and inner[1] is not None and inner[1].low >= low:
        low, above = inner[1].low, False
    most = inner[-1] if name != "clamp_min" else None
    if most is not None and most.high <= high:
        high, below = most.high, False
    return Interval(low, max(low, high), above, below)


def _anything(_: Interval) -> Interval:
    return ALL


def _grown(interval: Interval) -> Interval:
    return NOT_NEGATIVE if interval.low >= 0 else ALL


def _summed(interval: Interval) -> Interval:
    return Interval(min(interval.low, 0.0) * _INFINITY if interval.low < 0 else interval.low, _INFINITY)


# Functions whose results are what their series are.
_SAME = frozenset(
    [
        "avg_over_time",
        "min_over_time",
        "max_over_time",
        "last_over_time",
        "first_over_time",
        "label_replace",
        "label_join",
        "sort",
        "sort_desc",
        "sort_by_label",
        "sort_by_label_desc",
        "quantile_over_time",
    ]
)
_FIXED: Mapping[str, Interval] = {
    "time": _NOW,
    "absent": Interval(1.0, 1.0),
    "absent_over_time": Interval(1.0, 1.0),
    "present_over_time": Interval(1.0, 1.0),
    "count_over_time": Interval(1.0, _INFINITY),
    "timestamp": Interval(0.0, _NOW.high),
    "hour": Interval(0.0, 23.0),
    "minute": Interval(0.0, 59.0),
    "day_of_week": Interval(0.0, 6.0),
    "day_of_month": Interval(1.0, 31.0),
    "month": Interval(1.0, 12.0),
    "changes": NOT_NEGATIVE,
    "resets": NOT_NEGATIVE,
    "sgn": Interval(-1.0, 1.0),
    "stddev_over_time": NOT_NEGATIVE,
    "stdvar_over_time": NOT_NEGATIVE,
    "histogram_quantile": NOT_NEGATIVE,
}
_MAPPED: Mapping[str, Callable[[Interval], Interval]] = {
    "rate": _grown,
    "increase": _grown,
    "irate": _grown,
    "sum_over_time": _summed,
    "abs": lambda each: each if each.low >= 0 else Interval(0.0, max(-each.low, each.high)),
    "sqrt": lambda _each: NOT_NEGATIVE,
    "exp": lambda _each: NOT_NEGATIVE,
    "ceil": lambda each: Interval(math.floor(each.low), each.high + 1) if not math.isinf(each.low) else ALL,
    "floor": lambda each: Interval(each.low - 1, each.high),
    "round": lambda each: Interval(each.low - 1, each.high + 1),
}


def _as_named(name: str, interval: Interval | None) -> Interval | None:
    """Return the interval of a record; one that is named a ratio is a share of something, at most all of it."""
    operations = name.rpartition(":")[2]
    if interval is not None and operations.startswith("ratio") and interval.high > 1 >= interval.low:
        return interval._replace(high=1.0, below=False)
    return interval
