"""What a deployment would change, and what becomes of the alerts that are active now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rules.deploy.loaded import Active, Group, Rule, Running

Fate = Literal["starts over", "resolves", "may change"]
_FIELDS = {"expression": "expression", "annotations": "annotations", "after": "for", "hold": "keep_firing_for"}


@dataclass(frozen=True, slots=True)
class Change:
    """``sign`` is +, - or ~; ``what`` says which fields differ."""

    file: str
    group: str
    sign: str
    name: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    fate: Fate
    active: Active
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """``files`` are those whose text differs, with their new text, None for one that goes."""

    files: Mapping[str, str | None]
    changes: tuple[Change, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    orphans: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not self.files and not self.changes

    @property
    def disturbed(self) -> list[Consequence]:
        """Alerts whose state is lost."""
        return [each for each in self.consequences if each.fate != "may change"]


def differing(present: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str | None]:
    """Return the files to write, and, as None, those to remove."""
    gone: dict[str, str | None] = dict.fromkeys(sorted(present.keys() - wanted.keys()))
    return {**{name: text for name, text in sorted(wanted.items()) if present.get(name) != text}, **gone}


def plan(
    files: Mapping[str, str | None], wanted: Sequence[Group], now: Running, version: tuple[int, int] = (0, 0)
) -> Plan:
    changes = tuple(_changes(wanted, now.groups))
    kept = {rule.name for group in wanted for rule in group.rules}
    gone = {rule.name for group in now.groups for rule in group.rules if not rule.is_alert} - kept
    return Plan(
        files, changes, tuple(_consequences(wanted, now.active, version)), tuple(sorted(gone & now.read_elsewhere))
    )


def _changes(wanted: Sequence[Group], present: Sequence[Group]) -> Iterator[Change]:
    before = {(group.file, group.name): group for group in present}
    after = {(group.file, group.name): group for group in wanted}
    for file, name in sorted(before.keys() | after.keys()):
        old, new = before.get((file, name)), after.get((file, name))
        if old == new:
            continue
        if old is not None and new is not None:
            yield from _within(old, new)
            continue
        group = new or old
        assert group is not None
        sign = "-" if new is None else "+"
        yield Change(file, name, sign, "the group", f"{len(group.rules)} rules")
        yield from (Change(file, name, sign, rule.said) for rule in group.rules)


def _within(old: Group, new: Group) -> Iterator[Change]:
    """Yield what differs between two groups; rules of one identity are compared in their order, as Prometheus does."""
    if (old.interval, old.limit) != (new.interval, new.limit):
        yield Change(
            new.file,
            new.name,
            "~",
            "the group",
            f"interval {old.interval:g} s -> {new.interval:g} s, limit {new.limit}",
        )
    waiting = list(old.rules)
    met = []
    for rule in new.rules:
        match = next((each for each in waiting if each.identity == rule.identity), None)
        if match is None:
            yield Change(new.file, new.name, "+", rule.said)
            continue
        waiting.remove(match)
        met.append(match)
        if match != rule:
            yield Change(new.file, new.name, "~", rule.said, _differences(match, rule))
    yield from (Change(old.file, old.name, "-", rule.said) for rule in waiting)
    if met != [rule for rule in old.rules if rule in met]:
        yield Change(new.file, new.name, "~", "the group", "its rules are evaluated in another order")


def _differences(old: Rule, new: Rule) -> str:
    return ", ".join(word for name, word in _FIELDS.items() if getattr(old, name) != getattr(new, name))


def _consequences(wanted: Sequence[Group], active: Sequence[Active], version: tuple[int, int]) -> Iterator[Consequence]:
    kept = {(group.file, group.name, rule.identity): rule for group in wanted for rule in group.rules}
    for each in active:
        new = kept.get((each.group.file, each.group.name, each.rule.identity))
        if new is None:
            yield _lost(wanted, each)
        elif (3, 0) <= version < (3, 11) and each.state == "firing" and new.after > each.rule.after:
            # Mended in 3.11.
            yield Consequence("starts over", each, "before Prometheus 3.11 a longer `for` makes it pending again")
        elif new.expression != each.rule.expression:
            yield Consequence("may change", each, "it stays as it is if the new expression still yields these labels")


def _lost(wanted: Sequence[Group], active: Active) -> Consequence:
    """Say what becomes of an alert whose rule is not where it was, with the labels that it had."""
    successors = [
        (group, rule) for group in wanted for rule in group.rules if rule.name == active.rule.name and rule.is_alert
    ]
    if not successors:
        return Consequence("resolves", active, "its rule is removed")
    for group, rule in successors:
        if rule.labels == active.rule.labels:
            place = f"{active.group.file}/{active.group.name} -> {group.file}/{group.name}"
            return Consequence("starts over", active, f"its rule moves: {place}")
    here = [rule for group, rule in successors if (group.file, group.name) == (active.group.file, active.group.name)]
    # A rung of a ladder that goes, while others stay, is gone.
    return Consequence("starts over", active, _relabelled(active.rule, here or [rule for _, rule in successors]))


def _relabelled(old: Rule, candidates: Sequence[Rule]) -> str:
    nearest = min(candidates, key=lambda rule: len(set(rule.labels) ^ set(old.labels)))
    before, after = dict(old.labels), dict(nearest.labels)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    said = ", ".join(f"{name} {before.get(name, 'none')} -> {after.get(name, 'none')}" for name in names)
    return f"its labels change: {said}"


def with_interval(groups: Sequence[Group], interval: float) -> tuple[Group, ...]:
    """Return groups with the server's interval where they have none."""
    return tuple(group if group.interval else replace(group, interval=interval) for group in groups)
