"""Windows and the grid on which each of them moves.

A window's end is floored to its step. Steps divide the day, so that midnight UTC lies on every grid;
they divide the window's length, so that a window is a whole number of panes; and each divides the
next longer window's step, so that one set of panes serves all windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.configuration.refusal import Fault
from exporter.durations import UNITS, format_duration

_SECOND, _MINUTE, _HOUR, DAY = UNITS["s"], UNITS["m"], UNITS["h"], UNITS["d"]
CANDIDATES = (
    *(number * _SECOND for number in (1, 2, 5, 10, 15, 30)),
    *(number * _MINUTE for number in (1, 2, 5, 10, 15, 30)),
    *(number * _HOUR for number in (1, 2, 3, 6, 12)),
    DAY,
)
STEPS_PER_WINDOW = 60


@dataclass(frozen=True, slots=True)
class StatedWindow:
    """A window as the configuration states it: ``length`` is None for ``all``, ``step`` if none is given."""

    name: str
    length: int | None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A window with its grid, in microseconds; ``all`` has no length and the step 0."""

    name: str
    length: int | None
    step: int


def default_step(length: int, longer_step: int = DAY) -> int:
    """Return the round duration nearest to a sixtieth of the length that fits every grid.

    "Nearest" is by ratio; of two that are equally near, the smaller. ``length`` and ``longer_step``
    (the step of the next longer window) are whole seconds in microseconds.

    >>> [format_duration(default_step(hours * _HOUR)) for hours in (1, 24, 168, 720)]
    ['1m', '30m', '3h', '12h']
    """
    fitting = [step for step in CANDIDATES if length % step == 0 and longer_step % step == 0]
    return min(fitting, key=lambda step: (_ratio(step * STEPS_PER_WINDOW, length), step))


def with_steps(stated: Sequence[StatedWindow]) -> tuple[tuple[Window, ...], tuple[Fault, ...]]:
    """Give every window its step, from the longest to the shortest, and say which ones cannot be.

    The windows come back sorted by length, ``all`` last. A fault's ``at`` is the index in ``stated``;
    a window with a fault is left out.
    """
    faults = [*_repeated(stated)]
    refused = {fault.at[0] for fault in faults}
    order = [index for index in range(len(stated)) if index not in refused]
    windows: list[Window] = []
    longer: Window | None = None
    for index in sorted(order, key=lambda index: _sort_key(stated[index]), reverse=True):
        window = stated[index]
        fault = _fault(window, longer)
        if fault:
            faults.append(fault._replace(at=(index, *fault.at)))
            continue
        windows.append(_resolved(window, longer))
        longer = windows[-1] if window.length is not None else longer
    return tuple(reversed(windows)), tuple(faults)


def _repeated(stated: Sequence[StatedWindow]) -> list[Fault]:
    first: dict[int | None, str] = {}
    faults = []
    for index, window in enumerate(stated):
        if window.length in first:
            other = first[window.length]
            same = "is there twice" if other == window.name else f"is as long as {other}"
            faults.append(Fault(f"the window {window.name} {same}", "keep one of them", (index,)))
        first.setdefault(window.length, window.name)
    return faults


def _fault(window: StatedWindow, longer: Window | None) -> Fault | None:
    if window.length is None:
        return Fault("the window all has no step", "take the step out", ("step",)) if window.step is not None else None
    if window.length < _SECOND or window.length % _SECOND:
        return Fault(f"a window of {window.name} is not possible", "use whole seconds, at least 1s")
    return None if window.step is None else _step_fault(window.name, window.length, window.step, longer)


def _step_fault(name: str, length: int, step: int, longer: Window | None) -> Fault | None:
    if step < _SECOND or step % _SECOND:
        return Fault("a step is whole seconds, at least 1s", _step_hint(length, longer), ("step",))
    wholes = [(length, f"the window of {name}"), (DAY, "the day")]
    wholes += (
        [(longer.step, f"the step {format_duration(longer.step)} of the longer window {longer.name}")] if longer else []
    )
    for whole, what in wholes:
        if whole % step:
            text = f"the step {format_duration(step)} does not divide {what}"
            return Fault(text, _step_hint(length, longer), ("step",))
    return None


def _step_hint(length: int, longer: Window | None) -> str:
    return f"{format_duration(default_step(length, longer.step if longer else DAY))} would do"


def _resolved(window: StatedWindow, longer: Window | None) -> Window:
    if window.length is None:
        return Window(window.name, None, 0)
    step = default_step(window.length, longer.step if longer else DAY) if window.step is None else window.step
    return Window(window.name, window.length, step)


def _sort_key(window: StatedWindow) -> tuple[bool, int]:
    return window.length is None, window.length or 0


def _ratio(one: int, other: int) -> float:
    return max(one, other) / min(one, other)
