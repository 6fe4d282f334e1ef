"""Quantiles of distances under the null hypothesis, and how to read them between and beyond what was drawn."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from exporter.statistics.arrays import Floats

# Probabilities of a distance greater than the quantile that is kept.
LEVELS = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.035, 0.025, 0.015, 0.01)
# The tail is fitted to these, and takes over at the middle of them.
_FITTED = slice(LEVELS.index(0.2), len(LEVELS))
_FROM = LEVELS.index(0.05)
_LOG_FROM = math.log(LEVELS[_FROM])
_LOG_FITTED = np.log(LEVELS[_FITTED])
# No distance at all is always exceeded.
_LOG_SMALL = np.log((1.0, *LEVELS[: _FROM + 1]))


@dataclass(frozen=True, slots=True, eq=False)
class NullTable:
    """Of one column: ``rows`` (g,) of a window; ``ks`` and ``wasserstein`` (g, levels), quantiles over the square root of
    1 / n + 1 / m at ``LEVELS``, the latter in standard deviations of the reference; ``correlation`` (3,) ranks of ks with
    wasserstein, of ks with psi, of wasserstein with psi.
    """

    rows: NDArray[np.int64]
    ks: Floats
    wasserstein: Floats
    correlation: Floats


def at_rows(rows: NDArray[np.int64], quantiles: Floats, effective: float) -> Floats:
    """Return the quantiles (levels,) for a number of rows: interpolated in its logarithm, constant outside."""
    sizes = rows.tolist()
    low = min(max(bisect_right(sizes, effective) - 1, 0), len(sizes) - 2)
    begin, end = math.log(sizes[low]), math.log(sizes[low + 1])
    part = min(max((math.log(max(effective, 1.0)) - begin) / (end - begin), 0.0), 1.0)
    between: Floats = quantiles[low] * (1 - part) + quantiles[low + 1] * part
    return between


@dataclass(frozen=True, eq=False)
class TableNull:
    """A null distribution by its quantiles at ``LEVELS``, times ``scale``.

    Beyond what was drawn the logarithm of the probability falls with the distance to the power ``power``: 2 for
    Kolmogorov and Smirnov's (N. Smirnov 1948), whose tail is Gaussian; 1 for Wasserstein's, which is on the safe side for
    columns whose own tails are heavy.
    """

    quantiles: Floats
    scale: float
    power: float

    def p_value(self, score: float) -> float:
        standard = score / self.scale
        if standard > self.quantiles[_FROM]:
            at, slope = self._tail
            return math.exp(_LOG_FROM - slope * (standard**self.power - at))
        # A distance as small as that is nearly always exceeded.
        return math.exp(np.interp(standard, np.concatenate(([0.0], self.quantiles[: _FROM + 1])), _LOG_SMALL))

    def critical(self, level: float) -> float:
        if level >= LEVELS[_FROM]:
            # np.interp wants increasing places.
            found = np.interp(math.log(level), _LOG_SMALL[:0:-1], self.quantiles[_FROM::-1])
            return float(found) * self.scale
        at, slope = self._tail
        return float((at - (math.log(level) - _LOG_FROM) / slope) ** (1 / self.power)) * self.scale

    @cached_property
    def _tail(self) -> tuple[float, float]:
        """Where the tail begins, to the power, and how steeply the logarithm of the probability falls there."""
        places = self.quantiles[_FITTED] ** self.power
        off = places - places.sum() / len(places)
        square = float(off @ off)
        # Ties may leave all quantiles at one value: then nothing greater comes by chance.
        slope = -float(off @ _LOG_FITTED) / square if square > 0 else math.inf
        return float(self.quantiles[_FROM]) ** self.power, slope
