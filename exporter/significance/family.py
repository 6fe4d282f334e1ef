"""How large a risk of a false warning each test may take."""

from __future__ import annotations

_DAY = 86_400_000_000
# The period that expected false warnings are stated for, microseconds.
PERIOD = 30 * _DAY
# Beyond this a "critical value" would be one that undrifted windows exceed more often than not.
_GREATEST = 0.5


def level(false_warnings: float, length: int, tests: int) -> float:
    """Return the probability of a false warning that each test of one window may have.

    ``false_warnings`` are expected in 30 days, over all ``tests`` and all windows of ``length`` microseconds that follow
    one another without overlap. Expectations add up whether or not the tests depend on each other (C. E. Bonferroni,
    "Teoria statistica delle classi e calcolo delle probabilita", 1936), so nothing is assumed about that.

    >>> round(level(1, 24 * 3_600_000_000, tests=10), 6)
    0.003333
    """
    windows = PERIOD / length
    return min(false_warnings / windows / max(tests, 1), _GREATEST)
