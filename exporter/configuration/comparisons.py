"""What a window is compared with beside the reference: itself some time ago, such as a day or a week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PlainValidator

from exporter.configuration.refusal import Fault
from exporter.configuration.sections import Section
from exporter.configuration.values import duration_of, written
from exporter.configuration.windows import CANDIDATES, Window
from exporter.durations import format_duration

PREVIOUS = "window"
# Slices of what is long ago need not be as fine as those of now: about so many a window.
_SLICES = 4


def _distance(value: object) -> int | None:
    return None if value == PREVIOUS else duration_of(value)


_Distance = Annotated[int | None, PlainValidator(_distance, json_schema_input_type=str)]


class Comparison(Section):
    """A reference that moves along: the same window earlier, once or several times over, added up."""

    back: _Distance
    """How long ago: `24h` compares with the same hours, `7d` with the same weekday, `window` with the period before."""
    times: Annotated[int, Field(ge=1, le=60)] = written(1)
    """So many windows are added up, each one `back` before the other: several days or weeks vary less than one."""


@dataclass(frozen=True, slots=True)
class Past:
    """The windows that a window is compared with under a name, the newest first."""

    name: str
    windows: tuple[Window, ...]


def pasts_of(window: Window, comparisons: Mapping[str, Comparison], windows: Iterable[Window]) -> tuple[Past, ...]:
    """Return what one of the judged ``windows`` is compared with."""
    steps = {each.step for each in windows if each.step}
    return tuple(_past(name, window, comparison, steps) for name, comparison in comparisons.items())


def _past(name: str, window: Window, comparison: Comparison, steps: set[int]) -> Past:
    assert window.length is not None  # only windows of time are judged
    back = comparison.back or window.length
    step = _step(window.length, back, window.step, steps)
    behind = (back * times for times in range(1, comparison.times + 1))
    return Past(name, tuple(Window(name, window.length, step, behind=each) for each in behind))


def _step(length: int, back: int, least: int, steps: set[int]) -> int:
    """Return the coarsest step for past windows that nests with those of all others."""
    fitting = [
        step
        for step in CANDIDATES
        if least <= step <= max(length // _SLICES, least)
        and length % step == 0
        and back % step == 0
        and all(step % other == 0 or other % step == 0 for other in steps)
    ]
    return max(fitting, default=least)


def comparison_faults(windows: Iterable[Window], comparisons: Mapping[str, Comparison]) -> Iterable[Fault]:
    """Yield what is wrong with comparisons of the judged ``windows``."""
    for name, comparison in comparisons.items():
        for window in windows:
            assert window.length is not None  # only windows of time are judged
            if comparison.back is not None and (comparison.back < window.length or comparison.back % window.step):
                text = f"{format_duration(comparison.back)} back, a window of {window.name} would meet itself"
                if comparison.back >= window.length:
                    text = f"{format_duration(comparison.back)} is no multiple of {window.name}'s step"
                hint = f"use window, or a multiple of {format_duration(window.step)} from {window.name} on"
                yield Fault(text, hint, (name, "back"))
