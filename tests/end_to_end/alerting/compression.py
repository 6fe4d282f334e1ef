"""Rules and routing with all their durations divided: what takes an hour takes a minute, in the same order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

_UNITS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION = re.compile(r"(?:\d+(?:ms|[wdhms]))+")
_PART = re.compile(r"(\d+)(ms|[wdhms])")
# Where a duration stands in an expression: a range, its resolution, an offset.
_IN_EXPRESSION = re.compile(rf"(?<=\[)({_DURATION.pattern})|(?<=offset )({_DURATION.pattern})")
_OF_RULES = ("for", "keep_firing_for", "interval")
_OF_ROUTES = ("group_wait", "group_interval", "repeat_interval")


def shorter(duration: str, factor: int) -> str:
    """Divide a duration.

    >>> shorter("1h30m", 60)
    '90000ms'
    """
    total = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(duration))
    return f"{max(total // factor, 1)}ms"


def rules(text: str, factor: int) -> str:
    """Return a rule file with ranges, offsets, ``for``, ``keep_firing_for`` and intervals divided; numbers stay."""

    def expression(said: str) -> str:
        return _IN_EXPRESSION.sub(lambda found: shorter(found[0], factor), said)

    document = yaml.safe_load(text)
    for group in document["groups"]:
        for each in (group, *group["rules"]):
            for key in _OF_RULES:
                if key in each:
                    each[key] = shorter(each[key], factor)
        for rule in group["rules"]:
            rule["expr"] = expression(rule["expr"])
    return yaml.safe_dump(document, sort_keys=False, width=1000)


def routing(configuration: Mapping[str, Any], factor: int, longest: str) -> dict[str, Any]:
    """Return Alertmanager's configuration with the waits of its routes divided, none but repetitions above ``longest``."""

    def wait(key: str, value: str) -> str:
        divided = shorter(value, factor)
        return divided if key == "repeat_interval" else min(divided, longest, key=_milliseconds)

    return {**configuration, "route": _routes(configuration["route"], wait)}


def _routes(route: Mapping[str, Any], wait: Callable[[str, str], str]) -> dict[str, Any]:
    changed = {key: wait(key, value) if key in _OF_ROUTES else value for key, value in route.items()}
    if "routes" in route:
        changed["routes"] = [_routes(child, wait) for child in route["routes"]]
    return changed


def _milliseconds(duration: str) -> int:
    return int(shorter(duration, 1).removesuffix("ms"))
