"""Does an expression parse, and does it mean the same to Prometheus 2.42 and to 3.x?"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

from promql_parser import BinaryExpr, Call, VectorSelector

from rules import syntax
from rules.lint.check import Check, of_material
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule

# Functions and operators by what keeps them from working on every server from 2.42 on.
FUNCTIONS = {
    **dict.fromkeys(("mad_over_time",), "Prometheus 2.49, and there experimental"),
    **dict.fromkeys(("sort_by_label", "sort_by_label_desc"), "Prometheus 2.49, and there experimental"),
    **dict.fromkeys(("limitk", "limit_ratio"), "Prometheus 2.54, and there experimental"),
    **dict.fromkeys(("info",), "Prometheus 3.0, and there experimental"),
    **dict.fromkeys(("ts_of_max_over_time", "ts_of_min_over_time", "ts_of_last_over_time"), "Prometheus 3.5"),
    **dict.fromkeys(("ts_of_first_over_time", "first_over_time"), "Prometheus 3.5"),
    **dict.fromkeys(("histogram_avg",), "Prometheus 2.51"),
    **dict.fromkeys(("histogram_stddev", "histogram_stdvar"), "Prometheus 2.46"),
    **dict.fromkeys(("histogram_quantiles", "start", "end", "range", "step"), "Prometheus 3.x"),
    "double_exponential_smoothing": "Prometheus 3.0, and there experimental",
    "holt_winters": "Prometheus before 3.0 alone",
}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|#[^\n]*')
_CALLED = re.compile(r"\b([a-z_]\w*)\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\(")
_DIGITS = re.compile(r"(?<![\w:.])\d[\d_]*_[\d_]*\b")
_LENGTH = re.compile(r"(?<![\w:.])\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*(?![\w:])")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_OFFSET = re.compile(r"\boffset\s+-?\s*\d\w*")
_WORDS = {"fill": "Prometheus 3.x", "fill_left": "Prometheus 3.x", "fill_right": "Prometheus 3.x"}
# The modifier is old, the functions of these names are new.
_AT = re.compile(r"@\s*(start|end)\s*\(\s*\)")
_MODIFIERS = re.compile(r"\b(anchored|smoothed)\b")


@of_material(
    "P01",
    Level.ERROR,
    "an expression that does not parse, or that promtool refuses",
    why="One such expression, and Prometheus refuses the whole reload: the old rules stay, and the next start fails.",
    mend="See the parser's message; where promtool alone objects, its own message is given.",
)
def it_parses(check: Check, material: Material) -> Iterator[Finding]:
    broken = False
    for rule in material.rules:
        if rule.tree is None and "expr" in rule.fields and not unknown_to_some(rule.expression):
            broken = True
            yield check.finding(f"does not parse: {_why(rule)}", rule=rule, line=rule.line_of("expr"))
    if not broken and material.promtool is not None and not any(file.flaws for file in material.files):
        yield from _refused(check, material)


def _why(rule: Rule) -> str:
    try:
        syntax.parsed(rule.expression)
    except ValueError as error:
        return str(error)
    return ""


def _refused(check: Check, material: Material) -> Iterator[Finding]:
    """Ask promtool, the judge of its own version."""
    for file in material.files:
        if not file.path.exists() or any(unknown_to_some(rule.expression) for rule in file.rules):
            continue
        asked = subprocess.run(  # noqa: S603 - our own program and files
            [str(material.promtool), "check", "rules", "--lint=none", str(file.path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode != 0 and all(_is_whole(rule) for rule in file.rules):
            words = " ".join(asked.stderr.replace("FAILED:", "").split())
            yield check.finding(f"promtool: {words}", file=file.name, line=1)


def _is_whole(rule: Rule) -> bool:
    """Say whether a rule is none that another check refuses already."""
    fields = rule.fields.keys()
    return (
        not fields - {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"} and "expr" in fields
    )


@of_material(
    "P02",
    Level.ERROR,
    "a function, modifier or way of writing that Prometheus 2.42 or 3.x does not know",
    why="The rules are for every server from 2.42 on: what one of them does not parse blocks its reload.",
    mend="Write it with what all of them know: plain seconds and digits, classic names, functions of 2.42 that 3.x kept.",
)
def every_server_understands(check: Check, material: Material) -> Iterator[Finding]:
    for rule in material.rules:
        for text in dict.fromkeys((*_newer(rule.expression), *_strange(rule.tree))):
            yield check.finding(text, rule=rule, line=rule.line_of("expr"))


def _strange(tree: Any) -> Iterator[str]:
    for node in syntax.nodes(tree):
        if isinstance(node, Call) and node.func.experimental and node.func.name not in FUNCTIONS:
            yield f"{node.func.name} is experimental"
        if isinstance(node, VectorSelector) and node.matchers.or_matchers:
            yield "`or` between matchers is not PromQL"
        if isinstance(node, BinaryExpr) and node.modifier is not None and _fills(node):
            yield "fill values are of Prometheus 3.x"


def _fills(node: BinaryExpr) -> bool:
    fill = node.modifier.fill_values if node.modifier else None
    return fill is not None and (fill.lhs is not None or fill.rhs is not None)


def unknown_to_some(expression: str) -> bool:
    """Say whether a text has what not every server understands; the parser may refuse it, too."""
    return any(True for _ in _newer(expression))


@cache
def _plain(expression: str) -> str:
    return _AT.sub("@ 0", _QUOTED.sub('""', expression))


def _newer(expression: str) -> Iterator[str]:
    plain = _plain(expression)
    called = set(_CALLED.findall(plain))
    for name in sorted(called & FUNCTIONS.keys()):
        yield f"{name} is of {FUNCTIONS[name]}"
    for name in sorted(called & _WORDS.keys()):
        yield f"{name} is of {_WORDS[name]}"
    if found := _DIGITS.search(plain):
        yield f"{found[0]}: digits with _ are of Prometheus 2.54"
    if found := _LENGTH.search(_OFFSET.sub("", _BRACKETS.sub("", plain))):
        yield f"{found[0]}: durations as numbers are of Prometheus 3.0; write seconds"
    if any("+" in each or "*" in each or "/" in each for each in _BRACKETS.findall(plain)):
        yield "reckoning with durations is of Prometheus 3.x"
    if found := _MODIFIERS.search(plain):
        yield f"{found[1]} is of Prometheus 3.x"
    if re.search(r"\{\s*\"\"\s*[,}]", plain):
        yield "names in quotes are of Prometheus 3.0"


def promtool() -> str | None:
    return shutil.which("promtool")
