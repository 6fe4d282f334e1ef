"""Label flow: which labels the series of an expression certainly have, which they may have, and what tells them apart.

It follows PromQL's rules node by node, from the catalogue's labels of each metric up: matchers make labels certain or
impossible, aggregations keep some, ``on (...)`` between single series keeps only those that it names, ``group_left``
fetches others. What cannot work, such as a join on a label that an aggregation has dropped, is collected on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, StringLiteral, VectorSelector

from rules import syntax
from rules.series import Series, known

Labels = frozenset[str]
_NONE: Labels = frozenset()
_ALTERNATIVES = re.compile(r"[\w/-]+(\|[\w/-]+)*", re.ASCII)
# Labels that pick out the series of one kind: only those are of features.
_KIND, _OF_DATA = "kind", "data"


@dataclass(frozen=True, slots=True)
class Flow:
    """Labels of an expression's series. ``values`` are all that a label can have, where that is known; ``key`` tells any
    two of the series apart; ``lost`` says how a label was dropped. Of ``open`` series anything is possible."""

    possible: Labels = _NONE
    certain: Labels = _NONE
    values: Mapping[str, Labels] = field(default_factory=dict)
    key: Labels = _NONE
    lost: Mapping[str, str] = field(default_factory=dict)
    open: bool = False

    def lacks(self, label: str) -> bool:
        """Say whether no series has the label."""
        return not self.open and label not in self.possible


@dataclass(frozen=True, slots=True)
class Trouble:
    """What cannot work: ``gone`` (a label that is not there), ``dropped`` (by an ``on`` before), ``never`` (two sides that
    never meet), ``ambiguous`` (several series meet one without ``group_left``, or one is several)."""

    kind: Literal["gone", "dropped", "never", "ambiguous", "le"]
    text: str


@dataclass(slots=True)
class LabelFlow:
    """Works out flows; ``records`` are the expressions of recorded series by name."""

    records: Mapping[str, str] = field(default_factory=dict)
    static: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    _of_records: dict[str, Flow] = field(default_factory=dict)

    def of(self, expression: str) -> Flow:
        """Return the flow of an expression; a scalar has no labels. Raises ValueError for what does not parse."""
        return self.of_node(syntax.parsed(expression)) or Flow()

    def of_node(self, node: Any) -> Flow | None:
        """Return the flow of a node, None of a scalar or a text."""
        node = syntax.bare(node)
        match node:
            case VectorSelector():
                return self._selected(node)
            case MatrixSelector():
                return self._selected(node.vector_selector)
            case AggregateExpr():
                return self._aggregated(node)
            case BinaryExpr():
                return self._combined(node)
            case Call():
                return self._called(node)
            case _:
                below = syntax.children(node)
                return self.of_node(below[0]) if below else None

    def _say(self, kind: Literal["gone", "dropped", "never", "ambiguous", "le"], text: str) -> None:
        trouble = Trouble(kind, text)
        if trouble not in self.troubles:
            self.troubles.append(trouble)

    # Selectors

    def _selected(self, selector: VectorSelector) -> Flow:
        name = syntax.name_of(selector)
        flow = self._recorded(name) if name in self.records else _series_flow(known().get(name))
        for matcher in selector.matchers.matchers:
            if matcher.name != "__name__":
                flow = self._matched(flow, matcher, name)
        return _of_kind(flow)

    def _recorded(self, name: str) -> Flow:
        if name not in self._of_records:
            self._of_records[name] = Flow(open=True)  # A record that reads itself ends here.
            try:
                own = LabelFlow(self.records, self.static, [], self._of_records).of(self.records[name])
            except ValueError:
                own = Flow(open=True)
            self._of_records[name] = with_static(replace(own, lost={}), self.static.get(name, {}))
        return self._of_records[name]

    def _matched(self, flow: Flow, matcher: Any, name: str) -> Flow:  # noqa: PLR0911 - one for each kind of node
        label, value, operation = matcher.name, matcher.value, str(matcher.op).rpartition(".")[2]
        if operation == "Equal" and value == "":
            if label in flow.certain:
                self._say("never", f"every series of {name} has the label {label}")
            return _without(flow, {label}, "")
        if operation == "Equal":
            return _pinned(flow, label, {value})
        if operation == "Re" and _ALTERNATIVES.fullmatch(value):
            return _pinned(flow, label, set(value.split("|")))
        if operation == "Re":
            return flow if re.fullmatch(value, "") else _pinned(flow, label, None)
        excluded = set(value.split("|")) if operation == "NotEqual" or _ALTERNATIVES.fullmatch(value) else set()
        if "" in excluded or (operation == "NotRe" and re.fullmatch(value, "")):
            return _pinned(flow, label, None)
        if label == _KIND and _OF_DATA in excluded:
            return _without(flow, {"feature_name"}, "")
        return flow

    # Aggregations

    def _aggregated(self, node: AggregateExpr) -> Flow:
        flow = self.of_node(node.expr) or Flow()
        labels, kept = syntax.labels_by(node)
        operation = syntax.operator(node)
        self._check_there(flow, labels, f"{operation} {'by' if kept else 'without'}")
        if operation in syntax.SELECTIONS:
            return replace(flow, key=flow.key & labels) if kept and syntax.number(node.param) == 1 else flow
        dropped = flow.possible - labels if kept else flow.possible & labels
        how = f"by {operation} {'by' if kept else 'without'} ({', '.join(sorted(labels))})"
        if kept:
            flow = replace(flow, open=False, possible=flow.possible | labels if flow.open else flow.possible)
        result = _without(flow, dropped, how)
        if operation == "count_values" and isinstance(node.param, StringLiteral):
            result = _pinned(result, node.param.val, None)
        return result

    def _check_there(self, flow: Flow, labels: Labels, where: str) -> None:
        for label in sorted(labels):
            if flow.lacks(label):
                self._gone(flow, label, f"{where} names {label}")

    def _gone(self, flow: Flow, label: str, what: str) -> None:
        how = flow.lost.get(label, "")
        because = f", which was dropped {how}" if how else ", which no series here has"
        self._say("dropped" if how.startswith("between") else "gone", what + because)

    # Two sides

    def _combined(self, node: BinaryExpr) -> Flow | None:
        left, right = self.of_node(node.lhs), self.of_node(node.rhs)
        if left is None or right is None:
            return left or right
        labels, on = syntax.labels_matched(node)
        matched = labels if on else (left.possible | right.possible) - labels
        operation = syntax.operator(node)
        if on:
            self._check_there(left, labels, f"on ({', '.join(sorted(labels))}) of the left side of {operation}")
            self._check_there(right, labels, f"on ({', '.join(sorted(labels))}) of the right side of {operation}")
        if operation == "or":
            return _united(left, right)
        if not (left.open or right.open):
            self._check_meet(left, right, matched, operation, on=on)
        if operation in syntax.SETS:
            return _both(left, right, matched) if operation == "and" else left
        return self._joined(node, left, right, labels if on else matched)

    def _check_meet(self, left: Flow, right: Flow, matched: Labels, operation: str, *, on: bool) -> None:
        for label in sorted(matched):
            for one, other, side in ((left, right, "right"), (right, left, "left")):
                # On a label that one side has lost: that is said already.
                if label in one.certain and other.lacks(label) and not on:
                    self._say(
                        "never", f"the sides of {operation} never meet: the {side} one never has the label {label}"
                    )
            ours, theirs = left.values.get(label), right.values.get(label)
            if ours and theirs and not ours & theirs and label in left.certain | right.certain:
                pair = f"{_said(ours)} on the left, {_said(theirs)} on the right"
                self._say("never", f"the sides of {operation} never meet: {label} is {pair}")

    def _joined(self, node: BinaryExpr, left: Flow, right: Flow, matched: Labels) -> Flow:
        side, fetched = syntax.grouping(node), syntax.grouped_labels(node)
        operation = syntax.operator(node)
        many, one = (right, left) if side == "right" else (left, right)
        if not one.open and (several := one.key - matched):
            self._ambiguous(operation, "left" if side == "right" else "right", several)
        if side:
            for label in sorted(fetched):
                if one.lacks(label):
                    self._gone(one, label, f"group_{side} fetches {label}")
            return _both(_fetched(many, one, fetched), one, matched - fetched)
        if not many.open and (several := many.key - matched):
            self._ambiguous(operation, "left", several)
        labels, on = syntax.labels_matched(node)
        how = f"between single series by {'on' if on else 'ignoring'} ({', '.join(sorted(labels))})"
        kept = _without(left, (left.possible - labels) if on else labels, how)
        return _both(replace(kept, open=kept.open and not on), right, matched)

    def _ambiguous(self, operation: str, side: str, several: Labels) -> None:
        text = (
            f"{operation} wants one series a match, and the {side} side has one for each {', '.join(sorted(several))}"
        )
        self._say("ambiguous", text)

    # Functions

    def _called(self, node: Call) -> Flow | None:  # noqa: PLR0911 - one for each kind of node
        name = node.func.name
        if syntax.is_scalar(node):
            for each in node.args:
                self.of_node(each)
            return None
        if name == "vector":
            return Flow()
        if name in ("absent", "absent_over_time"):
            return self._absent(node.args[0])
        vectors = (self.of_node(each) for each in node.args)
        flow = next((each for each in vectors if each is not None), Flow())
        if name == "label_replace":
            return self._label_replaced(flow, *(_text(each) for each in node.args[1:5]))
        if name == "label_join":
            return _pinned(flow, _text(node.args[1]), None)
        if name == "histogram_quantile":
            if flow.lacks("le"):
                self._say("le", "histogram_quantile of series without the label le")
            return _without(flow, {"le"}, "by histogram_quantile")
        return flow

    def _absent(self, node: Any) -> Flow:
        self.of_node(node)
        equal: dict[str, Labels] = {}
        for selector in (
            syntax.selectors(node)[:1] if isinstance(syntax.bare(node), VectorSelector | MatrixSelector) else ()
        ):
            for matcher in selector.matchers.matchers:
                if str(matcher.op).endswith(".Equal") and matcher.value and matcher.name != "__name__":
                    equal[matcher.name] = frozenset({matcher.value})
        return Flow(frozenset(equal), frozenset(equal), equal)

    def _label_replaced(self, flow: Flow, target: str, text: str, source: str, pattern: str) -> Flow:
        if flow.lacks(source) and source:
            self._gone(flow, source, f"label_replace reads {source}")
        literal = re.sub(r"\$(\w+|\{\w+\})", "", text)
        always = pattern in ("(.*)", ".*", "")
        result = replace(flow, possible=flow.possible | {target}, key=flow.key | {target})
        if literal and always:
            result = replace(result, certain=result.certain | {target})
        return replace(result, values={name: each for name, each in result.values.items() if name != target})


def with_static(flow: Flow, labels: Mapping[str, str]) -> Flow:
    """Return the flow once a rule's own labels are on its series."""
    for label, value in labels.items():
        flow = _pinned(flow, label, {value} if "{{" not in value else None)
    return flow


def _series_flow(series: Series | None) -> Flow:
    if series is None:
        return Flow(open=True)
    return Flow(series.possible, series.certain, dict(series.values), series.possible)


def _pinned(flow: Flow, label: str, values: set[str] | None) -> Flow:
    """Return the flow when a label is certain, and one of some values if they are known."""
    known_values = dict(flow.values)
    if values is not None:
        known_values[label] = frozenset(values) & known_values.get(label, frozenset(values)) or frozenset(values)
    key = flow.key - {label} if values is not None and len(values) == 1 else flow.key | {label}
    return replace(flow, possible=flow.possible | {label}, certain=flow.certain | {label}, values=known_values, key=key)


def _of_kind(flow: Flow) -> Flow:
    """Return the flow when the series have a feature if, and only if, they are of data."""
    kinds = flow.values.get(_KIND)
    if kinds is None or "feature_name" not in flow.possible:
        return flow
    if _OF_DATA not in kinds:
        return _without(flow, {"feature_name"}, "by the kind, which is not data")
    return replace(flow, certain=flow.certain | {"feature_name"}) if kinds == {_OF_DATA} else flow


def _without(flow: Flow, labels: Labels | set[str], how: str) -> Flow:
    gone = frozenset(labels)
    lost = {**flow.lost, **dict.fromkeys(gone & flow.possible, how)} if how else flow.lost
    values = {name: each for name, each in flow.values.items() if name not in gone}
    return replace(
        flow, possible=flow.possible - gone, certain=flow.certain - gone, values=values, key=flow.key - gone, lost=lost
    )


def _united(left: Flow, right: Flow) -> Flow:
    certain = left.certain & right.certain
    shared = left.values.keys() & right.values.keys() & certain
    values = {label: left.values[label] | right.values[label] for label in shared}
    possible = left.possible | right.possible
    key = frozenset(label for label in possible if label not in values or len(values[label]) > 1)
    return Flow(possible, certain, values, key, {**right.lost, **left.lost}, left.open or right.open)


def _both(left: Flow, right: Flow, matched: Labels) -> Flow:
    """Return the left flow, narrowed by what is known of the labels that are equal on the right."""
    certain = left.certain | (right.certain & matched & left.possible)
    values = dict(left.values)
    for label in matched & left.possible & right.values.keys():
        if label in right.certain:
            values[label] = right.values[label] & values.get(label, right.values[label])
    return replace(left, certain=certain, values=values)


def _fetched(many: Flow, one: Flow, labels: Labels) -> Flow:
    flow = _without(many, labels, "")
    values = {**flow.values, **{label: one.values[label] for label in labels & one.values.keys()}}
    possible, certain = flow.possible | (one.possible & labels), flow.certain | (one.certain & labels)
    # What is fetched differs only where the series on the many side do.
    return replace(flow, possible=possible, certain=certain, values=values, key=many.key - labels)


def _said(values: Labels) -> str:
    return " or ".join(sorted(values))


def _text(node: Any) -> str:
    node = syntax.bare(node)
    return str(node.val) if isinstance(node, StringLiteral) else ""


def troubles_of(expression: str, records: Mapping[str, str]) -> Iterator[Trouble]:
    """Yield what cannot work in an expression."""
    flow = LabelFlow(records)
    flow.of(expression)
    yield from flow.troubles
