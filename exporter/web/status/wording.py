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
# From here on nobody counts digits.
_LONGEST_WHOLE = 1e15
# More of an objective or a share than this is all of it.
_MOST_DIGITS = 9
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def number(value: float) -> str:
    """Return a number with as many digits as help: three of a fraction, all of a whole number."""
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    is_whole = value == int(value) or abs(value) >= 1000
    if is_whole and abs(value) < _LONGEST_WHOLE:
        # Thin spaces, which do not break.
        return f"{value:,.0f}".replace(",", "\u202f").replace("-", _MINUS)
    text = f"{value:.3f}" if 0.001 <= abs(value) < 1 else f"{value:.3g}"
    return text.replace("-", _MINUS, 1) if text.startswith("-") else text


def share(value: float) -> str:
    """Return a ratio in percent. What is nearly all or nearly nothing has as many digits as it takes to tell.

    >>> share(0.123), share(0.99999), share(1)
    ('12.3\\xa0%', '99.999\\xa0%', '100\\xa0%')
    """
    percent = 100 * value
    # The distance to the next of the two, of which two digits are to be seen.
    near = min(abs(value), abs(1 - value))
    digits = 1 if not 0 < near < 0.01 else min(max(-math.floor(math.log10(near)) - 1, 2), _MOST_DIGITS)
    text = f"{percent:.{digits}f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text.replace("-", _MINUS)) + "\u00a0%"


def seconds(value: float) -> str:
    """Return a length of time, its two largest units at most."""
    if not math.isfinite(value):
        return number(value)
    if value < 0.9995:
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
    except (ValueError, OverflowError):  # outside the years that have a name
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
