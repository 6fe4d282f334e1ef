"""Drawings as inline SVG: each says in words what it shows, and has its colours from the style sheet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from exporter.figures.spread import Spread
from exporter.web.status.level import Level
from exporter.web.status.markup import Html, element, joined
from exporter.web.status.wording import cut, number, share

# The state's shape can be told without its colour.
_SHAPES = {
    Level.WELL: "M12 2a10 10 0 100 20 10 10 0 000-20zM7.5 12.4l3 3 6-6.6",
    Level.UNKNOWN: "M12 2a10 10 0 100 20 10 10 0 000-20zM8 12h.01M12 12h.01M16 12h.01",
    Level.INFO: "M12 2a10 10 0 100 20 10 10 0 000-20zM12 11v6M12 7h.01",
    Level.WARNING: "M12 3L1.8 20.5h20.4zM12 10v4.5M12 17.5h.01",
    Level.CRITICAL: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM8.5 8.5l7 7M15.5 8.5l-7 7",
    Level.EMERGENCY: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM12 6.5v7M12 17.2h.01",
}
_SMALL = (132.0, 30.0)
_LARGE = (280.0, 84.0)
_ROW = 20.0
_MOST_ROWS = 10
_LONGEST_LABEL = 15


def icon(level: Level) -> Html:
    """Return the shape of a level; what it means is said beside it."""
    path = element("path", d=_SHAPES[level])
    return element("svg", path, class_=f"icon {level.key}", viewBox="0 0 24 24", aria_hidden="true")


class Shares(NamedTuple):
    """A spread in shares: what each bin is called, and its share now and in the reference."""

    names: tuple[str, ...]
    now: tuple[float, ...]
    before: tuple[float, ...]

    @property
    def most_changed(self) -> int:
        return max(range(len(self.names)), key=lambda place: abs(self.now[place] - self.before[place]))


def shares_of(spread: Spread) -> Shares | None:
    """Return the shares of a spread; None without a row on one side, when there are none."""
    rows, before = sum(spread.rows), sum(spread.reference)
    if not rows or not before:
        return None
    names = (*map(cut, spread.names), "all others") if spread.names else _intervals(spread.cuts)
    # Hardly ever is there a category that has no name.
    last = -1 if spread.names and not spread.rows[-1] and not spread.reference[-1] else None
    now = tuple(each / rows for each in spread.rows[:last])
    return Shares(names[:last], now, tuple(each / before for each in spread.reference[:last]))


def _intervals(cuts: Sequence[float]) -> tuple[str, ...]:
    if not cuts:
        return ("any value",)
    inner = (f"{number(low)} to {number(high)}" for low, high in pairwise(cuts))
    return (f"up to {number(cuts[0])}", *inner, f"above {number(cuts[-1])}")


def words(shares: Shares) -> str:
    """Say what a drawing of a distribution shows."""
    place = shares.most_changed
    return (
        f"Distribution over {len(shares.names)} bins. Most changed: {shares.names[place]}, {share(shares.now[place])} now,"
        f" {share(shares.before[place])} in the reference."
    )


def small_distribution(shares: Shares) -> Html:
    """Draw bars for now and a line for the reference, bin by bin."""
    width, height = _SMALL
    return _drawing("spark", (width, height), words(shares), _bars(shares, width, height))


def distribution(spread: Spread, shares: Shares) -> Html:
    """Draw the same larger, with what the bins are."""
    if spread.names and len(shares.names) <= _MOST_ROWS:
        return _rows(shares)
    width, height = _LARGE
    ends = ("", "") if spread.names or not spread.cuts else (number(spread.cuts[0]), number(spread.cuts[-1]))
    step = width / len(shares.names)
    labels = [
        element("text", ends[0], x=_at(step), y=_at(height + 14), text_anchor="middle") if ends[0] else None,
        element("text", ends[1], x=_at(width - step), y=_at(height + 14), text_anchor="middle")
        if len(spread.cuts) > 1
        else None,
    ]
    return _drawing("chart", (width, height + 18), words(shares), _bars(shares, width, height), *labels)


def _bars(shares: Shares, width: float, height: float) -> Html:
    top = max((*shares.now, *shares.before))
    step = width / len(shares.names)
    gap = min(step * 0.15, 3.0)
    scale = (height - 2) / top
    now = "".join(
        f"M{_at(place * step + gap)} {_at(height)}v{_at(-value * scale)}h{_at(step - 2 * gap)}V{_at(height)}z"
        for place, value in enumerate(shares.now)
        if value
    )
    before = "".join(
        f"{'L' if place else 'M'}{_at(place * step)} {_at(height - value * scale)}h{_at(step)}"
        for place, value in enumerate(shares.before)
    )
    return joined((element("path", d=now, class_="now"), element("path", d=before, class_="before")))


def _rows(shares: Shares) -> Html:
    """Draw categories one below the other, each with its name."""
    width, left = _LARGE[0], 100.0
    scale = (width - left) / max((*shares.now, *shares.before))
    return _drawing("chart", (width, _ROW * len(shares.names)), words(shares), *_row_marks(shares, left, scale))


def _row_marks(shares: Shares, left: float, scale: float) -> Iterator[Html]:
    for place, (name, now, before) in enumerate(zip(*shares, strict=True)):
        top = place * _ROW
        short = name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"
        yield element("text", short, x=_at(left - 8), y=_at(top + 14), text_anchor="end")
        yield element("rect", x=_at(left), y=_at(top + 4), width=_at(now * scale), height=_at(_ROW - 8), class_="now")
        line = f"M{_at(left)} {_at(top + 2)}h{_at(before * scale)}v{_at(_ROW - 4)}H{_at(left)}"
        yield element("path", d=line, class_="before")


class Interval(NamedTuple):
    """A figure, the ends of its confidence interval, what it was on the reference, and on which sides it is bad."""

    value: float
    lower: float | None
    upper: float | None
    baseline: float | None
    least: float | None
    most: float | None


def interval(figure: Interval, text: str) -> Html | None:
    """Draw a figure with its interval, a notch for the baseline, and shaded where it would be bad.

    What is endless has no place on an axis and is not drawn.
    """
    width, height, margin = 150.0, 22.0, 6.0
    known = [each for each in figure if each is not None]
    low, high = min(known), max(known)
    spread = (high - low) or abs(high) or 1.0
    if not math.isfinite(1.3 * spread):
        return None
    low -= 0.15 * spread
    scale = (width - 2 * margin) / (1.3 * spread)

    def x(value: float) -> float:
        return margin + (value - low) * scale

    parts = [element("path", d=f"M{margin} {height / 2}H{width - margin}", class_="axis")]
    if figure.least is not None:
        parts.append(
            _shade(0, x(figure.least), height),
        )
    if figure.most is not None:
        parts.append(_shade(x(figure.most), width, height))
    if figure.baseline is not None:
        parts.append(element("path", d=f"M{_at(x(figure.baseline))} 5V17", class_="before"))
    if figure.lower is not None and figure.upper is not None:
        parts.append(element("path", d=f"M{_at(x(figure.lower))} 11H{_at(x(figure.upper))}", class_="range"))
    parts.append(element("circle", cx=_at(x(figure.value)), cy="11", r="4", class_="now"))
    return _drawing("interval", (width, height), text, *parts)


def _shade(left: float, right: float, height: float) -> Html:
    return element("rect", x=_at(left), y="1", width=_at(max(right - left, 0)), height=_at(height - 2), class_="bad")


def meter(filled: float, text: str, level: Level) -> Html:
    """Draw how much is left of something, from 0 to 1."""
    width = 150.0
    bar = element("rect", width=_at(width), height="8", rx="4", class_="track")
    part = min(max(filled, 0.0), 1.0) * width
    return _drawing(
        "interval",
        (width, 8),
        text,
        bar,
        element("rect", width=_at(part), height="8", rx="4", class_=f"fill {level.key}"),
    )


def multiple(value: float, text: str, level: Level) -> Html:
    """Draw a score as a multiple of its threshold, which is the notch in the middle; twice and more fills it all."""
    width = 80.0
    track = element("rect", width=_at(width), height="8", rx="2", class_="track")
    fill = element("rect", width=_at(min(value / 2, 1.0) * width), height="8", rx="2", class_=f"fill {level.key}")
    notch = element("path", d=f"M{_at(width / 2)} -2V10", class_="notch")
    return _drawing("multiple", (width, 8), text, track, fill, notch)


def _drawing(kind: str, size: tuple[float, float], text: str, *parts: Html | None) -> Html:
    view = f"0 0 {_at(size[0])} {_at(size[1])}"
    return element(
        "svg",
        element("title", text),
        parts,
        class_=kind,
        viewBox=view,
        width=_at(size[0]),
        height=_at(size[1]),
        role="img",
    )


def _at(value: float) -> str:
    return f"{value:.1f}"
