"""Whether a server is fit for rules, found out before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from promql_parser import MatrixSelector, SubqueryExpr, VectorSelector

from rules import syntax
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Group, Rule
from rules.deploy.plan import Plan
from rules.deploy.prometheus import Server
from rules.lint.rule_file import duration

_DAY = 86_400
_MOST = 5


def need_history(groups: Sequence[Group], kept: str) -> None:
    """Compare what rules look back with a retention such as ``15d or 10GiB``. Raises DeployError."""
    found = re.match(r"(\w+?)(?:\s|$)", kept)
    seconds = duration(found[1]) if found else None
    reaches = [(depth(rule), group, rule) for group in groups for rule in group.rules]
    if seconds is None or not reaches:
        return
    longest, group, rule = max(reaches, key=lambda each: each[0])
    if longest > seconds:
        raise DeployError(
            Exit.UNSUITABLE,
            f"the server keeps series for {kept}, and {rule.said} of {group.name} looks {longest / _DAY:g} days back: "
            f"start it with --storage.tsdb.retention.time={-(-longest // _DAY) + 1:g}d; "
            "if it has older series from elsewhere, say --short-retention",
        )


def depth(rule: Rule) -> float:
    """Return how many seconds back a rule looks; 0 if its expression cannot be parsed here."""
    try:
        return _depth(syntax.parsed(rule.expression))
    except ValueError:
        return 0.0


def _depth(node: Any) -> float:
    match node:
        case MatrixSelector():
            return syntax.seconds(node.range) + syntax.seconds(node.vector_selector.offset)
        case SubqueryExpr():
            return syntax.seconds(node.range) + syntax.seconds(node.offset) + _depth(node.expr)
        case VectorSelector():
            return syntax.seconds(node.offset)
        case _:
            return max(map(_depth, syntax.children(node)), default=0.0)


def can_evaluate(server: Server, plan: Plan, wanted: Sequence[Group]) -> None:
    """Try the expressions that are new to a server on what it has. Raises DeployError."""
    touched = {(change.file, change.group, change.name) for change in plan.changes if change.sign != "-"}
    fresh = [
        (group, rule) for group in wanted for rule in group.rules if (group.file, group.name, rule.said) in touched
    ]
    if flaws := list(trials(server, fresh)):
        more = f"; and {len(flaws) - _MOST} more" if len(flaws) > _MOST else ""
        raise DeployError(Exit.UNSUITABLE, f"the server cannot evaluate {'; '.join(flaws[:_MOST])}{more}")


def leave_alerts_alone(plan: Plan) -> None:
    """Raise DeployError if an alert that is active would lose its state."""
    if plan.disturbed:
        names = sorted({each.active.rule.said for each in plan.disturbed})
        raise DeployError(Exit.HALTED, f"these alerts are active, and would lose their state: {', '.join(names)}")


def does_not_read(patterns: Sequence[str], state: Path, folder: Path) -> None:
    """Raise DeployError if patterns of rule files match what a deployment keeps beside them."""
    if state.parent != folder:
        return
    for pattern in patterns:
        if pattern.startswith(f"{folder}/") and Path(state.name).match(Path(pattern).name):
            message = f"the server's rule_files has {pattern}, which takes {state.name} for a rule file: write *.yml, or say --state"
            raise DeployError(Exit.UNSUITABLE, message)


def patterns_of(configuration: Any) -> list[str]:
    return [str(each) for each in configuration.get("rule_files") or ()]


def interval_of(configuration: Any) -> float:
    """Return the seconds between evaluations of groups that do not say."""
    return duration((configuration.get("global") or {}).get("evaluation_interval")) or 60.0


def trials(server: Server, rules: Sequence[tuple[Group, Rule]]) -> Iterator[str]:
    """Yield what is wrong with rules that the server has not evaluated yet."""
    for group, rule in rules:
        if flaw := server.trial(rule.expression):
            yield f"{group.name} / {rule.said}: {flaw}"
