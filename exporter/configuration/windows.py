"""Windows and the grid on which each of them moves.

A window's end is floored to its step. Steps divide the day, so that midnight UTC lies on every grid;
they divide the window's length, so that a window is a whole number of panes; and each divides the
next longer window's step, so that one set of panes serves all windows. A previous window lies on the
grid of the window that it comes before. A window of a number of rows has no grid: it ends with the newest row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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


PREVIOUS = "_previous"


@dataclass(frozen=True, slots=True)
class StatedWindow:
    """A window as the configuration states it: ``step`` is None if none is given.

    ``length`` is None for ``all`` and for a window of a number of ``rows``; ``previous`` asks for the window
    before it as well.
    """

    name: str
    length: int | None
    step: int | None = None
    rows: int | None = None
    previous: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A window with its grid, in microseconds: [t - behind - length, t - behind) for t on the grid.

    ``all`` and a window of the newest ``rows`` have no length and the step 0.
    """

    name: str
    length: int | None
    step: int
    rows: int | None = None
    behind: int = 0

    @property
    def reach(self) -> int | None:
        """How far behind t the window begins, None without a length."""
        return None if self.length is None else self.behind + self.length


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

    The windows come back sorted by length, each with its previous one behind it; then come ``all`` and those of
    a number of rows. A fault's ``at`` is the index in ``stated``; a window with a fault is left out.
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
        resolved = _resolved(window, longer)
        # From the longest to the shortest: what is to come behind is put in before.
        windows += [_before(resolved), resolved] if window.previous else [resolved]
        longer = resolved if window.length is not None else longer
    return tuple(reversed(windows)), tuple(faults)


def _repeated(stated: Sequence[StatedWindow]) -> list[Fault]:
    first: dict[tuple[int | None, int | None], str] = {}
    faults = []
    for index, window in enumerate(stated):
        extent = window.length, window.rows
        if extent in first:
            other = first[extent]
            same = "is there twice" if other == window.name else f"is as long as {other}"
            faults.append(Fault(f"the window {window.name} {same}", "keep one of them", (index,)))
        first.setdefault(extent, window.name)
    return faults


def _fault(window: StatedWindow, longer: Window | None) -> Fault | None:
    if window.length is None:
        return _gridless_fault(window)
    if window.length < _SECOND or window.length % _SECOND:
        return Fault(f"a window of {window.name} is not possible", "use whole seconds, at least 1s")
    return None if window.step is None else _step_fault(window.name, window.length, window.step, longer)


def _gridless_fault(window: StatedWindow) -> Fault | None:
    if window.step is not None:
        return Fault(f"the window {window.name} has no step", "take the step out", ("step",))
    if window.previous:
        return Fault(
            f"the window {window.name} has no previous one", "take it out, or give the window a duration", ("previous",)
        )
    return None


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
        return Window(window.name, None, 0, window.rows)
    step = default_step(window.length, longer.step if longer else DAY) if window.step is None else window.step
    return Window(window.name, window.length, step)


def _before(window: Window) -> Window:
    """Return the window that ends where this one begins."""
    assert window.length is not None  # nothing comes before the others
    return replace(window, name=window.name + PREVIOUS, behind=window.length)


def _sort_key(window: StatedWindow) -> tuple[bool, int, int]:
    return window.length is None, window.rows or 0, window.length or 0


def _ratio(one: int, other: int) -> float:
    return max(one, other) / min(one, other)
