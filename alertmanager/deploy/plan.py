"""What a new configuration changes, and who hears otherwise of the alerts that are active now.

Values are never shown: a configuration that is replaced may hold secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from alertmanager.simulation.tree import Route, taken, tree
from rules.deploy.state import Files

Document = Mapping[str, Any]
Labels = Mapping[str, str]
Told = tuple[str, str]
"""A receiver, and the group under which Alertmanager remembers that it told it."""

_NAMED = {"receivers": "receiver", "time_intervals": "time interval", "mute_time_intervals": "time interval"}
_MOST = 3


@dataclass(frozen=True, slots=True)
class Plan:
    files: Files
    changes: tuple[str, ...] = ()
    consequences: tuple[tuple[str, str], ...] = ()
    """Pairs of an alert and what becomes of it."""
    stale: bool = False
    """Whether the server runs something else than its file says."""

    @property
    def nothing(self) -> bool:
        return not self.files and not self.stale

    def lines(self) -> Iterator[str]:
        for name, text in self.files.items():
            yield f"{name}: {'is removed' if text is None else 'is written'}"
        yield from (f"  {change}" for change in self.changes)
        if self.stale:
            yield "the server runs something else than its file says"
        if self.consequences:
            yield "alerts that are active now:"
        for what, several in groupby(sorted(self.consequences, key=lambda each: each[::-1]), key=lambda each: each[1]):
            names = sorted({name for name, _ in several})
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            yield f"  {', '.join(names[:_MOST])}{more}: {what}"


def changes(old: Document, new: Document) -> Iterator[str]:
    """Yield what differs, by name."""
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if key in _NAMED:
            yield from _named(_NAMED[key], before or (), after or ())
        elif key == "route":
            yield from _routes(before, after)
        elif isinstance(before, list) and isinstance(after, list):
            yield f"~ {key}: {len(before)} -> {len(after)}, {sum(each not in before for each in after)} of them new"
        else:
            yield f"~ {key}"


def _named(what: str, old: Sequence[Document], new: Sequence[Document]) -> Iterator[str]:
    before, after = ({str(each["name"]): each for each in some} for some in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{'+' if name not in before else '-' if name not in after else '~'} {what} {name}"


def _routes(old: Document | None, new: Document | None) -> Iterator[str]:
    before, after = (_keys(tree(each)) if each else {} for each in (old, new))
    old_routes, new_routes = ({key: route for route, key in keys.items()} for keys in (before, after))
    for key in [*old_routes, *(each for each in new_routes if each not in old_routes)]:
        was, is_now = old_routes.get(key), new_routes.get(key)
        if was is None or is_now is None:
            yield f"{'+' if was is None else '-'} route {key}"
        elif _said(was) != _said(is_now):
            yield f"~ route {key}: {', '.join(_differences(was, is_now))}"
    if [key for key in old_routes if key in new_routes] != [key for key in new_routes if key in old_routes]:
        yield "~ routes: in another order"


def _said(route: Route) -> dict[str, object]:
    return {
        "receiver": route.receiver,
        "group_by": route.group_by,
        **route.times,
        "continue": route.goes_on,
        "mute_time_intervals": route.mute,
        "active_time_intervals": route.active,
    }


def _differences(old: Route, new: Route) -> list[str]:
    before, after = _said(old), _said(new)
    return [name for name in after if before[name] != after[name]]


def _keys(root: Route) -> dict[Route, str]:
    """Return the routes with the path of matchers from the root: by it, and a group's labels, notifications are remembered."""
    found = {}

    def walk(route: Route, path: str) -> None:
        own = f"{path}/{route.said}" if path else route.said
        found[route] = own
        for child in route.routes:
            walk(child, own)

    walk(root, "")
    return found


def consequences(old: Document, new: Document, active: Sequence[Labels]) -> Iterator[tuple[str, str]]:
    """Yield the alerts that are told to others, or once more, because of another configuration."""
    before, after = tree(old["route"]), tree(new["route"])
    old_keys, new_keys = _keys(before), _keys(after)
    for labels in active:
        was, becomes = _told(before, old_keys, labels), _told(after, new_keys, labels)
        if was == becomes:
            continue
        name = f"{labels.get('alertname', '')} ({labels.get('severity', 'none')})"
        gained, lost = ({receiver for receiver, _ in some} for some in (becomes, was))
        if gained != lost:
            yield name, f"told to {_listed(gained)} instead of {_listed(lost)}"
        else:
            yield name, f"told to {_listed(gained)} once more: it is in another group"


def _told(root: Route, keys: Mapping[Route, str], labels: Labels) -> frozenset[Told]:
    return frozenset((route.receiver, f"{keys[route]}:{_group(route, labels)}") for route in taken(root, labels))


def _group(route: Route, labels: Labels) -> list[tuple[str, str]]:
    by = labels if "..." in route.group_by else route.group_by
    return sorted((name, labels[name]) for name in by if name in labels)


def _listed(receivers: set[str]) -> str:
    return ", ".join(sorted(receivers)) or "nobody"
