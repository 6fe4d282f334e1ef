"""Lists where lists are wanted, and mappings where mappings are: what all other checks rely on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alertmanager.lint.check import Said
from alertmanager.lint.material import Material
from alertmanager.simulation.hours import PARTS
from alertmanager.simulation.tree import Place

_OF_ROUTES = ("routes", "matchers", "group_by", "mute_time_intervals", "active_time_intervals")
_OF_INHIBITIONS = ("source_matchers", "target_matchers", "equal")
_OF_INTEGRATIONS = ("http_config", "headers", "details")
_OF_MAPPINGS = ("receivers", "inhibit_rules", "time_intervals", "mute_time_intervals")


def shapes(material: Material) -> Iterator[Said]:
    """Yield what is a list, a mapping or a word where something else is wanted."""
    document = material.document
    yield from _lists(document, (*_OF_MAPPINGS, "templates"), ())
    yield from (each for key in _OF_MAPPINGS for each in _mappings(document, key, ()))
    if not isinstance(document.get("global") or {}, dict):
        yield Said("global has to be a mapping", ("global",))
    for place, route in material.raw_routes():
        yield from _lists(route, _OF_ROUTES, place)
        yield from _mappings(route, "routes", place)
        if "continue" in route and not isinstance(route["continue"], bool):
            yield Said("continue is true or false", (*place, "continue"))
    for place, rule in material.inhibitions():
        yield from _lists(rule, _OF_INHIBITIONS, place)
    yield from _of_receivers(material)
    for place, interval in material.intervals():
        yield from _lists(interval, ("time_intervals",), place)
        yield from _mappings(interval, "time_intervals", place)
        parts = interval.get("time_intervals")
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                yield from _lists(part, PARTS, (*place, "time_intervals", number))


def _of_receivers(material: Material) -> Iterator[Said]:
    for place, receiver in material.receivers():
        keys = [key for key in receiver if key.endswith("_configs")]
        yield from _lists(receiver, keys, place)
        yield from (each for key in keys for each in _mappings(receiver, key, place))
    for place, _, one in material.integrations():
        for key in _OF_INTEGRATIONS:
            if not isinstance(one.get(key) or {}, dict):
                yield Said(f"{key} has to be a mapping", (*place, key))


def _lists(part: Mapping[str, Any], keys: Iterable[str], place: Place) -> Iterator[Said]:
    for key in keys:
        if part.get(key) is not None and not isinstance(part[key], list):
            yield Said(f"{key} has to be a list", (*place, key))


def _mappings(part: Mapping[str, Any], key: str, place: Place) -> Iterator[Said]:
    several = part.get(key)
    if isinstance(several, list) and not all(isinstance(each, dict) for each in several):
        yield Said(f"each of {key} has to be a mapping", (*place, key))
