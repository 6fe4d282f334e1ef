"""Some alerts as they were generated, with the recorded series that they need: little enough to be tested often."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import yaml

from rules.bundle import bundle
from rules.document import documents
from rules.settings import DEFAULT, Settings

Rule = Mapping[str, Any]
_NAMES = re.compile(r"[a-zA-Z_][\w:]*")


@cache
def rules(settings: Settings = DEFAULT) -> tuple[Rule, ...]:
    """Return all rules as they were generated, in the order of their files and groups."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = documents(bundle(settings), settings).values()
    return tuple(
        rule
        for text in texts
        for group in yaml.load(text, Loader=loader)["groups"]  # noqa: S506 - a safe one, where there is one in C
        for rule in group["rules"]
    )


def rungs(rules: Sequence[Rule], alert: str) -> list[int]:
    """Return the places of all alerts of a name."""
    return [place for place, rule in enumerate(rules) if rule.get("alert") == alert]


def needed(
    rules: Sequence[Rule], places: Iterable[int], given: Collection[str] = (), *, said: bool = False
) -> list[int]:
    """Return the places of some rules, and of the records that they need and that are not given.

    With ``said`` what the annotations ask for is needed as well.
    """
    records = {rule["record"]: place for place, rule in enumerate(rules) if "record" in rule}
    found = set(places)
    waiting = sorted(found)
    while waiting:
        text = " ".join(_texts(rules[waiting.pop()], said=said))
        more = {records[name] for name in _NAMES.findall(text) if name in records and name not in given} - found
        found |= more
        waiting += more
    return sorted(found)


def _texts(rule: Rule, *, said: bool) -> Iterator[str]:
    yield rule["expr"]
    if said:
        yield from rule.get("annotations", {}).values()


def document(rules: Sequence[Rule], *, said: bool = False) -> dict[str, Any]:
    """Return a rule file; without annotations, unless they are to be said."""
    plain = [dict(rule) if said else {key: rule[key] for key in rule if key != "annotations"} for rule in rules]
    return {"groups": [{"name": "excerpt", "rules": plain}]}
