"""Where a p-value passes a level: by halving an interval, with most of the answers known beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable

_SECANTS = 8
_CLOSE = 1e-12
_LEAST = 1e-300

PValue = Callable[[float], float]


def critical_by_halving(p_value: PValue, level: float, high: float, halvings: int) -> float:
    """Return the upper end of the interval from 0 to ``high``, halved so often towards where the p-value passes the level.

    The p-value falls as its argument grows. Only middles that are not known to lie on one side are looked at.
    """
    below, above = _bracket(p_value, level, high)
    low = 0.0
    for _ in range(halvings):
        middle = (low + high) / 2
        exceeds = p_value(middle) > level if below < middle < above else middle <= below
        low, high = (middle, high) if exceeds else (low, middle)
    return high


def _bracket(p_value: PValue, level: float, high: float) -> tuple[float, float]:
    """Return arguments below and above the critical one, near to each other if secants find it.

    The root of a p-value's logarithm is nearly a line, that of a normal tail at least.
    """
    below, above, wanted = 0.0, high, _depth(level)
    before, last = (0.0, 0.0), (high, _depth(p_value(high)))
    for _ in range(_SECANTS):
        rise = last[1] - before[1]
        place = last[0] + (wanted - last[1]) * (last[0] - before[0]) / rise if rise else math.nan
        if not below < place < above:
            place = (below + above) / 2
        found = p_value(place)
        below, above = (place, above) if found > level else (below, place)
        before, last = last, (place, _depth(found))
        if abs(last[0] - before[0]) <= _CLOSE * place:
            break
    # Secants come near from one side; a step beyond shows the other.
    for place in (last[0] * (1 - 4 * _CLOSE), last[0] * (1 + 4 * _CLOSE)):
        if below < place < above:
            below, above = (place, above) if p_value(place) > level else (below, place)
    return below, above


def _depth(probability: float) -> float:
    return math.sqrt(-math.log(min(max(probability, _LEAST), 1.0)))
