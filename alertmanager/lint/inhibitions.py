"""Inhibitions: what mutes what, and whether it is about the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from alertmanager.emitted import Emitted, listed
from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material
from alertmanager.simulation import invariants
from alertmanager.simulation.invariants import Broken
from alertmanager.simulation.muting import Inhibition
from rules.lint.finding import Level

# Of two alerts about models these have to be the same; of two about features the feature, and so on.
_MODEL = frozenset({"job", "model_name"})
# What may differ: a worse one mutes the milder ones of whatever window it burned in.
_NO_MATTER = frozenset({"owner", "burn_window", "severity"})


@check(
    "M07",
    Level.ERROR,
    "an inhibition whose `equal` does not say that it is about the same thing",
    why="A label that both alerts lack counts as equal, one that only one has never is: with a typo one model mutes all others,"
    " or nothing is ever muted.",
    mend="Labels that the expressions of both sides keep; of alerts about models at least job and model_name.",
)
def equal_labels_are_there(material: Material) -> Iterator[Said]:
    for each in material.server.inhibitions:
        place = ("inhibit_rules", each.number)
        if not each.equal:
            yield Said("there is no equal: one alert mutes all others, of whatever model", place)
            continue
        for side, matchers in (("source", each.source), ("target", each.target)):
            if not matchers:
                yield Said(f"without {side}_matchers every alert is one", place)
        pairs = list(_pairs(each, material))
        for label in each.equal:
            if pairs and not any(label in source.possible or label in target.possible for source, target in pairs):
                yield Said(f"equal {label}: no alert of either side has it", (*place, "equal"))
        found: dict[str, list[str]] = {}
        for source, target in pairs:
            for text in _wrong(each, source, target):
                found.setdefault(text, []).append(f"{source.said} and {target.said}")
        yield from (Said(f"{text}: {listed(names)}", (*place, "equal")) for text, names in found.items())


def _pairs(each: Inhibition, material: Material) -> Iterator[tuple[Emitted, Emitted]]:
    sources, targets = invariants.sides(each, material.alerts)
    for source, _ in sources:
        for target, _ in targets:
            if not ("alertname" in each.equal and source.name != target.name):
                yield source, target


def _wrong(each: Inhibition, source: Emitted, target: Emitted) -> Iterator[str]:
    for label in each.equal:
        if (label in source.possible) != (label in target.possible):
            side = "source" if label in source.possible else "target"
            yield f"equal {label}: only the {side} has it, so they never meet"
    tell = (source.key & target.key) | (_MODEL & source.possible & target.possible)
    missing = tell - set(each.equal) - _NO_MATTER - ({"window"} if source.name != target.name else set())
    if source is not target and missing:
        yield f"equal lacks {', '.join(sorted(missing))}, so they may be about different things"


@check(
    "M08",
    Level.ERROR,
    "an inhibition of an emergency, of the heartbeat, or of what says that the watch is broken",
    why="Nothing is so grave that it makes these uninteresting; muted, they are blindness.",
    mend="Narrower target_matchers, by alert names, or a severity that is not emergency.",
)
def nothing_mutes_the_worst(material: Material) -> Iterator[Broken]:
    yield from _muted(material, "forbidden")


@check(
    "M23",
    Level.ERROR,
    "an alert that mutes a graver one",
    why="A warning in a chat keeps the pager silent.",
    mend="Restrict the targets to severities that are no graver than the source's.",
)
def the_milder_mutes_nothing_graver(material: Material) -> Iterator[Broken]:
    yield from _muted(material, "graver")


@check(
    "M24",
    Level.ERROR,
    "a page about the model's answers that an alert about its input mutes",
    why="Broken input explains drift. That answers are wrong has to be known whatever the reason is.",
    mend="Only drift among the targets of alerts about data.",
)
def input_mutes_no_quality(material: Material) -> Iterator[Broken]:
    yield from _muted(material, "explained")


def _muted(material: Material, kind: str) -> Iterator[Broken]:
    found = invariants.muted(material.muting)
    yield from (each for each in found if each.kind == kind)


@check(
    "M09",
    Level.ERROR,
    "alerts that mute each other",
    why="What is muted goes on muting: when both fire, nobody hears of either.",
    mend="Break the circle: the graver, or the cause, mutes; the other does not.",
)
def nothing_mutes_in_circles(material: Material) -> Iterator[Said]:
    mutes: dict[str, dict[str, int]] = {}
    for number, source, target in material.muting:
        if source.said != target.said:
            mutes.setdefault(source.said, {})[target.said] = number
    for start in sorted(mutes):
        circle = _circle(start, mutes)
        if circle and start == min(circle):
            yield Said(f"{' mutes '.join([*circle, start])}", ("inhibit_rules", mutes[circle[-1]][start]))


def _circle(start: str, mutes: dict[str, dict[str, int]]) -> list[str]:
    """Return the alerts of a shortest circle through one, [] if there is none."""
    paths = [[start]]
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for target in sorted(mutes.get(path[-1], ())):
            if target == start:
                return path
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return []


@check(
    "M29",
    Level.WARNING,
    "an inhibition that never mutes anything",
    why="Somebody relies on it.",
    mend="Matchers that some alert of the rules meets on both sides, and labels in `equal` that both have.",
)
def inhibitions_mute_something(material: Material) -> Iterator[Said]:
    used = {number for number, _, _ in material.muting}
    for each in material.server.inhibitions:
        if each.number not in used:
            yield Said("no alert mutes another by it", ("inhibit_rules", each.number))


@check(
    "M32",
    Level.WARNING,
    "a milder severity of an alert that the graver one does not mute",
    why="Both are notified: the same trouble in two channels, and twice in the night.",
    mend="An inhibition from each severity to all milder ones, with alertname and what tells the alert's series apart in equal.",
)
def the_graver_mutes_the_milder(material: Material) -> Iterator[Said]:
    muted = {(source.said, target.said) for _, source, target in material.muting}
    for milder in material.alerts:
        for graver in material.alerts:
            if milder.name == graver.name and 0 < milder.rank < graver.rank and (graver.said, milder.said) not in muted:
                yield Said(f"{graver.said} does not mute {milder.said}", ("inhibit_rules",))
