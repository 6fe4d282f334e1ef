"""Routes: who hears of which alert, through what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alertmanager.emitted import Emitted, listed
from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material
from alertmanager.matchers import Matcher, all_match
from alertmanager.routes import WATCHDOG
from alertmanager.simulation import cases, hours, invariants
from alertmanager.simulation.invariants import Broken
from alertmanager.simulation.server import quiet
from alertmanager.simulation.tree import Place, Route, taken
from rules.lint.finding import Level

_PAGERS = frozenset({"pagerduty", "opsgenie", "victorops", "pushover", "incidentio"})
_CHATS = frozenset(
    {"slack", "discord", "msteams", "msteamsv2", "telegram", "webex", "wechat", "rocketchat", "mattermost"}
)
# Unless they are told to.
_QUIET_ABOUT_ENDS = frozenset({"slack", "email", "wechat"})
_MAIL, _WEBHOOK = "email", "webhook"


@check(
    "M04",
    Level.ERROR,
    "a route that no alert can take",
    why="What was meant for it goes elsewhere: a catch-all before it, or a route with wider matchers, takes everything.",
    mend="Put the narrower route first, or give the wider one `continue: true`. The root is the catch-all.",
)
def routes_are_reached(material: Material) -> Iterator[Said]:
    ways = [way for alert in material.alerts for way in material.server.ways(alert)]
    places = {route.place for _, routes in ways for route in routes}
    reached = {place[:end] for place in places for end in range(1, len(place) + 1)}
    for route, above in _paths(material.server.tree, ()):
        if not route.matchers and route is not material.server.tree:
            yield Said("a route without matchers takes every alert, which is the work of the root", route.place)
        # What is below a route that is not reached goes without saying.
        if route.place in reached or (len(route.place) > 1 and route.place[:-2] not in reached):
            continue
        if any(all_match((*above, *route.matchers), labels) for labels, _ in ways):
            yield Said(f"a route before {route.said} takes all that it is for", route.place)
        elif not list(_unknown(route.matchers, material)):
            yield Said(f"no alert is for {route.said} and the routes above it", route.place)


def _paths(route: Route, above: tuple[Matcher, ...]) -> Iterator[tuple[Route, tuple[Matcher, ...]]]:
    yield route, above
    for child in route.routes:
        yield from _paths(child, (*above, *route.matchers))


@check(
    "M05",
    Level.ERROR,
    "an alert of which nobody ever hears, or that only the root takes",
    why="It fires, and looks routed; at the root nobody has thought about who is to hear of it.",
    mend="A route for its severity, to a receiver that does something at some hour.",
)
def alerts_reach_someone(material: Material) -> Iterator[Broken]:
    yield from invariants.unreached(material.server, material.alerts, material.moments)


@check(
    "M06",
    Level.ERROR,
    "a matcher or a grouping for an alert, a label or a value that no rule brings forth",
    why="A typo in a route or an inhibition is silence, not an error: nothing ever matches.",
    mend="Names and labels as in rules/generated.",
)
def matchers_match_something(material: Material) -> Iterator[Said]:
    for route in material.routes:
        yield from (Said(text, route.place) for text in _unknown(route.matchers, material))
    for each in material.server.inhibitions:
        matchers = (*each.source, *each.target)
        yield from (Said(text, ("inhibit_rules", each.number)) for text in _unknown(matchers, material))
    for place, data in material.raw_routes():
        for label in data.get("group_by") or ():
            if label != "..." and label not in material.labels:
                yield Said(f"grouped by {label}, which no alert has", (*place, "group_by"))


def _unknown(matchers: Iterable[Matcher], material: Material) -> Iterator[str]:
    for matcher in matchers:
        if matcher.label not in material.labels:
            yield f"{matcher}: no alert has the label {matcher.label}"
            continue
        known = material.labels[matcher.label]
        for each in _alternatives(matcher) if known is not None else ():
            if not any(each.takes(value) for value in known or ()):
                yield f"{matcher}: no alert has {matcher.label} {each.value}"


def _alternatives(matcher: Matcher) -> list[Matcher]:
    """Return what a matcher names, one by one; of the negative ones what they exclude. Empty is: without the label."""
    operator = matcher.operator.replace("!=", "=").replace("!~", "=~")
    is_list = "~" in operator and "(" not in matcher.value and "[" not in matcher.value
    values = matcher.value.split("|") if is_list else [matcher.value]
    return [Matcher(matcher.label, operator, value) for value in values if value]


@check(
    "M10",
    Level.ERROR,
    "an emergency, a page or a heartbeat that is kept quiet at some hour",
    why="It happens in that hour. Planned maintenance that ends may mute a page, and never an emergency.",
    mend="No mute_time_intervals and active_time_intervals on what pages, but those of maintenance (maintenance.yml).",
)
def pages_come_at_any_hour(material: Material) -> Iterator[Broken]:
    yield from invariants.late(material.server, material.alerts, material.moments)


@check(
    "M11",
    Level.WARNING,
    "a route that is never heard, or a time interval that has ended",
    why="Somebody believes that it is routed, or that maintenance is still planned.",
    mend="Take it out; of maintenance.yml, too.",
)
def routes_are_heard(material: Material) -> Iterator[Said]:
    holding = {material.server.holding(moment) for moment in material.moments}
    for route in material.routes:
        if all(quiet(route, each) for each in holding):
            yield Said(f"{route.said} is quiet at every hour of a week", route.place)
    for place, interval in material.intervals():
        parts = material.server.intervals[str(interval["name"])]
        if hours.ended(parts, material.now):
            yield Said(f"{interval['name']} has ended", place)


def _kinds(material: Material, routes: Iterable[Route]) -> set[str]:
    return {kind for route in routes for kind, _ in material.server.integrations.get(route.receiver, ())}


def _faulty_channels(alert: Emitted, kinds: set[str]) -> Iterator[str]:
    people = kinds & (_CHATS | {_MAIL})
    if alert.pages and not kinds & _PAGERS:
        yield "pages nobody"
    if alert.severity == "emergency" and _WEBHOOK not in kinds:
        yield "does not call the remediation"
    if alert.severity == "emergency" and not people:
        yield "goes through no second channel to people"
    if alert.severity in ("warning", "info") and kinds & _PAGERS:
        yield "wakes people by a pager"
    if alert.severity in ("critical", "warning", "info") and not people:
        yield "reaches nobody in a chat or by mail"
    if alert.value("action") and _WEBHOOK not in kinds:
        yield "asks for an action, and calls nothing that does it"
    if alert.name == WATCHDOG and kinds - {_WEBHOOK}:
        yield f"is a heartbeat, and goes to people by {', '.join(sorted(kinds - {_WEBHOOK}))}"


@check(
    "M25",
    Level.ERROR,
    "a severity that goes to the wrong kind of receiver",
    why="A page that arrives as a message is read in the morning; a message that arrives as a page teaches people to ignore pages.",
    mend="Emergency: webhook, pager and a second channel; critical: pager and chat; warning: chat; info: mail or chat, no pager.",
)
def severities_take_their_channels(material: Material) -> Iterator[Said]:
    found: dict[tuple[Place, str], list[str]] = {}
    for alert in material.alerts:
        for _, routes in material.server.ways(alert):
            for text in _faulty_channels(alert, _kinds(material, routes)):
                found.setdefault((routes[-1].place, f"{alert.severity} {text}"), []).append(alert.name)
    yield from (Said(f"{text}: {listed(names)}", place) for (place, text), names in found.items())


@check(
    "M28",
    Level.WARNING,
    "an info that comes at night",
    why="What can wait, and comes at three in the morning all the same, teaches people to mute the channel.",
    mend="active_time_intervals with business hours on the digest's route.",
)
def infos_wait(material: Material) -> Iterator[Said]:
    holding = [material.server.holding(moment) for moment in material.moments]
    for alert in material.alerts:
        if alert.severity != "info":
            continue
        for route in taken(material.server.tree, alert.labels()):
            kinds = _kinds(material, [route])
            if kinds - {_WEBHOOK} and not any(quiet(route, each) for each in holding):
                yield Said(f"{route.said} sends {', '.join(sorted(kinds))} at any hour", route.place)


@check(
    "M19",
    Level.WARNING,
    "a page through a single channel",
    why="The one service is down on the day on which it is needed.",
    mend="A second integration on the receiver: chat or mail beside the pager.",
)
def pages_have_a_second_channel(material: Material) -> Iterator[Said]:
    for alert in material.alerts:
        for _, routes in material.server.ways(alert) if alert.pages else ():
            kinds = _kinds(material, routes) - {_WEBHOOK}
            if len(kinds) == 1:
                yield Said(f"{routes[0].receiver} reaches people by {kinds.pop()} only", routes[0].place)


@check(
    "M27",
    Level.WARNING,
    "people who are not told that it has ended, or an action that is asked for when it has",
    why="A page that stays open hides the next one. What trains a model at every call trains it once more at the end.",
    mend="send_resolved: true for pagers, chats and mails (Slack and mail do not by default), false for what an `action` calls.",
)
def ends_are_told(material: Material) -> Iterator[Said]:
    acting = {
        route.receiver
        for alert in material.alerts
        if alert.value("action")
        for route in taken(material.server.tree, alert.labels())
    }
    for place, receiver in material.receivers():
        for kind, one in material.server.integrations[str(receiver["name"])]:
            told = bool(one.get("send_resolved", kind not in _QUIET_ABOUT_ENDS))
            if kind in _PAGERS | _CHATS | {_MAIL} and not told:
                yield Said(f"{kind} does not tell when it has ended: send_resolved", place)
            if kind == _WEBHOOK and told and receiver["name"] in acting:
                yield Said("the action is asked for again when it has ended: send_resolved", place)


@check(
    "M22",
    Level.WARNING,
    "a route that no case is about",
    why="Nothing says who was meant to hear of what, so a change by mistake looks like one on purpose.",
    mend="A case in alertmanager/cases.yml.",
)
def routes_have_cases(material: Material) -> Iterator[Said]:
    if material.cases is None:
        return
    covered = cases.covered(material.server, material.alerts, material.cases)
    for route in material.routes:
        # Those of maintenance come and go, and have tests of their own.
        if not route.routes and route.place not in covered and not route.mute and not _of_owner(route):
            yield Said(f"no case takes {route.said}", route.place)


def _of_owner(route: Route) -> bool:
    return any(matcher.label == "owner" for matcher in route.matchers)


@check(
    "M26",
    Level.ERROR,
    "a case that the routing does not fulfil",
    why="The cases say who is to hear of what.",
    mend="The routing, or, if it is meant, the case in alertmanager/cases.yml.",
)
def cases_are_fulfilled(material: Material) -> Iterator[Said]:
    if material.cases is not None:
        for case, text in cases.wrong(material.server, material.alerts, material.cases):
            yield Said(f"case in line {case.line}: {text}")
