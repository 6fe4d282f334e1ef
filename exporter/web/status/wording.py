"""Figures as people read them."""

from __future__ import annotations

import math
from collections.abc import Callable

from exporter.durations import format_timestamp
from exporter.web.status.markup import Html, element

_MINUS, _TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
NONE = "\N{EN DASH}"
"""What stands where there is no figure."""
_LONGEST_NAME = 120
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def number(value: float) -> str:
    """Return a number with as many digits as help: three of a fraction, all of a whole number."""
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    if value == int(value) or abs(value) >= 1000:
        # Thin spaces, which do not break.
        return f"{value:,.0f}".replace(",", "\u202f").replace("-", _MINUS)
    text = f"{value:.3g}" if abs(value) >= 1 or abs(value) < 0.001 else f"{value:.3f}"
    return text.replace("-", _MINUS, 1) if text.startswith("-") else text


def share(value: float) -> str:
    """Return a ratio in percent."""
    percent = 100 * value
    nearly = min(abs(percent), abs(100 - percent)) < 1 and percent not in {0, 100}
    text = f"{percent:.2f}" if nearly else f"{percent:.1f}"
    return text.rstrip("0").rstrip(".").replace("-", _MINUS) + "\u00a0%"


def seconds(value: float) -> str:
    """Return a length of time, its two largest units at most."""
    if value < 1:
        return f"{1000 * value:.3g}\u00a0ms"
    if value < 10:
        return f"{value:.2g}\u00a0s"
    rest, parts = round(value), list[str]()
    for size, unit in _UNITS:
        many, rest = divmod(rest, size)
        if many or parts:
            parts.append(f"{many}\u00a0{unit}" if many else "")
    return " ".join(part for part in parts[:2] if part)


def ago(moment: float, now: float) -> str:
    """Return how long before ``now`` a moment was, both in seconds since the epoch."""
    if abs(now - moment) < 1:
        return "just now"
    return f"{seconds(now - moment)} ago" if now > moment else f"in {seconds(moment - now)}"


def since(moment: float, now: float) -> Html:
    """Return the same with the moment itself behind it, for who points at it."""
    try:
        stamp = format_timestamp(int(moment) * 1_000_000)
    except ValueError:  # outside the years that have a name
        return element("span", "at no time there is")
    return element("time", ago(moment, now), datetime=stamp, title=stamp)


def times(multiple: float) -> str:
    """Return a multiple.

    >>> times(0.123), times(12.34), times(float("inf"))
    ('0.12×', '12.3×', '∞×')
    """
    if not math.isfinite(multiple):
        return f"∞{_TIMES}"
    digits = 0 if multiple >= 100 else 1 if multiple >= 10 else 2
    return f"{multiple:.{digits}f}{_TIMES}"


def known(value: float | None, form: Callable[[float], str] = number) -> str:
    """Return a figure in some form, if there is one."""
    return NONE if value is None else form(value)


def many(count: float, one: str, several: str = "") -> str:
    """Return a number of things."""
    return f"{number(count)}\u00a0{one if count == 1 else several or one + 's'}"


def cut(name: str) -> str:
    """Return a name that somebody else chose, no longer than can be read."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def named(name: str) -> Html:
    """Return such a name as an element, whose direction does not spill over."""
    return element("bdi", cut(name))
