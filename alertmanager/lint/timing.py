"""When notifications come, how often, and what is in one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material
from alertmanager.routes import WATCHDOG
from alertmanager.simulation import invariants
from alertmanager.simulation.invariants import Broken
from alertmanager.simulation.tree import Route, taken
from rules.lint.finding import Level
from rules.lint.rule_file import duration

# Seconds that a page may wait for others to go with it, and for the group's next look.
_PAGE_WAIT, _PAGE_INTERVAL = 60, 600
# So long a page that goes on may be forgotten.
_PAGE_REPEAT = 12 * 3600
# One value for each feature, machine or row: a notification each.
_MANY = frozenset({"feature_name", "segment", "instance", "pod", "container", "window", "metric"})


def _seconds(route: Route, name: str) -> float:
    return duration(route.times[name]) or 0.0


def _takers(material: Material) -> Iterator[tuple[Route, list[str], set[str], bool]]:
    """Yield the routes that take alerts, with the alerts' names, severities, and whether some are about models."""
    found: dict[Route, tuple[list[str], set[str], list[bool]]] = {}
    for alert in material.alerts:
        for _, routes in material.server.ways(alert):
            for route in routes:
                names, severities, of_models = found.setdefault(route, ([], set(), []))
                names.append(alert.name)
                severities.add(alert.severity)
                of_models.append("model_name" in alert.certain)
    for route, (names, severities, of_models) in found.items():
        yield route, names, severities, any(of_models)


@check(
    "M12",
    Level.WARNING,
    "times that do not go together, or that make a page late",
    why="repeat_interval is rounded up to a multiple of group_interval; longer than the server remembers, it is cut short; and a"
    " page that waits for company comes late.",
    mend="group_wait <= group_interval <= repeat_interval <= --retention, each a multiple of the one before; pages within a minute.",
)
def times_go_together(material: Material) -> Iterator[Said]:
    for route, _, severities, _ in _takers(material):
        if severities <= {"none"}:
            continue  # Heartbeats have rules of their own.
        wait, look, repeat = (_seconds(route, name) for name in ("group_wait", "group_interval", "repeat_interval"))
        if wait > look:
            yield Said(f"{route.said}: group_wait is longer than group_interval", route.place)
        if repeat < look:
            yield Said(f"{route.said}: repeat_interval is shorter than group_interval", route.place)
        elif look and repeat % look:
            yield Said(
                f"{route.said}: repeat_interval is no multiple of group_interval, and rounded up to one", route.place
            )
        if repeat > material.retention:
            yield Said(f"{route.said}: repeat_interval is longer than notifications are remembered", route.place)
        if severities & {"critical", "emergency"}:
            if wait > _PAGE_WAIT:
                yield Said(f"{route.said}: pages wait {route.times['group_wait']}", route.place)
            if look > _PAGE_INTERVAL:
                yield Said(f"{route.said}: further pages wait {route.times['group_interval']}", route.place)
            if repeat > _PAGE_REPEAT:
                yield Said(f"{route.said}: pages come again after {route.times['repeat_interval']}", route.place)


@check(
    "M13",
    Level.WARNING,
    "a grouping without the model or the severity, or by what has many values",
    why="Two models in one page hide each other; a page for each feature is a storm.",
    mend="group_by: [job, model_name, severity]. A digest may have everything in one mail.",
)
def groups_fit(material: Material) -> Iterator[Said]:
    for route, _, severities, of_models in _takers(material):
        if severities <= {"none"}:
            continue
        if "..." in route.group_by:
            yield Said(f"{route.said}: a notification for each alert", route.place)
            continue
        if severities != {"info"}:
            if of_models and "model_name" not in route.group_by:
                yield Said(f"{route.said}: several models in one notification", route.place)
            if of_models and "job" not in route.group_by:
                yield Said(f"{route.said}: models of one name of several jobs in one notification", route.place)
        if len(severities) > 1 and "severity" not in route.group_by:
            yield Said(f"{route.said}: several severities in one notification", route.place)
        if many := sorted(_MANY.intersection(route.group_by)):
            yield Said(f"{route.said}: a notification for each {', '.join(many)}", route.place)


@check(
    "M20",
    Level.ERROR,
    "a heartbeat that says something else than that the watch works, or says it too late",
    why="Whoever watches it from outside waits for the next beat: what comes late looks dead, what comes when it ends looks alive.",
    mend="First route, alone, group_wait 0s, repeat_interval < group_interval <= half of the watcher's time limit,"
    " send_resolved false.",
)
def heartbeats_beat(material: Material) -> Iterator[Said | Broken]:
    for alert in material.alerts:
        if alert.name == WATCHDOG:
            for route in taken(material.server.tree, alert.labels()):
                yield from _beats(route, material)
    yield from invariants.mixed_heartbeat(material.server, material.alerts)


def _beats(route: Route, material: Material) -> Iterator[Said]:
    if _seconds(route, "group_wait") > 0:
        yield Said("the first heartbeat waits: group_wait", route.place)
    if _seconds(route, "repeat_interval") >= _seconds(route, "group_interval"):
        yield Said("beats are skipped unless repeat_interval is a little shorter than group_interval", route.place)
    for name in ("group_interval", "repeat_interval"):
        if _seconds(route, name) > material.heartbeat_timeout / 2:
            yield Said(f"{name} {route.times[name]} is more than half of the watcher's time limit", route.place)
    for place, receiver in material.receivers():
        if receiver.get("name") == route.receiver:
            yield from (
                Said("a heartbeat that has ended is sent, too: send_resolved", place)
                for one in _all(receiver)
                if one.get("send_resolved", True)
            )


def _all(receiver: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key, several in receiver.items():
        if key.endswith("_configs"):
            yield from (one for one in several or () if isinstance(one, dict))
