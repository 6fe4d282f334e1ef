"""A check of the configuration: what it looks for, why that matters, how it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from alertmanager.lint.material import Material
from alertmanager.simulation.invariants import Broken
from alertmanager.simulation.tree import Place
from rules.lint import checking
from rules.lint.finding import Finding, Level


@dataclass(frozen=True, slots=True)
class Said:
    """A message, the place in the document that it is about, and its level where that is not the check's own."""

    text: str
    place: Place = ()
    level: Level | None = None


Run = Callable[[Material], Iterable[Said | Broken]]


Check = checking.Check[Material]


def _findings(run: Run) -> Callable[[Check, Material], Iterator[Finding]]:
    def found(check: Check, material: Material) -> Iterator[Finding]:
        for each in dict.fromkeys(run(material)):
            level = (each.level if isinstance(each, Said) else None) or check.level
            line = material.source.line(each.place)
            yield Finding(str(material.source.path), line, check.code, level, each.text, _about(each.place, material))

    return found


def _about(place: Place, material: Material) -> str:
    """Return the name of the receiver or interval that a place is in, "" elsewhere."""
    if len(place) > 1 and place[0] in ("receivers", "time_intervals", "mute_time_intervals"):
        several = material.document.get(str(place[0]))
        if isinstance(several, list) and isinstance(several[int(place[1])], dict):
            return str(several[int(place[1])].get("name", ""))
    return ""


def check(code: str, level: Level, title: str, *, why: str, mend: str, basic: bool = False) -> Callable[[Run], Check]:
    """Make a check of a function of all that is linted."""
    return lambda run: checking.Check(code, level, title, why, mend, _findings(run), basic)
