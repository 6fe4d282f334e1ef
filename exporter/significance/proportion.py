"""When a share is larger than that of the reference by more than chance makes of it."""

from __future__ import annotations

import math
from typing import NamedTuple

from exporter.statistics.bounds import normal_quantile

# A sum of probabilities ends where a further term adds less than this share of it; roughly summed, the rest of it adds
# less than the second share.
_NEGLIGIBLE, _ROUGHLY = 1e-13, 1e-5
_ROUGH = 0.01
# So many hits are guessed before the rest is halved, at p-values that a normal deviation can be told of.
_GUESSES = 8
_LEAST, _MOST = 1e-300, 1 - 1e-15
# With so large a standard deviation of the hits a normal distribution is as good, and much faster.
_LARGE = 100.0


class Hits(NamedTuple):
    """So many ``hits`` among so many ``rows``."""

    hits: int
    rows: int


def p_value(hits: int, reference_rows: int, window_hits: int, rows: int, *, negligible: float = _NEGLIGIBLE) -> float:
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
        return max(1 - _tail(everything - together, reference_rows, rows - window_hits + 1, rows, negligible), 0.0)
    return min(_tail(together, reference_rows, window_hits, rows, negligible), 1.0)


def critical_share(hits: int, reference_rows: int, rows: int, level: float) -> float:
    """Return the share that chance alone exceeds with probability ``level`` at most, in ``rows`` of a window.

    ``hits`` of the ``reference_rows`` are the reference's. Whoever warns of a share strictly above it warns exactly where
    ``p_value`` is at or below the level. It is 1 where no share would be too much: without rows on either side, or with
    too few to say.

    >>> critical_share(0, 1000, 100, 0.001), critical_share(50, 1000, 100, 0.001)
    (0.02, 0.14)
    """
    if rows <= 0 or reference_rows <= 0:
        return 1.0
    roots, wanted = _Roots.of(min(hits, reference_rows), reference_rows, rows), -normal_quantile(level)
    # The p-value falls as the hits grow: the largest number of hits that is not significant.
    low, high, guess, guesses = 0, rows + 1, roots.hits(wanted), 0
    while high - low > 1:
        # Once the guess is known not to be significant, the number above it is looked at.
        middle = min(max(guess, low + 1), high - 1) if guesses < _GUESSES else (low + high) // 2
        found, guesses = _near(hits, reference_rows, middle, rows, level), guesses + 1
        low, high = (middle, high) if found > level else (low, middle)
        # Near by, the approximation is off by as much as it is here.
        off = -normal_quantile(min(max(found, _LEAST), _MOST)) - roots.deviations(middle)
        guess = roots.hits(wanted - off)
    return low / rows


def is_significant(hits: int, reference_rows: int, window_hits: int, rows: int, level: float) -> bool:
    """Return whether ``p_value`` is at or below the level, in less time."""
    return _near(hits, reference_rows, window_hits, rows, level) <= level


def _near(hits: int, reference_rows: int, window_hits: int, rows: int, level: float) -> float:
    """Return the p-value, roughly if that is enough to tell on which side of ``level`` it is."""
    found = p_value(hits, reference_rows, window_hits, rows, negligible=_ROUGHLY)
    if abs(found - level) > _ROUGH * level:
        return found
    return p_value(hits, reference_rows, window_hits, rows)


class _Roots(NamedTuple):
    """Arcsines of square roots of shares, whose spread hardly depends on the share: ``usual`` is that of the reference.

    W. Molenaar, "Simple approximations to the Poisson, binomial, and hypergeometric distributions", Biometrics 29 (1973).
    """

    rows: int
    usual: float
    spread: float

    @classmethod
    def of(cls, hits: int, reference_rows: int, rows: int) -> _Roots:
        usual = math.atan2(math.sqrt(hits + 0.75), math.sqrt(max(reference_rows - hits - 0.25, 0.0)))
        spread = math.sqrt((reference_rows + rows - 1) / ((reference_rows + 0.5) * (rows + 0.5))) / 2
        return cls(rows, usual, spread)

    def hits(self, deviations: float) -> int:
        """Return about how many hits are so many standard deviations above what is usual."""
        off = math.asin(min(max(deviations * self.spread, -1.0), 1.0))
        root = math.sin(min(max(self.usual + off, 0.0), math.pi / 2))
        return int((self.rows + 0.5) * root**2 + 0.25)

    def deviations(self, hits: int) -> float:
        """Return the inverse: about how many standard deviations one hit or more are above what is usual."""
        root = math.asin(math.sqrt((hits - 0.25) / (self.rows + 0.5)))
        return math.sin(root - self.usual) / self.spread


def _tail(together: int, reference_rows: int, window_hits: int, rows: int, negligible: float) -> float:
    """Return the hypergeometric probability of ``window_hits`` or more, summed from there on upwards.

    For no fewer than expected: from there on the terms fall.
    """
    probability = math.exp(_log_choose(rows, window_hits) + _log_choose(reference_rows, together - window_hits)
                           - _log_choose(reference_rows + rows, together))  # fmt: skip
    # Products of floats are exact as far as those of whole numbers matter, and faster.
    total, window_rest, rest = probability, float(rows - window_hits), float(together - window_hits)
    more, others = window_hits + 1.0, reference_rows - rest + 1.0
    for _ in range(min(rows, together) - window_hits):
        # From one number of hits to the next.
        probability *= (window_rest * rest) / (more * others)
        total += probability
        if probability < negligible * total:
            break
        window_rest -= 1.0
        rest -= 1.0
        more += 1.0
        others += 1.0
    return total


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)


def _normal_tail(distance: float, deviation: float) -> float:
    return math.erfc(distance / deviation / math.sqrt(2)) / 2
