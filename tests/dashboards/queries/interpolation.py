"""What Grafana makes of a query before it sends it, by its documentation: intervals, and variables in all their formats.

``dashboards.lint.interpolation`` puts in what makes a query readable; this puts in what was chosen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

ALL = "$__all"
_NAME = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")
_REGEX = re.compile(r"[$^*{}\[\]'+?.()|]")
_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_PIXELS = 1600
"""Of the 24 columns together."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen for a variable. ``several``: it may have more than one value; ``all_value`` stands for all of them."""

    values: tuple[str, ...]
    several: bool = False
    all_value: str = ""

    @property
    def is_all(self) -> bool:
        return self.values == (ALL,)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a board shows, and how far apart a panel's points are (seconds)."""

    start: float
    end: float
    step: float
    scrape: float

    @property
    def macros(self) -> dict[str, str]:
        length = self.end - self.start
        rate = max(self.step + self.scrape, 4 * self.scrape)
        return {
            "__interval": f"{self.step:g}s",
            "__interval_ms": f"{1000 * self.step:.0f}",
            "__rate_interval": f"{rate:g}s",
            "__range": f"{length:.0f}s",
            "__range_s": f"{length:.0f}",
            "__range_ms": f"{1000 * length:.0f}",
        }


def span(start: float, end: float, columns: int, scrape: float) -> Span:
    """Return the span of a panel that is so many of 24 columns wide.

    >>> span(0, 86400, 24, 15).macros["__rate_interval"]
    '75s'
    """
    wanted = (end - start) / (_PIXELS * columns / 24)
    nearest = min(_STEPS, key=lambda step: abs(math.log(step / wanted)))
    return Span(start, end, max(nearest, scrape), scrape)


def query(text: str, choices: Mapping[str, Choice], macros: Mapping[str, str]) -> str:
    """Return a query of Prometheus.

    >>> query('x{a="$a",b=~"$b"}', {"a": Choice(("1.5",)), "b": Choice(("p.q", "r"), several=True)}, {})
    'x{a="1.5",b=~"(p\\\\\\\\.q|r)"}'
    >>> query('x{b=~"${b}"}[$__range]', {"b": Choice((ALL,), several=True, all_value=".*")}, {"__range": "60s"})
    'x{b=~".*"}[60s]'
    """

    def one(match: re.Match[str]) -> str:
        name, form = match[1] or match[3], match[2]
        if name in macros:
            return macros[name]
        return formatted(name, choices[name], form) if form else _in_query(choices[name])

    return _NAME.sub(one, text)


def words(text: str, choices: Mapping[str, Choice]) -> str:
    """Return a title or a legend; several values are ``{a,b}``."""
    return _NAME.sub(lambda match: formatted(match[1] or match[3], choices[match[1] or match[3]], match[2]), text)


def formatted(name: str, choice: Choice, form: str | None) -> str:
    """Return a choice in one of the formats that are written behind a colon; none: as in a text.

    >>> formatted("m", Choice(("a b", "c"), several=True), "queryparam")
    'var-m=a%20b&var-m=c'
    """
    if form == "queryparam":
        return "&".join(f"var-{name}={_quoted(value)}" for value in choice.values)
    if form is not None:
        raise ValueError(f"format {form} is not known here")
    values = choice.values if not choice.is_all else ("All",)
    return values[0] if len(values) == 1 else "{" + ",".join(values) + "}"


def _in_query(choice: Choice) -> str:
    if choice.is_all:
        return choice.all_value
    if not choice.several:
        (value,) = choice.values
        return value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = [_REGEX.sub(r"\\\\\g<0>", value.replace("\\", "\\\\\\\\")) for value in choice.values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _quoted(value: str) -> str:
    return quote(value, safe="$_-.!~*'()")
