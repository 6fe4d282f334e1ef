"""Groups that a server keeps as objects: they come back in other words than they were sent, and are compared by meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import yaml

from rules.deploy import suitability
from rules.deploy.loaded import Running, groups_of
from rules.deploy.plan import Plan, plan
from rules.deploy.plan_text import lines
from rules.deploy.state import Files
from rules.deploy.transaction import Say

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def text_of(groups: Sequence[Mapping[str, Any]]) -> str:
    """Return groups as a rule file."""
    return str(yaml.dump({"groups": list(groups)}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000))


def groups_in(text: str | None) -> list[dict[str, Any]]:
    """Return the groups of a rule file as they are sent; none of no file."""
    document = yaml.load(text, Loader=_Loader) if text is not None else None  # noqa: S506 - a safe loader
    return list((document or {}).get("groups") or ())


def differing(present: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str | None]:
    """Return the files whose rules differ, and, as None, those that go. Raises DeployError."""
    gone: Files = dict.fromkeys(sorted(present.keys() - wanted.keys()))
    same = {name for name in present.keys() & wanted.keys() if means(present[name]) == means(wanted[name])}
    return {**{name: text for name, text in sorted(wanted.items()) if name not in same}, **gone}


def as_before(present: Mapping[str, str], seen: Running) -> Running:
    """Return what a server has been given, with what it tells of it."""
    return Running(groups_of(present), seen.active, seen.health, seen.read_elsewhere)


def planned(
    before: Running, present: Mapping[str, str], wanted: Mapping[str, str], say: Say, *, keep_alerts: bool
) -> Plan:
    """Return what would change, and say so. Raises DeployError if alerts are to be kept that would start over."""
    found = plan(differing(present, wanted), groups_of(wanted), before)
    for line in lines(found):
        say(line)
    if keep_alerts and not found.nothing:
        suitability.leave_alerts_alone(found)
    return found


def means(text: str) -> frozenset[Any]:
    return frozenset(groups_of({"": text}))


def stem(name: str) -> str:
    """Return what a file is called where there are no files."""
    return PurePath(name).stem
