"""When an alert is pending and when it fires, as Prometheus' documentation tells of ``for`` and ``keep_firing_for``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from rules.rule import Alert
from rules.testing.specification import Fires

_MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440, "w": 10_080}


class State(Enum):
    """``UNSURE``: at that moment either of two may be."""

    NONE = "none"
    PENDING = "pending"
    FIRING = "firing"
    UNSURE = "unsure"


def minutes(duration: str) -> float:
    """Return a duration in minutes.

    >>> minutes("1h30m"), minutes("")
    (90.0, 0.0)
    """
    return float(sum(int(number) * _MINUTES[unit] for number, unit in re.findall(r"(\d+)([smhdw])", duration)))


@dataclass(frozen=True, slots=True)
class Timeline:
    """The states of one alert that is due, in evaluations every ``step`` minutes; ``after`` and ``hold`` are in minutes."""

    fires: Fires
    after: int
    hold: int
    step: int

    def at(self, minute: int) -> State:
        first, last = self.fires.starts
        ends = self.fires.ends or (10**9, 10**9)
        is_long_enough = last + self.after < ends[0]
        hold = self.hold if is_long_enough else 0
        changes = (
            (0, State.NONE),
            (first, State.UNSURE),
            *([(last, State.PENDING)] if self.after else []),
            *([(first + self.after, State.UNSURE), (last + self.after, State.FIRING)] if is_long_enough else []),
            (ends[0] + hold, State.UNSURE),
            (ends[1] + hold, State.NONE),
        )
        return [state for since, state in changes if since <= minute][-1]

    def moments(self) -> Iterator[int]:
        """Yield the minutes at which a mistake would show, just before and just after something changes."""
        first, last = self.fires.starts
        yield from (first - self.step, last, first + self.after - self.step, last + self.after)
        if self.fires.ends is not None:
            begins, ends = self.fires.ends
            yield from (begins - self.step, begins, begins + self.hold - self.step, ends, ends + self.hold)


def timeline(alert: Alert, fires: Fires, step: int) -> Timeline:
    return Timeline(fires, _rounded(minutes(alert.after), step), _rounded(minutes(alert.hold), step), step)


def _rounded(duration: float, step: int) -> int:
    """Return a duration as it is seen by evaluations: the next one."""
    return int(-(-duration // step) * step)
