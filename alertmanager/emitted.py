"""The alerts that the rules bring forth, with the labels by which they are routed, grouped and muted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path

from rules.lint.material import Material
from rules.lint.rule_file import read
from rules.rule import NO_SEVERITY

RULES = Path(__file__).parents[1] / "rules" / "generated"
# From the least to the gravest.
SEVERITIES = (NO_SEVERITY, "info", "warning", "critical", "emergency")
PAGES = frozenset({"critical", "emergency"})
_ALWAYS = frozenset({"alertname"})
# What matchers tell apart, and any other value.
OTHER = "another"
_SHOWN = 3

Labels = dict[str, str]


def listed(names: Iterable[str]) -> str:
    """Return some names for a message.

    >>> listed(["a", "b", "a", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    several = list(dict.fromkeys(names))
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return ", ".join(several[:_SHOWN]) + more


@dataclass(frozen=True, eq=False)
class Emitted:
    """One alert of one severity. Every such alert has the ``certain`` labels, and may have the ``possible`` ones; ``values``
    are all that a label can have, where that is known; ``key`` tells any two of them apart."""

    name: str
    severity: str
    certain: frozenset[str]
    possible: frozenset[str]
    values: Mapping[str, frozenset[str]]
    key: frozenset[str] = frozenset()
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def category(self) -> str:
        return self.value("category")

    @property
    def rank(self) -> int:
        """How grave it is; -1 if its severity is unknown."""
        return SEVERITIES.index(self.severity) if self.severity in SEVERITIES else -1

    @property
    def pages(self) -> bool:
        return self.severity in PAGES

    @property
    def said(self) -> str:
        return f"{self.name} ({self.severity})"

    def value(self, label: str) -> str:
        """Return the label's only value, or the first of several; "" if it cannot have it."""
        if label not in self.possible:
            return ""
        return min(self.values.get(label) or {f"some-{label}"})

    def labels(self, *, least: bool = False) -> Labels:
        """Return an alert's labels: all that it may have, or the certain ones only."""
        return dict(self._least if least else self._most)

    @cached_property
    def _most(self) -> Labels:
        return {label: self.value(label) for label in sorted(self.possible)}

    @cached_property
    def _least(self) -> Labels:
        return {label: self.value(label) for label in sorted(self.certain)}

    def variants(self, told_apart: Mapping[str, Iterable[str]]) -> Iterator[Labels]:
        """Yield alerts with each value that matchers tell apart, with another one, and without the label if it may lack."""
        base = self.labels()
        free = [label for label in sorted(told_apart) if label in self.possible and label not in _ALWAYS]
        for chosen in product(*(self._choices(label, told_apart[label]) for label in free)):
            yield {
                **base,
                **{label: value for label, value in zip(free, chosen, strict=True) if value},
            } | dict.fromkeys([label for label, value in zip(free, chosen, strict=True) if not value], "")

    def _choices(self, label: str, values: Iterable[str]) -> list[str]:
        known = self.values.get(label)
        found = sorted(known) if known else [*sorted({value for value in values if value}), OTHER]
        return found if label in self.certain else [*found, ""]


def emitted(folder: Path = RULES) -> tuple[Emitted, ...]:
    """Read the alerts of rule files. Raises OSError."""
    material = Material([read(path) for path in sorted(folder.glob("*.y*ml"))])
    found = []
    for rule in material.alerts:
        flow = material.labels(rule)
        fixed = {"alertname": frozenset({rule.name})}
        found.append(
            Emitted(
                rule.name,
                rule.severity,
                flow.certain | _ALWAYS,
                flow.possible | _ALWAYS,
                {**flow.values, **fixed},
                flow.key - _ALWAYS,
                rule.annotations,
            )
        )
    return tuple(found)
