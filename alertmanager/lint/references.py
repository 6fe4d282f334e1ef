"""Names and values: does everything that is named exist, and can it be read?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material, texts
from alertmanager.lint.shapes import shapes
from alertmanager.matchers import PORTABLE, MatcherError, parsed
from alertmanager.simulation import amtool, hours
from alertmanager.simulation.tree import TIMES, Place
from rules.lint.finding import Level
from rules.lint.rule_file import duration

_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SIDES = ("", "source_", "target_")
_DEEPEST = 5
# What a receiver needs, itself or from `global`: of each row one.
_NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "email": (("to",), ("smarthost", "global.smtp_smarthost"), ("from", "global.smtp_from")),
    "pagerduty": (("routing_key", "routing_key_file", "service_key", "service_key_file"),),
    "slack": (
        ("api_url", "api_url_file", "app_token", "app_token_file", "global.slack_api_url", "global.slack_api_url_file"),
    ),
    "webhook": (("url", "url_file"),),
    "opsgenie": (("api_key", "api_key_file", "global.opsgenie_api_key", "global.opsgenie_api_key_file"),),
}
_EITHER = ("api_url", "routing_key", "service_key", "url", "auth_password", "credentials", "password")


@check(
    "M02",
    Level.ERROR,
    "a name that is not there, or a value that cannot be read",
    why="Alertmanager refuses the whole file, and after a restart there is nobody who routes anything.",
    mend="What the message says. `amtool check-config`, where it is installed, has the last word.",
    basic=True,
)
def configuration_loads(material: Material) -> Iterator[Said]:
    found = [
        *(Said(text, _at(line, material)) for line, text in material.source.flaws),
        *shapes(material),
        *_of_root(material),
        *_named(material),
        *_matchers(material),
        *_times(material),
        *_of_intervals(material),
        *_needs(material),
        *_addresses(material),
    ]
    yield from found
    if not found and material.amtool and material.source.path.exists():
        complaint = amtool.check(material.amtool, material.source.path)
        if complaint:
            yield Said(complaint)


def _at(line: int, material: Material) -> Place:
    """Return the place of a line."""
    return next((place for place, at in material.source.lines.items() if at == line and place), ())


def _of_root(material: Material) -> Iterator[Said]:
    root = material.document.get("route")
    if not isinstance(root, dict):
        yield Said("there is no route", ("route",))
        return
    if not root.get("receiver"):
        yield Said("the root route has no receiver", ("route",))
    for key in ("match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals", "continue"):
        if root.get(key):
            yield Said(f"the root route takes every alert, so it cannot have {key}", ("route", key))


def _named(material: Material) -> Iterator[Said]:
    receivers = [str(receiver.get("name", "")) for _, receiver in material.receivers()]
    intervals = [str(interval.get("name", "")) for _, interval in material.intervals()]
    yield from _twice("receiver", receivers, ("receivers",))
    yield from _twice("time interval", intervals, ("time_intervals",))
    for place, route in material.raw_routes():
        name = route.get("receiver")
        if name is not None and str(name) not in receivers:
            yield Said(f"there is no receiver {name}", (*place, "receiver"))
        for key in ("mute_time_intervals", "active_time_intervals"):
            for each in _list(route.get(key)):
                if str(each) not in intervals:
                    yield Said(f"there is no time interval {each}", (*place, key))
        labels = list(map(str, _list(route.get("group_by"))))
        for label in labels:
            if label != "..." and not _LABEL.fullmatch(label):
                yield Said(f"{label} is no label", (*place, "group_by"))
        if "..." in labels and len(labels) > 1:
            yield Said("... is every label, and stands alone", (*place, "group_by"))
        yield from (Said(f"{each} stands twice in group_by", (*place, "group_by")) for each in _repeated(labels))


def _twice(what: str, names: Iterable[str], place: Place) -> Iterator[Said]:
    names = list(names)
    yield from (Said(f"there are several {what}s {name}", place) for name in _repeated(names))
    if "" in names:
        yield Said(f"a {what} without a name", place)


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _with_matchers(material: Material) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    yield from material.raw_routes()
    yield from material.inhibitions()


def _matchers(material: Material) -> Iterator[Said]:
    for place, data in _with_matchers(material):
        for side in _SIDES:
            for number, text in enumerate(_list(data.get(f"{side}matchers"))):
                try:
                    parsed(str(text))
                except MatcherError as error:
                    yield Said(str(error), (*place, f"{side}matchers", number))
            for key in (f"{side}match", f"{side}match_re"):
                yield from _old_matchers(key, data.get(key) or {}, (*place, key))


def _old_matchers(key: str, values: Any, place: Place) -> Iterator[Said]:
    if not isinstance(values, dict):
        yield Said(f"{key} has to be a mapping", place)
        return
    for label, text in values.items() if key.endswith("_re") else ():
        try:
            re.compile(str(text))
        except re.error as error:
            yield Said(f"{label}: {text}: {error}", place)


def _times(material: Material) -> Iterator[Said]:
    for place, route in material.raw_routes():
        for name in TIMES:
            value = duration(route.get(name))
            if route.get(name) is not None and value is None:
                yield Said(f"{name}: {route[name]} is no duration such as 5m", (*place, name))
            elif value == 0 and name != "group_wait":
                yield Said(f"{name} cannot be 0", (*place, name))


def _of_intervals(material: Material) -> Iterator[Said]:
    for place, interval in material.intervals():
        for number, part in enumerate(_list(interval.get("time_intervals"))):
            if not isinstance(part, dict) or any(not isinstance(part.get(key) or [], list) for key in hours.PARTS):
                continue  # Which is said already.
            try:
                hours.ensure(part)
            except hours.IntervalError as error:
                yield Said(str(error), (*place, "time_intervals", number))


def _needs(material: Material) -> Iterator[Said]:
    above = material.document.get("global")
    above = above if isinstance(above, dict) else {}
    for place, kind, one in material.integrations():
        for row in _NEEDS.get(kind, ()):
            if not any(above.get(name[7:]) if name.startswith("global.") else one.get(name) for name in row):
                yield Said(f"{kind} needs {' or '.join(row)}", place)
        yield from (
            Said(f"{key} and {key}_file exclude each other", (*place, key))
            for key in _EITHER
            if one.get(key) and one.get(f"{key}_file")
        )


def _addresses(material: Material) -> Iterator[Said]:
    for place, text in texts(material.document, ()):
        key = str(place[-1])
        if (key == "url" or key.endswith("_url")) and "{{" not in text:
            try:
                parts = urlsplit(text)
                right = parts.scheme in ("http", "https") and bool(parts.hostname)
            except ValueError:
                right = False
            if not right:
                yield Said(f"{key}: {text} is no address", place)


@check(
    "M03",
    Level.ERROR,
    "a receiver that does nothing",
    why="Alerts that are routed to it are gone, without a word anywhere.",
    mend="Give it an integration, or route its alerts elsewhere.",
)
def receivers_do_something(material: Material) -> Iterator[Said]:
    for place, receiver in material.receivers():
        if not any(receiver.get(key) for key in receiver if key.endswith("_configs")):
            yield Said(f"{receiver.get('name')} has no integration", place)


@check(
    "M17",
    Level.WARNING,
    "a matcher or a key in a form that versions read differently, or that goes away",
    why="From 0.27 on there is a second parser; what is not quoted, or quoted otherwise, means something else to it, or nothing.",
    mend='One matcher an item: label, operator, double quotes: severity=~"info|warning". `time_intervals` at the top.',
)
def matchers_are_portable(material: Material) -> Iterator[Said]:
    for place, data in _with_matchers(material):
        for side in _SIDES:
            for number, text in enumerate(_list(data.get(f"{side}matchers"))):
                if not PORTABLE.fullmatch(str(text)):
                    yield Said(f"{text}: is to be {parsed(str(text))}", (*place, f"{side}matchers", number))
            for key in (f"{side}match", f"{side}match_re"):
                if data.get(key):
                    yield Said(f"{key} is deprecated since 0.22: {side}matchers", (*place, key))
    if material.document.get("mute_time_intervals"):
        yield Said("mute_time_intervals at the top is deprecated since 0.24: time_intervals", ("mute_time_intervals",))


@check(
    "M18",
    Level.WARNING,
    "something without use: a receiver, a time interval, a continue, a label said twice; or routes nested too deep",
    why="Whoever reads it next believes that it does something.",
    mend="Take it out, or use it.",
)
def everything_is_of_use(material: Material) -> Iterator[Said]:
    routes = list(material.raw_routes())
    receivers = {str(route.get("receiver")) for _, route in routes}
    used = {
        str(name)
        for _, route in routes
        for key in ("mute_time_intervals", "active_time_intervals")
        for name in _list(route.get(key))
    }
    for place, receiver in material.receivers():
        if str(receiver.get("name")) not in receivers:
            yield Said(f"no route leads to the receiver {receiver.get('name')}", place)
    for place, interval in material.intervals():
        if str(interval.get("name")) not in used:
            yield Said(f"no route uses the time interval {interval.get('name')}", place)
    for place, rule in material.inhibitions():
        for label in _repeated(map(str, _list(rule.get("equal")))):
            yield Said(f"{label} stands twice in equal", (*place, "equal"))
    for place, _ in routes:
        if place.count("routes") > _DEEPEST:
            yield Said(f"a route {place.count('routes')} levels deep", place)
    yield from _useless_continues(material)


def _useless_continues(material: Material) -> Iterator[Said]:
    every = [labels for alert in material.alerts for labels, _ in material.server.ways(alert)]
    for parent in material.routes:
        for number, route in enumerate(parent.routes):
            later = parent.routes[number + 1 :]
            if route.goes_on and not any(route.takes(each) and any(one.takes(each) for one in later) for each in every):
                yield Said(f"continue of {route.said}: no route after it takes what it takes", route.place)
