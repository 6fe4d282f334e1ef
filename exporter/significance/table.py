"""Quantiles of distances under the null hypothesis, and how to read them between and beyond what was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporter.statistics.arrays import Floats

# Probabilities of a distance greater than the quantile that is kept.
LEVELS = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.035, 0.025, 0.015, 0.01)
# The tail is fitted to these, and takes over at the middle of them.
_FITTED = slice(LEVELS.index(0.2), len(LEVELS))
_FROM = LEVELS.index(0.05)


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
    place = float(np.interp(np.log(max(effective, 1.0)), np.log(rows), np.arange(len(rows))))
    low = min(int(place), len(rows) - 2)
    part = place - low
    between: Floats = quantiles[low] * (1 - part) + quantiles[low + 1] * part
    return between


@dataclass(frozen=True, slots=True, eq=False)
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
            return float(np.exp(self._log_level(standard)))
        # A distance as small as that is nearly always exceeded.
        levels = np.log((1.0, *LEVELS[: _FROM + 1]))
        return float(np.exp(np.interp(standard, np.concatenate(([0.0], self.quantiles[: _FROM + 1])), levels)))

    def critical(self, level: float) -> float:
        if level >= LEVELS[_FROM]:
            levels = np.log(LEVELS[: _FROM + 1])
            # np.interp wants increasing places.
            found = np.interp(np.log(level), levels[::-1], self.quantiles[_FROM::-1])
            return float(found) * self.scale
        at, slope = self._tail()
        return float((at - (np.log(level) - np.log(LEVELS[_FROM])) / slope) ** (1 / self.power)) * self.scale

    def _log_level(self, standard: float) -> float:
        at, slope = self._tail()
        return float(np.log(LEVELS[_FROM]) - slope * (standard**self.power - at))

    def _tail(self) -> tuple[float, float]:
        """Return where the tail begins, to the power, and how steeply the logarithm of the probability falls there."""
        places = self.quantiles[_FITTED] ** self.power
        levels = np.log(LEVELS[_FITTED])
        off = places - places.mean()
        square = float(off @ off)
        # Ties may leave all quantiles at one value: then nothing greater comes by chance.
        slope = -float(off @ levels) / square if square > 0 else np.inf
        return float(self.quantiles[_FROM] ** self.power), slope
