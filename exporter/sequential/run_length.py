"""How long a CUSUM runs until it alarms, and the limit for which that is long enough."""

from __future__ import annotations

import math

# A shift of twice this many standard deviations is what the sum finds soonest.
ALLOWANCE = 0.5
# A sum that is looked at from slice to slice overshoots its limit by so much on average.
_OVERSHOOT = 1.166
# The exponential of more is infinite.
_LARGEST = 700.0


def average_run_length(limit: float, *, allowance: float = ALLOWANCE) -> float:
    """Return after how many slices a one-sided sum of standard normal values exceeds ``limit`` for the first time.

    (exp(2 k b) - 2 k b - 1) / (2 k^2) with b = limit + 1.166: D. Siegmund, "Sequential Analysis", Springer (1985), section 2.6.

    >>> round(average_run_length(4.0))
    338
    """
    reach = 2 * allowance * (limit + _OVERSHOOT)
    return (math.exp(reach) - reach - 1) / (2 * allowance**2) if reach < _LARGEST else math.inf


def limit_for(run_length: float, *, allowance: float = ALLOWANCE) -> float:
    """Return the least limit with an average run length of ``run_length`` slices or more, by bisection.

    >>> round(limit_for(338), 2)
    4.0
    """
    low, high = 0.0, 1.0
    while average_run_length(high, allowance=allowance) < run_length:
        high *= 2
    while high - low > 1e-9:
        middle = (low + high) / 2
        enough = average_run_length(middle, allowance=allowance) >= run_length
        low, high = (low, middle) if enough else (middle, high)
    return high
