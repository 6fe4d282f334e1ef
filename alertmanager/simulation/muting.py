"""Inhibition: what keeps quiet because something else is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alertmanager.matchers import Matcher, all_match
from alertmanager.simulation.tree import matchers_of


@dataclass(frozen=True)
class Inhibition:
    number: int
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def mutes(self, source: Mapping[str, str], target: Mapping[str, str]) -> bool:
        """Say whether one alert that fires mutes another. A label that both lack counts as equal; an alert that is on both
        sides is not muted by one that is, too, so that none mutes itself."""
        if not (all_match(self.source, source) and all_match(self.target, target)):
            return False
        if any(source.get(label, "") != target.get(label, "") for label in self.equal):
            return False
        return not (all_match(self.source, target) and all_match(self.target, source))


def inhibitions(rules: Sequence[Mapping[str, Any]]) -> tuple[Inhibition, ...]:
    """Read the inhibitions of a configuration. Raises MatcherError."""
    return tuple(
        Inhibition(
            number,
            tuple(matchers_of(rule, "source_")),
            tuple(matchers_of(rule, "target_")),
            tuple(map(str, rule.get("equal") or ())),
        )
        for number, rule in enumerate(rules)
    )
