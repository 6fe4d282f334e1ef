"""How much whole hours, days or weeks of the reference differ from each other.

Within a window nothing tells that days differ: a day of July is not like the year, although no two of its hours are unlike
each other. The reference knows, if its rows have times. Rows of one window are then alike by an *intraclass
correlation*: so many of them together are worth 1 / (1 + (n - 1) times it) of as many independent ones (L. Kish, "Survey
Sampling", Wiley (1965), section 5.4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from exporter.significance.dependence import INDEPENDENT, DesignEffects, effects_of_groups
from exporter.statistics.arrays import Counts

_SECOND = 1_000_000
# Periods that are looked at, seconds: an hour, six, a day, a week, 30 days.
PERIODS = (3600, 21_600, 86_400, 604_800, 2_592_000)
# Fewer periods say too little about the others.
FEWEST = 5


class Likeness(NamedTuple):
    """By how much rows of one period (seconds) are alike, for each of the design effects; ``unevenness`` is the effect's own."""

    period: int
    overall: float
    unevenness: float
    cumulated: float
    linear: float


def likenesses(times: Counts, bins: Counts, count: int) -> tuple[Likeness, ...]:
    """Return them for the periods of which there are enough.

    ``times`` (n,) microseconds since the epoch and ``bins`` (n,) from 0 to ``count`` - 1, row by row.
    """
    found = []
    for period in PERIODS:
        names, group = np.unique(times // (period * _SECOND), return_inverse=True)
        if len(names) < FEWEST:
            break
        groups = np.bincount(group * count + bins, minlength=len(names) * count).reshape(-1, count)
        found.append(_likeness(period, effects_of_groups(groups), len(times) / len(names)))
    return tuple(found)


def _likeness(period: int, effects: DesignEffects, rows: float) -> Likeness:
    others = max(rows - 1, 1.0)
    overall, cumulated, linear = (
        round((effect - 1) / others, 9) for effect in (effects.overall, effects.cumulated, effects.linear)
    )
    return Likeness(period, overall, round(effects.unevenness, 4), cumulated, linear)


def effects_of(known: tuple[Likeness, ...], length: int, rows: int) -> DesignEffects:
    """Return the design effects of a window of ``length`` (microseconds) with so many rows.

    Those of the longest known period within the window, or else of the shortest. Of a window of several periods each
    counts for itself: the rows that are alike are only as many as a period holds.
    """
    if not known:
        return INDEPENDENT
    seconds = length / _SECOND
    best = max((each for each in known if each.period <= seconds), key=lambda each: each.period, default=known[0])
    together = max(rows * min(best.period / seconds, 1.0) - 1, 0.0)
    overall, cumulated, linear = (1 + together * alike for alike in (best.overall, best.cumulated, best.linear))
    return DesignEffects(overall, best.unevenness if overall > 1 else 1.0, cumulated, linear)


def larger(one: DesignEffects, other: DesignEffects) -> DesignEffects:
    """Return the larger of each effect."""
    return DesignEffects(*(max(pair) for pair in zip(one, other, strict=True)))
