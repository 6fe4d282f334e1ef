"""How fast an error budget may burn before somebody has to know: pairs of windows, and what they can see.

A pair fires when the share of bad events is above factor * (1 - objective) in both of its windows. The long one says
that it matters, the short one that it still goes on. The factor is how many times faster than allowed the budget
burns: share of the budget * period / long window. Shares and windows are those of the Google SRE workbook, chapter
"Alerting on SLOs". Standard library only, so that generators of rules run without numpy. Times are in seconds.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import NamedTuple

_MINUTE, _HOUR, DAY = 60, 3600, 86_400


class Pair(NamedTuple):
    """Two windows, the ``factor`` that both compare with, and the ``share`` of the budget that is gone by then."""

    long: int
    short: int
    share: Fraction
    factor: Fraction


# Long window, short window, share of the budget: from the one that pages at once to the one that can wait for a day.
WINDOWS: tuple[tuple[int, int, Fraction], ...] = (
    (_HOUR, 5 * _MINUTE, Fraction(2, 100)),
    (6 * _HOUR, 30 * _MINUTE, Fraction(5, 100)),
    (DAY, 2 * _HOUR, Fraction(10, 100)),
    (3 * DAY, 6 * _HOUR, Fraction(10, 100)),
)


def pairs(period: int) -> tuple[Pair, ...]:
    """Return the pairs of a period; those that would fire while the budget lasts (factor below 1) are left out.

    >>> [float(pair.factor) for pair in pairs(30 * DAY)]
    [14.4, 6.0, 3.0, 1.0]
    """
    found = (Pair(long, short, share, share * period / long) for long, short, share in WINDOWS)
    return tuple(pair for pair in found if pair.factor >= 1)


def limit(pair: Pair, objective: float) -> Fraction:
    """Return the share of bad events above which a pair fires.

    >>> float(limit(pairs(30 * DAY)[0], 0.999))
    0.0144
    """
    return pair.factor * _allowed(objective)


def can_fire(pair: Pair, objective: float) -> bool:
    """Say whether a pair ever fires: no more than all events can be bad.

    >>> [can_fire(pairs(30 * DAY)[0], objective) for objective in (0.9, 0.95)]
    [False, True]
    """
    return limit(pair, objective) < 1


def events_needed(pair: Pair, objective: float) -> int:
    """Return how many events the long window needs, lest a single bad one fires the pair.

    >>> [events_needed(pair, 0.999) for pair in pairs(30 * DAY)]
    [70, 167, 334, 1000]
    """
    return ceil(1 / limit(pair, objective))


def _allowed(objective: float) -> Fraction:
    # As it is written: 1 - 0.999 is not quite a thousandth in binary.
    return 1 - Fraction(repr(objective))
