"""Reading parsed PromQL: what a node is, what is below it, how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    LabelModifierType,
    MatrixSelector,
    NumberLiteral,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
    ValueType,
    VectorMatchCardinality,
    VectorSelector,
    parse,
)

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
SETS = frozenset({"and", "or", "unless"})
# Take some of the series as they are, and keep all their labels.
SELECTIONS = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
# Of ranges: how much a counter has grown, or how often it changed.
RATES = frozenset({"rate", "increase", "irate"})


@lru_cache(maxsize=4096)
def parsed(text: str) -> Expr:
    """Parse an expression; the same text is parsed once. Raises ValueError."""
    return parse(text)


def written(node: Any) -> str:
    """Return a node on one line, the same for the same expression."""
    return " ".join(str(node).replace("{}", "").split())


def bare(node: Any) -> Any:
    """Return a node without the parentheses around it."""
    while isinstance(node, ParenExpr):
        node = node.expr
    return node


def children(node: Any) -> tuple[Any, ...]:
    match node:
        case AggregateExpr():
            return (node.expr,) if node.param is None or isinstance(node.param, str) else (node.param, node.expr)
        case BinaryExpr():
            return (node.lhs, node.rhs)
        case UnaryExpr() | ParenExpr() | SubqueryExpr():
            return (node.expr,)
        case MatrixSelector():
            return (node.vector_selector,)
        case Call():
            return tuple(node.args)
        case _:
            return ()


def nodes(node: Any) -> Iterator[Any]:
    """Yield a node and everything below it, from the outside in."""
    yield node
    for child in children(node):
        yield from nodes(child)


def operator(node: BinaryExpr | AggregateExpr) -> str:
    return str(node.op).strip()


def is_comparison(node: Any) -> bool:
    """Say whether a node keeps some series and drops others by their value (with ``bool`` it keeps all)."""
    return isinstance(node, BinaryExpr) and operator(node) in COMPARISONS and not returns_bool(node)


def returns_bool(node: BinaryExpr) -> bool:
    return node.modifier is not None and node.modifier.return_bool


def is_set(node: Any, *operators: str) -> bool:
    return isinstance(node, BinaryExpr) and operator(node) in (operators or SETS)


def is_scalar(node: Any) -> bool:
    """Say whether a node is one number and no series."""
    node = bare(node)
    match node:
        case NumberLiteral():
            return True
        case Call():
            return bool(node.func.return_type == ValueType.Scalar)
        case UnaryExpr():
            return is_scalar(node.expr)
        case BinaryExpr():
            return is_scalar(node.lhs) and is_scalar(node.rhs)
        case _:
            return False


def number(node: Any) -> float | None:
    """Return the value of an expression of numbers alone, None of any other."""
    node = bare(node)
    match node:
        case NumberLiteral():
            return float(node.val)
        case UnaryExpr():
            value = number(node.expr)
            return None if value is None else -value
        case BinaryExpr():
            return _result(operator(node), number(node.lhs), number(node.rhs))
        case _:
            return None


def _result(operation: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    if operation in "+-*":
        return {"+": left + right, "-": left - right, "*": left * right}[operation]
    return left / right if operation == "/" and right else None


def labels_by(node: AggregateExpr) -> tuple[frozenset[str], bool]:
    """Return the labels of an aggregation, and whether they are those that are kept (``by``)."""
    if node.modifier is None:
        return frozenset(), True
    return frozenset(node.modifier.labels), node.modifier.type == AggModifierType.By


def labels_matched(node: BinaryExpr) -> tuple[frozenset[str], bool]:
    """Return the labels of ``on`` or ``ignoring``, and whether they are those that are matched (``on``)."""
    matching = node.modifier.matching if node.modifier is not None else None
    if matching is None:
        return frozenset(), False
    return frozenset(matching.labels), matching.type == LabelModifierType.Include


def grouping(node: BinaryExpr) -> str:
    """Return ``left`` or ``right``, the side of which several series may meet one of the other; "" if neither."""
    card = node.modifier.card if node.modifier is not None else None
    if card == VectorMatchCardinality.ManyToOne:
        return "left"
    return "right" if card == VectorMatchCardinality.OneToMany else ""


def grouped_labels(node: BinaryExpr) -> frozenset[str]:
    """Return the labels that are fetched from the other side."""
    return frozenset((node.modifier.group_labels or ()) if node.modifier is not None else ())


def selectors(node: Any) -> list[VectorSelector]:
    return [each for each in nodes(node) if isinstance(each, VectorSelector)]


def name_of(selector: VectorSelector) -> str:
    """Return the metric's name, "" where a matcher says it otherwise than as plain equality."""
    if selector.name:
        return selector.name
    exact = [
        each.value for each in selector.matchers.matchers if each.name == "__name__" and str(each.op).endswith(".Equal")
    ]
    return exact[0] if exact else ""


def seconds(delta: Any) -> float:
    return float(delta.total_seconds()) if delta is not None else 0.0
