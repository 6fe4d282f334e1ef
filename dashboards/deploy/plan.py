"""What a deployment would change of a Grafana's dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff

from dashboards.deploy.content import text_of
from dashboards.deploy.entry import FOLDER, Entry
from dashboards.deploy.seal import is_genuine, seal_of
from rules.deploy.state import Files


@dataclass(frozen=True, slots=True)
class Plan:
    """``edited`` are files that somebody changed by hand or made, with how that is known; ``left`` stay though nobody wants them."""

    files: Files
    edited: Mapping[str, str]
    left: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not self.files


def plan(wanted: Mapping[str, str], present: Mapping[str, str], *, prune: bool) -> Plan:
    """Compare what is wanted with what is there of it, and what is there of earlier deployments."""
    stale = tuple(sorted(present.keys() - wanted.keys()))
    differing = [name for name, text in sorted(wanted.items()) if not _fulfilled(name, text, present.get(name))]
    files = {**{name: wanted[name] for name in differing}, **(dict.fromkeys(stale) if prune else {})}
    edited = {name: _how(present[name]) for name in files if name != FOLDER and name in present}
    return Plan(files, {name: how for name, how in edited.items() if how}, () if prune else stale)


def _fulfilled(name: str, wanted: str, present: str | None) -> bool:
    if present is None or name == FOLDER:
        return present is not None
    return Entry.of(present).fulfils(Entry.of(wanted))


def _how(present: str) -> str:
    """Say why a dashboard is not as we left it, "" if it is."""
    dashboard = Entry.of(present).dashboard
    if is_genuine(dashboard):
        return ""
    if seal_of(dashboard) is None:
        return "was not deployed from here, or its description was rewritten"
    return "was changed in Grafana since it was deployed, or converted by a new version of it"


def lines(found: Plan, present: Mapping[str, str], *, diff: bool) -> Iterator[str]:
    for name, text in found.files.items():
        if name == FOLDER:
            yield f"the folder {'goes, if it is empty' if text is None else 'is made'}"
            continue
        old, new = present.get(name), text
        changes = list(_diff(name, old, new))
        added = sum(each.startswith("+") and not each.startswith("+++") for each in changes)
        removed = sum(each.startswith("-") and not each.startswith("---") for each in changes)
        what = "is made" if old is None else "is removed" if new is None else f"is written (+{added} -{removed} lines)"
        yield f"{name}: {what}{_moved(old, new)}"
        if diff:
            yield from changes
    for name in found.left:
        yield f"{name} is still there, and not in the bundle any more: --prune removes it"


def _moved(old: str | None, new: str | None) -> str:
    if old is None or new is None or Entry.of(old).folder == Entry.of(new).folder:
        return ""
    return f", and moves from folder {Entry.of(old).folder or 'General'} to {Entry.of(new).folder}"


def _diff(name: str, old: str | None, new: str | None) -> Iterator[str]:
    before, after = ([] if text is None else text_of(Entry.of(text).dashboard).splitlines() for text in (old, new))
    return unified_diff(before, after, f"{name} in Grafana", f"{name} to deploy", lineterm="")
