"""A plan in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rules.deploy.loaded import Active
from rules.deploy.plan import Consequence, Plan

_MOST = 3


def lines(plan: Plan) -> Iterator[str]:
    for name, text in plan.files.items():
        yield f"{name}: {'is removed' if text is None else 'is written'}"
    for place, changes in groupby(plan.changes, key=lambda each: (each.file, each.group)):
        yield " / ".join(place)
        for change in changes:
            yield f"  {change.sign} {change.name}" + (f": {change.what}" if change.what else "")
    yield from _consequences(plan)
    for name in plan.orphans:
        yield f"{name} is recorded no more, and rules that are not ours read it"


def _consequences(plan: Plan) -> Iterator[str]:
    if not plan.consequences:
        return
    yield "alerts that are active now:"
    found = sorted(plan.consequences, key=_key)
    for (fate, name, reason), several in groupby(found, key=_key):
        yield f"  {name} {fate} ({_counted([each.active for each in several])}): {reason}"


def _key(each: Consequence) -> tuple[str, str, str]:
    return each.fate, each.active.rule.said, each.reason


def _counted(several: list[Active]) -> str:
    states = [each.state for each in several]
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("firing", "pending") if state in states)
    models = sorted({dict(each.labels).get("model_name", "") for each in several} - {""})
    more = f" and {len(models) - _MOST} more" if len(models) > _MOST else ""
    return counts + (f" of {', '.join(models[:_MOST])}{more}" if models else "")
