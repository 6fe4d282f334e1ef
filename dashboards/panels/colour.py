"""Colours that mean something, and what may have one: steps of a value, words for it. Series that mean nothing take the palette."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GOOD = "green"
NOTICE = "blue"
WARNING = "orange"
CRITICAL = "red"
EMERGENCY = "purple"
UNKNOWN = "#8e8e8e"
"""Grey: neither good nor bad is known."""
REFERENCE = "#8e8e8e"
"""Of what the current is compared with, on every dashboard."""
CURRENT = "blue"

SEVERITIES: Mapping[str, str] = {"info": NOTICE, "warning": WARNING, "critical": CRITICAL, "emergency": EMERGENCY}


@dataclass(frozen=True, slots=True)
class Steps:
    """A colour from each value on: ``base`` below them all."""

    base: str = GOOD
    above: tuple[tuple[float, str], ...] = ()

    def json(self) -> dict[str, Any]:
        steps = [{"color": self.base, "value": None}, *({"color": colour, "value": at} for at, colour in self.above)]
        return {"mode": "absolute", "steps": steps}


ALL_GOOD = Steps()
NEUTRAL = Steps("text")
"""A figure that is neither good nor bad."""


@dataclass(frozen=True, slots=True)
class Word:
    """What is written in place of a value, and its colour: no state is told by its colour alone."""

    text: str
    colour: str


def mappings(
    words: Mapping[float, Word], unknown: Word | None = None, ranges: Mapping[tuple[float, float], Word] | None = None
) -> list[dict[str, Any]]:
    """Return Grafana's value mappings.

    ``words`` stand for values, ``ranges`` for those from one to another; ``unknown`` for what is not a number, or is not there.
    """
    exact = {f"{value:g}": _result(word, index) for index, (value, word) in enumerate(words.items())}
    found: list[dict[str, Any]] = [{"type": "value", "options": exact}] if exact else []
    if unknown is not None:
        found.append({"type": "special", "options": {"match": "null+nan", "result": _result(unknown, len(exact))}})
    for place, ((low, high), word) in enumerate((ranges or {}).items(), len(exact) + 1):
        found.append({"type": "range", "options": {"from": low, "to": high, "result": _result(word, place)}})
    return found


def _result(word: Word, index: int) -> dict[str, Any]:
    return {"color": word.colour, "index": index, "text": word.text}
