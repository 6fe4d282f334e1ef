"""A server as far as routing goes: who hears of an alert at a moment, beside others that fire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from alertmanager.emitted import Emitted
from alertmanager.matchers import Matcher
from alertmanager.simulation import hours
from alertmanager.simulation.muting import Inhibition, inhibitions
from alertmanager.simulation.tree import Route, taken, told_apart, tree

Labels = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Server:
    """``document`` is a configuration that was read. What is wrong with it raises MatcherError or IntervalError."""

    document: Mapping[str, Any]

    @cached_property
    def tree(self) -> Route:
        return tree(self.document["route"])

    @cached_property
    def inhibitions(self) -> tuple[Inhibition, ...]:
        return inhibitions(self.document.get("inhibit_rules") or ())

    @cached_property
    def intervals(self) -> dict[str, list[Mapping[str, Any]]]:
        """Time intervals by name; ``mute_time_intervals`` at the top is the old key."""
        both = (self.document.get(key) or () for key in ("time_intervals", "mute_time_intervals"))
        return {str(each["name"]): list(each.get("time_intervals") or ()) for some in both for each in some}

    @cached_property
    def integrations(self) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
        """What each receiver does, as pairs such as ``("slack", {...})``."""
        return {
            str(each["name"]): [
                (key.removesuffix("_configs"), one)
                for key, several in each.items()
                if key.endswith("_configs")
                for one in several or ()
            ]
            for each in self.document.get("receivers") or ()
        }

    def ways(self, alert: Emitted) -> list[tuple[Labels, list[Route]]]:
        """Return the routes that an alert takes, with each value of the labels that routes tell apart."""
        if alert not in self._ways:
            self._ways[alert] = [(labels, taken(self.tree, labels)) for labels in alert.variants(self.told_apart)]
        return self._ways[alert]

    @cached_property
    def _ways(self) -> dict[Emitted, list[tuple[Labels, list[Route]]]]:
        return {}

    def holding(self, moment: datetime) -> frozenset[str]:
        """Return the names of the time intervals that an aware moment is in."""
        return frozenset(name for name, parts in self.intervals.items() if hours.within(parts, moment))

    def muting(self, alert: Labels, firing: Iterable[Labels]) -> list[tuple[Inhibition, Labels]]:
        """Return what mutes an alert, and by which inhibition."""
        return [(each, source) for each in self.inhibitions for source in firing if each.mutes(source, alert)]

    def heard(self, alert: Labels, holding: frozenset[str], firing: Iterable[Labels] = ()) -> tuple[str, ...]:
        """Return the receivers that are told of an alert while some time intervals hold and others fire."""
        if self.muting(alert, firing):
            return ()
        return tuple(route.receiver for route in taken(self.tree, alert) if not quiet(route, holding))

    @cached_property
    def told_apart(self) -> dict[str, set[str]]:
        """Values that the routes' matchers name, by label."""
        matchers: list[Matcher] = [each for route in self.tree.walk() for each in route.matchers]
        return told_apart(matchers)


def quiet(route: Route, holding: frozenset[str]) -> bool:
    """Say whether a route is silent while some time intervals hold."""
    return bool(holding.intersection(route.mute)) or bool(route.active and not holding.intersection(route.active))
