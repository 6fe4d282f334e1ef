"""A check of rules, and the ways in which they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rules.lint import checking
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule


@dataclass(frozen=True, slots=True)
class Said:
    """A message about a rule: at one of its fields, and of another level than the check's own."""

    text: str
    field: str = "expr"
    level: Level | None = None


OfRule = Callable[[Rule, Material], Iterable[Said | str]]
OfMaterial = Callable[["Check", Material], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check(checking.Check[Material]):
    def finding(self, message: str, *, file: str = "", line: int = 0, rule: Rule | None = None) -> Finding:
        if rule is not None:
            return Finding(rule.file, line or rule.line, self.code, self.level, message, rule.said, rule.group.name)
        return Finding(file, line, self.code, self.level, message)


def of_material(code: str, level: Level, title: str, *, why: str, mend: str) -> Callable[[OfMaterial], Check]:
    """Make a check of a function of the check and all that is linted."""
    return lambda function: Check(code, level, title, why, mend, function)


def of_rules(code: str, level: Level, title: str, *, why: str, mend: str) -> Callable[[OfRule], Check]:
    """Make a check of a function of one rule whose expression parses, which yields what it has to say."""
    return lambda function: Check(code, level, title, why, mend, _each(function, lambda rule: rule.tree is not None))


def of_alerts(code: str, level: Level, title: str, *, why: str, mend: str) -> Callable[[OfRule], Check]:
    """Make a check of a function of one alert, whether its expression parses or not."""
    return lambda function: Check(code, level, title, why, mend, _each(function, lambda rule: rule.is_alert))


def of_records(code: str, level: Level, title: str, *, why: str, mend: str) -> Callable[[OfRule], Check]:
    """Make a check of a function of one recording rule whose expression parses."""
    return lambda function: Check(
        code, level, title, why, mend, _each(function, lambda rule: not rule.is_alert and rule.tree is not None)
    )


def _each(function: OfRule, chosen: Callable[[Rule], bool]) -> OfMaterial:
    def run(check: Check, material: Material) -> Iterator[Finding]:
        for rule in filter(chosen, material.rules):
            for each in dict.fromkeys(function(rule, material)):
                said = each if isinstance(each, Said) else Said(each)
                line, level = rule.line_of(said.field), said.level or check.level
                yield Finding(rule.file, line, check.code, level, said.text, rule.said, rule.group.name)

    return run
