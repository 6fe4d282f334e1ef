"""When a share is larger than that of the reference by more than chance makes of it."""

from __future__ import annotations

import math
from typing import NamedTuple

from exporter.statistics.bounds import normal_quantile

# A sum of probabilities ends where a further term adds less than this share of it.
_NEGLIGIBLE = 1e-13
# With so large a standard deviation of the hits a normal distribution is as good, and much faster.
_LARGE = 100.0


class Hits(NamedTuple):
    """So many ``hits`` among so many ``rows``."""

    hits: int
    rows: int


def p_value(hits: int, reference_rows: int, window_hits: int, rows: int) -> float:
    """Return the probability of ``window_hits`` or more among ``rows``, given all hits of reference and window together.

    ``hits`` of the ``reference_rows`` are the reference's. Under the null hypothesis the hits are spread over the rows of
    both like cards: R. A. Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society 98
    (1935). The probability of a value at or below a level is at most that level, whatever the true share is, also
    without a single hit in the reference.

    >>> round(p_value(1, 10, 4, 10), 4)
    0.1517
    """
    together = hits + window_hits
    if window_hits <= max(0, together - reference_rows):
        return 1.0
    if window_hits > rows:
        return 0.0
    everything = reference_rows + rows
    variance = together * (rows / everything) * (reference_rows / everything) * (everything - together)
    variance /= max(everything - 1, 1)
    if variance > _LARGE**2:
        return _normal_tail(window_hits - 0.5 - together * (rows / everything), math.sqrt(variance))
    if window_hits * everything <= together * rows:
        # Not even as many as expected: the sum would begin with terms too small for a float. The other tail is short.
        return max(1 - _tail(everything - together, reference_rows, rows - window_hits + 1, rows), 0.0)
    return min(_tail(together, reference_rows, window_hits, rows), 1.0)


def critical_share(hits: int, reference_rows: int, rows: int, level: float) -> float:
    """Return the share that chance alone exceeds with probability ``level`` at most, in ``rows`` of a window.

    ``hits`` of the ``reference_rows`` are the reference's. Whoever warns of a share strictly above it warns exactly where
    ``p_value`` is at or below the level. It is 1 where no share would be too much: without rows on either side, or with
    too few to say.

    >>> critical_share(0, 1000, 100, 0.001), critical_share(50, 1000, 100, 0.001)
    (0.02, 0.14)
    """
    if rows <= 0:
        return 1.0
    # The p-value falls as the hits grow: the largest number of hits that is not significant.
    low, high = 0, rows + 1
    middle = _guess(hits, reference_rows, rows, level)
    step = 1
    while high - low > 1:
        if p_value(hits, reference_rows, middle, rows) > level:
            low, following = middle, middle + step
        else:
            high, following = middle, middle - step
        # Steps from a good guess grow until they have gone too far; then halves do.
        step *= 2
        middle = following if low < following < high else (low + high) // 2
    return low / rows


def _guess(hits: int, reference_rows: int, rows: int, level: float) -> int:
    """Return a number of hits near the critical one, from 1 to ``rows``."""
    share = (hits + 1) / (reference_rows + 2)
    spread = math.sqrt(share * (1 - share) * (1 / rows + 1 / max(reference_rows, 1)))
    return min(max(round(rows * (share - normal_quantile(level) * spread)), 1), rows)


def _tail(together: int, reference_rows: int, window_hits: int, rows: int) -> float:
    """Return the hypergeometric probability of ``window_hits`` or more, summed from there on upwards.

    For no fewer than expected: from there on the terms fall.
    """
    probability = math.exp(_log_choose(rows, window_hits) + _log_choose(reference_rows, together - window_hits)
                           - _log_choose(reference_rows + rows, together))  # fmt: skip
    total, others = probability, reference_rows - together + 1
    for found in range(window_hits, min(rows, together)):
        # From one number of hits to the next.
        probability *= (rows - found) * (together - found) / ((found + 1) * (others + found))
        total += probability
        if probability < _NEGLIGIBLE * total:
            break
    return total


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)


def _normal_tail(distance: float, deviation: float) -> float:
    return math.erfc(distance / deviation / math.sqrt(2)) / 2
