"""The tree of routes: which of them an alert takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alertmanager.matchers import Matcher, all_match, equal, parsed

Place = tuple[str | int, ...]
"""Where something stands in the document: keys and positions from the top."""


@dataclass(frozen=True, eq=False)
class Route:
    """``receiver``, ``group_by`` and the three times are the parents' where a route does not say its own; the names of time
    intervals never are."""

    place: Place
    matchers: tuple[Matcher, ...]
    receiver: str
    group_by: tuple[str, ...]
    times: Mapping[str, str]
    goes_on: bool = False
    mute: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    routes: tuple[Route, ...] = field(default=())

    def takes(self, labels: Mapping[str, str]) -> bool:
        return all_match(self.matchers, labels)

    def walk(self) -> Iterator[Route]:
        """Yield this route and all below it."""
        yield self
        for child in self.routes:
            yield from child.walk()

    @property
    def said(self) -> str:
        return "{" + ", ".join(map(str, self.matchers)) + "}" if self.matchers else "the root"


# As Alertmanager fills them in.
TIMES = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}


def tree(data: Mapping[str, Any], parent: Route | None = None, place: Place = ("route",)) -> Route:
    """Read a route and all below it. Raises MatcherError, and KeyError for a root without a receiver."""
    times = dict(parent.times) if parent else dict(TIMES)
    times.update({name: str(data[name]) for name in TIMES if data.get(name) is not None})
    own = Route(
        place,
        tuple(matchers_of(data)),
        str(data["receiver"] if parent is None else data.get("receiver") or parent.receiver),
        # In 0.25 an empty list is none.
        tuple(map(str, data.get("group_by") or (parent.group_by if parent else ()))),
        times,
        bool(data.get("continue")),
        tuple(map(str, data.get("mute_time_intervals") or ())),
        tuple(map(str, data.get("active_time_intervals") or ())),
    )
    children = [tree(child, own, (*place, "routes", number)) for number, child in enumerate(data.get("routes") or ())]
    return Route(**{**vars(own), "routes": tuple(children)})


def matchers_of(data: Mapping[str, Any], side: str = "") -> Iterator[Matcher]:
    """Yield the matchers of a route, or of one side (``source_``, ``target_``) of an inhibition, in the old forms as well."""
    yield from (parsed(str(text)) for text in data.get(f"{side}matchers") or ())
    for key, value in (data.get(f"{side}match") or {}).items():
        yield parsed(equal(str(key), str(value)))
    for key, value in (data.get(f"{side}match_re") or {}).items():
        yield Matcher(str(key), "=~", str(value))


def taken(route: Route, labels: Mapping[str, str]) -> list[Route]:
    """Return the routes that an alert takes; none if not even this one is for it."""
    if not route.takes(labels):
        return []
    found: list[Route] = []
    for child in route.routes:
        below = taken(child, labels)
        found += below
        if below and not child.goes_on:
            break
    return found or [route]


def told_apart(matchers: Sequence[Matcher]) -> dict[str, set[str]]:
    """Return the values that matchers name, by label."""
    found: dict[str, set[str]] = {}
    for each in matchers:
        found.setdefault(each.label, set()).update(each.value.split("|") if "~" in each.operator else [each.value])
    return found
