"""Small faults put into a rule, one at a time: a test that cannot tell them from the rule does not test it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.testing.excerpt import Rule

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[a-zA-Z_:][\w:]*|\d+[smhdwy][\dsmhdwy]*|\d+(?:\.\d+)?(?:e[-+]?\d+)?|=~|!~|!=|>=|<=|==|\s+|.',
    re.DOTALL,
)
_NUMBER = re.compile(r"\d+(\.\d+)?(e[-+]?\d+)?")
_LISTS = ("by", "on", "ignoring", "group_left")
_OPERATORS = {
    ">": (">=", "<"),
    "<": ("<=", ">"),
    ">=": (">", "<"),
    "<=": ("<", ">"),
    "==": ("!=",),
    "!=": ("==",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "and": ("unless", "or"),
    "unless": ("and", "or"),
    "or": ("and", "unless"),
}
_OPPOSITE = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
_SEVERITIES = {
    "none": "info",
    "info": "warning",
    "warning": "critical",
    "critical": "emergency",
    "emergency": "critical",
}
# By how much a number is made greater, and smaller.
_FACTOR = 1.5
_FEW = (1, 2)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one fault: its place among all rules, the rule with the fault, what the fault is, and the title of the
    rule that it is of."""

    place: int
    rule: Rule
    fault: str
    of: str


def title(rule: Rule) -> str:
    """Return what tells a rule from the others: a record's name, an alert's with its severity and burn window."""
    labels = rule.get("labels", {})
    if "record" in rule:
        return str(rule["record"])
    return " ".join([rule["alert"], *(labels[name] for name in ("severity", "burn_window") if name in labels)])


def mutants(rules: Sequence[Rule]) -> Iterator[Mutant]:
    """Yield all mutants of all rules."""
    for place, rule in enumerate(rules):
        for changed, fault in (*_of_expression(rule), *_of_durations(rule), *_of_labels(rule)):
            yield Mutant(place, changed, fault, title(rule))


def _of_durations(rule: Rule) -> Iterator[tuple[Rule, str]]:
    if "alert" not in rule:
        return
    for name, instead in (("for", "10m"), ("keep_firing_for", "3h")):
        before = rule.get(name)
        if before is None:
            yield {**rule, name: instead}, f"{name}: {instead} instead of none"
        else:
            yield {key: rule[key] for key in rule if key != name}, f"{name}: none instead of {before}"
            yield {**rule, name: _twice(before)}, f"{name}: {_twice(before)} instead of {before}"


def _twice(duration: str) -> str:
    return re.sub(r"\d+", lambda found: str(2 * int(found[0])), duration)


def _of_labels(rule: Rule) -> Iterator[tuple[Rule, str]]:
    labels = rule.get("labels", {})
    for name, value in labels.items():
        after = _SEVERITIES[value] if name == "severity" else f"no_{value}"
        yield {**rule, "labels": {**labels, name: after}}, f"{name}: {after} instead of {value}"


def _of_expression(rule: Rule) -> Iterator[tuple[Rule, str]]:
    seen: set[str] = set()
    for text, fault in expressions(rule["expr"]):
        # Of places that look the same the first is 1.
        number = 1
        while f"{fault} #{number}" in seen:
            number += 1
        seen.add(f"{fault} #{number}")
        yield {**rule, "expr": text}, f"{fault} #{number}"


def expressions(text: str) -> Iterator[tuple[str, str]]:
    """Yield an expression with one fault, and what it is.

    >>> [fault for _, fault in expressions('a{b="1"} > 200')]
    ['!= instead of = in b="1"', 'without b="1"', '>= instead of >', '< instead of >', '300 instead of 200', '133 instead of 200']
    """
    tokens = _TOKEN.findall(text)
    yield from _matchers(tokens)
    yield from _operators(tokens)
    yield from _numbers(tokens)
    yield from _lists(tokens)


def _replaced(tokens: Sequence[str], place: int, by: str, number: int = 1) -> str:
    return "".join([*tokens[:place], by, *tokens[place + number :]])


def _depths(tokens: Sequence[str]) -> list[str]:
    """Say of each token what it is in: ``{`` of a selector, ``[`` of a range, or nothing."""
    inside, found = "", []
    for token in tokens:
        if token in ("{", "["):
            inside = token
        elif token in ("}", "]"):
            inside = ""
        found.append(inside)
    return found


def _operators(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    inside = _depths(tokens)
    for place, operator in enumerate(tokens):
        # The owner's series is 1: it is no matter whether one multiplies by it.
        is_owner = operator == "*" and "group_left (owner)" in "".join(tokens[place : place + 20])
        if not inside[place] and not is_owner:
            for other in _OPERATORS.get(operator, ()):
                yield _replaced(tokens, place, other), f"{other} instead of {operator}"


def _numbers(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    inside = _depths(tokens)
    for place, token in enumerate(tokens):
        if inside[place] or not _NUMBER.fullmatch(token):
            continue
        value = float(token)
        # Of a few things that are counted half a one is none.
        others = (
            (value + 1, value - 1)
            if value in _FEW
            else (value + 1,)
            if not value
            else (value * _FACTOR, value / _FACTOR)
        )
        for other in others:
            # How many a selection keeps is 1 at least.
            if other or not _is_selection(tokens, place):
                yield _replaced(tokens, place, f"{other:.3g}"), f"{other:.3g} instead of {token}"


def _is_selection(tokens: Sequence[str], place: int) -> bool:
    return "topk" in tokens[max(place - 12, 0) : place]


def _matchers(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    """One matcher turned round; and one left out, or an alternative of it, in all selectors: where two are joined, what one
    of them lets through the other would stop."""
    inside = _depths(tokens)
    matchers: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        if inside[place] == "{" and token in _OPPOSITE:
            said = "".join(tokens[place - 1 : place + 2])
            opposite = _OPPOSITE[token]
            yield _replaced(tokens, place, opposite), f"{opposite} instead of {token} in {said}"
            matchers.setdefault(said, []).append(place)
    for said, places in matchers.items():
        for less, without in _alternatives(tokens[places[0] + 1]):
            values = {place + 1: less for place in places}
            yield "".join(values.get(at, token) for at, token in enumerate(tokens)), f"without {without} in {said}"
        # That every selector has the job is a check of its own, and since they all have it no join can tell.
        if not said.startswith("job"):
            yield _without(tokens, places), f"without {said}"


def _alternatives(value: str) -> Iterator[tuple[str, str]]:
    parts = value.strip('"').split("|")
    for part in parts if len(parts) > 1 else ():
        yield '"' + "|".join(each for each in parts if each != part) + '"', part


def _without(tokens: Sequence[str], places: Sequence[int]) -> str:
    # With the comma behind it; Prometheus takes one before a closing brace.
    left_out = {
        each
        for place in places
        for each in (place - 1, place, place + 1, *([place + 2] if tokens[place + 2] == "," else []))
    }
    return "".join(token for place, token in enumerate(tokens) if place not in left_out)


def _lists(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A label left out of ``by``, ``on``, ``ignoring`` or ``group_left``; exporters kept apart where they are not."""
    asked = _asked(tokens)
    for place, keyword in enumerate(tokens):
        if keyword not in _LISTS:
            continue
        start = tokens.index("(", place) + 1
        end = tokens.index(")", start)
        names = [each for each in tokens[start:end] if each.strip() not in ("", ",")]
        said = f"{keyword} ({', '.join(names)})"
        for name in names:
            # As with the matchers of the job: two jobs never meet.
            if (keyword, name) != ("on", "job"):
                less = ", ".join(each for each in names if each != name)
                yield _replaced(tokens, start, less, end - start), f"without {name} in {said}"
        if keyword == "by" and "instance" not in names and place not in asked and not _is_merged(tokens, end):
            yield _replaced(tokens, start, ", ".join([*names, "instance"]), end - start), f"instance in {said}"


def _is_merged(tokens: Sequence[str], end: int) -> bool:
    """Say whether what is aggregated is an aggregation that has put the exporters together already."""
    found = re.match(
        r"\)\s*\(\s*(?:\d+,\s*)?(?:max|min|sum|count|group|avg) by \(([^)]*)\)", "".join(tokens[end : end + 60])
    )
    return found is not None and "instance" not in found[1]


def _asked(tokens: Sequence[str]) -> set[int]:
    """Return the places of what is only asked whether it is there, for any exporter: the right side of ``and`` and
    ``unless``, if it is there where the greatest of all exporters' is."""
    found: set[int] = set()
    for place, token in enumerate(tokens):
        if token in ("and", "unless") and tokens[place + 2 : place + 3] == ["on"]:
            labels_end = tokens.index(")", place)
            start = tokens.index("(", labels_end)
            end = _closing(tokens, start)
            if not {"<", "<=", "==", "min"} & set(tokens[start:end]):
                found.update(range(labels_end, end))
    return found


def _closing(tokens: Sequence[str], opening: int) -> int:
    depth = 0
    for place in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[place], 0)
        if not depth:
            break
    # ``group by (a) (b)``: what stands between two pairs of parentheses belongs to both.
    following = "".join(tokens[place + 1 : place + 3]).lstrip()
    return _closing(tokens, tokens.index("(", place + 1)) if following.startswith("(") else place
