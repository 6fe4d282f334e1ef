"""Do the series that rules read exist, and in the same round?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from promql_parser import MatrixSelector, SubqueryExpr, VectorSelector

from rules import syntax
from rules.lint.check import Check, of_material, of_rules
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule
from rules.lint.template import queries
from rules.series import known

_RECORDED = re.compile(r"(?<![\w:/.])[a-z_][a-z0-9_]*:[a-z][a-z0-9_]*:[a-z0-9_]+(?![\w:])")


def _exists(name: str, material: Material) -> bool:
    return name in known() or name in material.records


def names(rule: Rule) -> Iterator[str]:
    """Yield the names of the series that a rule reads: in its expression and in what its templates ask."""
    if rule.tree is not None:
        yield from (syntax.name_of(selector) for selector in syntax.selectors(rule.tree))
    for text in (*rule.annotations.values(), *rule.labels.values()):
        for query in queries(text):
            try:
                yield from (syntax.name_of(selector) for selector in syntax.selectors(syntax.parsed(query)))
            except ValueError:
                continue


@of_rules(
    "P03",
    Level.ERROR,
    "a metric that nothing shows",
    why="The expression never has a result: an alert on it is silent for ever, and nobody notices.",
    mend="Take the name from docs/metrics.md; other exporters' metrics are listed in rules/series.py.",
)
def metrics_exist(rule: Rule, material: Material) -> Iterator[str]:
    for name in dict.fromkeys(names(rule)):
        if not name:
            yield "a selector without the name of a metric reads whatever there is"
        elif not _exists(name, material) and not _is_record(name):
            yield f"there is no metric {name}{_meant(name, [*known(), *material.records])}"


@of_material(
    "F08",
    Level.ERROR,
    "a recorded series that no rule records",
    why="Since the record was renamed or taken out, whatever reads it has no data, and says nothing.",
    mend="Name the record that took its place.",
)
def records_exist(check: Check, material: Material) -> Iterator[Finding]:
    for rule in material.rules:
        for name in dict.fromkeys(names(rule)):
            if _is_record(name) and not _exists(name, material):
                text = f"no rule records {name}{_meant(name, material.records)}"
                yield check.finding(text, rule=rule, line=rule.line_of("expr"))
    for folder, pattern in ((material.beside.runbooks, "*.md"), (material.beside.dashboards, "*.json")):
        for path in sorted(folder.glob(pattern)) if folder is not None and material.records else ():
            yield from _missing_in(check, path, material)


def _missing_in(check: Check, path: Path, material: Material) -> Iterator[Finding]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for name in dict.fromkeys(_RECORDED.findall(line)):
            if not _exists(name, material):
                yield check.finding(
                    f"no rule records {name}{_meant(name, material.records)}", file=str(path), line=number
                )


def _is_record(name: str) -> bool:
    return ":" in name


def _meant(name: str, others: object) -> str:
    close = get_close_matches(name, list(others), n=1, cutoff=0.8)  # type: ignore[call-overload]
    return f"; did you mean {close[0]}?" if close else ""


@of_rules(
    "F07",
    Level.WARNING,
    "a record that is read before it is made, or of another group",
    why="It is then one round old, or two at worst: groups are evaluated side by side, rules of a group in their order.",
    mend="Move the record up, or into the group of what reads it.",
)
def records_come_first(rule: Rule, material: Material) -> Iterator[str]:
    for name in dict.fromkeys(_instant_names(rule.tree)):
        made = material.records.get(name)
        if made is None or made is rule:
            continue
        if made.group is rule.group and made.index > rule.index:
            yield f"{name} is recorded further down in the same group"
        elif made.group is not rule.group and not rule.is_alert:
            yield f"{name} is recorded by another group, {made.group.name}"


def _instant_names(node: object) -> Iterator[str]:
    """Yield what is read as of this moment; of a range the newest point matters little."""
    if isinstance(node, MatrixSelector | SubqueryExpr):
        return
    if isinstance(node, VectorSelector):
        yield syntax.name_of(node)
    for child in syntax.children(node):
        yield from _instant_names(child)


@of_material(
    "F11",
    Level.INFO,
    "a record that nothing reads",
    why="It costs a series for each model, and memory, for nobody.",
    mend="Take it out; or let a dashboard draw it.",
)
def records_are_read(check: Check, material: Material) -> Iterator[Finding]:
    read = _read(material)
    for rule in material.parsed():
        if not rule.is_alert and rule.name not in read and rule.name not in known():
            yield check.finding("no rule, template, runbook or dashboard reads it", rule=rule)


def _read(material: Material) -> set[str]:
    found = {name for rule in material.known for name in names(rule) if name != rule.name}
    for folder in (material.beside.runbooks, material.beside.dashboards):
        for path in folder.glob("*.*") if folder is not None else ():
            found.update(_RECORDED.findall(path.read_text(encoding="utf-8")))
    return found
