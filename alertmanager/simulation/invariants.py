"""What has to hold for whatever fires at whatever hour: someone is reached, and the worst is never kept quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alertmanager.emitted import Emitted, Labels, listed
from alertmanager.matchers import all_match
from alertmanager.routes import WATCHDOG
from alertmanager.simulation import hours
from alertmanager.simulation.muting import Inhibition
from alertmanager.simulation.server import Server, quiet
from alertmanager.simulation.tree import Place, Route

# Of the watch itself: without them silence would be taken for good news.
BLIND = frozenset({"MLExporterDown", "MLExporterAbsent", "MLExporterNotWorking"})
# What is broken in the input explains drift, but not why the model is wrong.
_EXPLAINED, _NEVER_EXPLAINED = frozenset({"data", "drift"}), frozenset({"quality", "slo"})


Pair = tuple[int, Emitted, Emitted]
"""The number of an inhibition, a source and a target."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What does not hold, and the part of the document that is to blame. Of muting ``kind`` is ``forbidden``, ``graver`` or
    ``explained``."""

    text: str
    place: Place
    kind: str = ""


def unreached(server: Server, alerts: Iterable[Emitted], moments: Sequence[datetime]) -> Iterator[Broken]:
    """Yield the alerts that nobody hears of at any hour, or that no route but the root is for."""
    held = {server.holding(moment) for moment in moments}
    found: dict[tuple[Place, str], list[str]] = {}
    for alert in alerts:
        for _, routes in server.ways(alert):
            heard = (route for route in routes if server.integrations.get(route.receiver))
            if [route.place for route in routes] == [server.tree.place]:
                found.setdefault((server.tree.place, "no route but the root is for"), []).append(alert.said)
            elif all(quiet(route, holding) for route in heard for holding in held):
                found.setdefault((routes[0].place, "nobody ever hears of"), []).append(alert.said)
    yield from (Broken(f"{text} {listed(names)}", place) for (place, text), names in found.items())


def late(server: Server, alerts: Iterable[Emitted], moments: Sequence[datetime]) -> Iterator[Broken]:
    """Yield the pages and heartbeats that some hour keeps quiet. Maintenance that ends may mute a page, never an emergency."""
    holding = {moment: server.holding(moment) for moment in moments}
    planned = {name for name, parts in server.intervals.items() if hours.ended(parts, hours.FAR)}
    seen: set[tuple[Place, str]] = set()
    for alert in alerts:
        if not (alert.pages or alert.name == WATCHDOG):
            continue
        may_be_muted = planned if alert.severity == "critical" else frozenset()
        for _, routes in server.ways(alert):
            for route in routes:
                said = _silence(route, holding, frozenset(may_be_muted))
                if said and (route.place, alert.severity) not in seen:
                    seen.add((route.place, alert.severity))
                    yield Broken(f"{alert.said} is kept quiet {said}", route.place)


def _silence(route: Route, holding: dict[datetime, frozenset[str]], may: frozenset[str]) -> str:
    """Say when a route is quiet, "" if never."""
    if forbidden := sorted(set(route.mute) - may):
        at = next((moment for moment, names in holding.items() if names.intersection(forbidden)), None)
        return f"by {', '.join(forbidden)}" + (f", such as at {at:%A %H:%M} UTC" if at else "")
    for moment, names in holding.items():
        if quiet(route, names - may):
            return f"outside {', '.join(route.active)}, such as at {moment:%A %H:%M} UTC"
    return ""


def muted(pairs: Iterable[Pair]) -> Iterator[Broken]:
    """Yield what the inhibitions mute and must not: emergencies, heartbeats, the watch itself, what is graver than its source,
    and pages about the model's own answers because of its input."""
    found: dict[tuple[int, str, str], list[str]] = {}
    for inhibition, source, target in pairs:
        kind, why = _forbidden(source, target)
        if kind:
            found.setdefault((inhibition, kind, why), []).append(f"{source.said} mutes {target.said}")
    for (inhibition, kind, why), texts in found.items():
        yield Broken(f"{listed(texts)}{why}", ("inhibit_rules", inhibition), kind)


def muting_pairs(server: Server, alerts: Sequence[Emitted]) -> Iterator[Pair]:
    """Yield who can mute whom, by which inhibition, if both are about the same thing as far as their labels tell."""
    for inhibition in server.inhibitions:
        sources, targets = sides(inhibition, alerts)
        for source, ours in sources:
            for target, theirs in targets:
                if any(inhibition.mutes(one, other) for one, other in zip(ours, theirs, strict=True)):
                    yield inhibition.number, source, target


Sampled = list[tuple[Emitted, tuple[Labels, Labels]]]


def sides(inhibition: Inhibition, alerts: Sequence[Emitted]) -> tuple[Sampled, Sampled]:
    """Return the alerts that can be sources, and those that can be targets, each with all the labels that it may have, and
    with the certain ones only."""
    samples = [(alert, (alert.labels(), alert.labels(least=True))) for alert in alerts]
    sources, targets = (
        [each for each in samples if any(all_match(matchers, labels) for labels in each[1])]
        for matchers in (inhibition.source, inhibition.target)
    )
    return sources, targets


def _forbidden(source: Emitted, target: Emitted) -> tuple[str, str]:
    """Return the kind of what is wrong with one alert's muting another, and why."""
    if target.severity == "emergency" or target.name == WATCHDOG:
        return "forbidden", ", which nothing may mute"
    if target.name in BLIND:
        return "forbidden", ", without which silence means nothing"
    if source.rank < target.rank:
        return "graver", ", which is graver"
    if target.pages and source.category in _EXPLAINED and target.category in _NEVER_EXPLAINED:
        return "explained", ": broken input is no reason not to page about a wrong model"
    return "", ""


def mixed_heartbeat(server: Server, alerts: Sequence[Emitted]) -> Iterator[Broken]:
    """Yield what shares a receiver with the heartbeat."""
    beats: set[str] = set()
    others: dict[str, str] = {}
    for alert in alerts:
        for _, routes in server.ways(alert):
            receivers = {route.receiver for route in routes}
            if alert.name == WATCHDOG:
                beats |= receivers
            else:
                others.update(dict.fromkeys(receivers, alert.said))
    for name in sorted(beats & set(others)):
        yield Broken(f"the heartbeat's receiver {name} also hears of {others[name]}", server.tree.place)
    if len(beats) > 1:
        yield Broken(f"the heartbeat goes to {', '.join(sorted(beats))}", server.tree.place)
