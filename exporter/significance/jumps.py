"""A null distribution that is smooth but for a few rare jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc

from exporter.significance.halving import critical_by_halving
from exporter.significance.null import GammaNull, Null
from exporter.statistics.arrays import Floats

# A jump that is more frequent, or smaller in standard deviations of the whole, is part of the smooth rest; so is one that
# is rarer than anybody asks for, whose size would only make the grid coarse.
_RARE = 0.2
HARDLY_EVER = 1e-7
_LARGE = 0.5
# Sums of jumps are kept on a grid: so many steps to the largest jump, up to so many of the largest ones.
_STEPS = 16
_MOST = 6
_HALVINGS = 40


def null_with_jumps(mean: float, variance: float, jumps: Floats) -> Null:
    """Return the distribution with this mean and variance that ``jumps`` (j, 2), sizes and probabilities, take part in."""
    if not len(jumps):
        return GammaNull(mean, variance)
    size, probability = jumps[:, 0], jumps[:, 1]
    chosen = (probability > HARDLY_EVER) & (probability < _RARE) & (size > _LARGE * np.sqrt(max(variance, 0.0)))
    size, probability = size[chosen], probability[chosen]
    rest = variance - float(probability * (1 - probability) @ size**2)
    middle = mean - float(probability @ size)
    if not len(size) or rest <= 0 or middle <= 0:
        return GammaNull(mean, variance)
    sums, of_sums = _sums(size, probability)
    return JumpingNull(GammaNull(middle, rest), sums, of_sums)


def _sums(size: Floats, probability: Floats) -> tuple[Floats, Floats]:
    """Return the possible sums of independent jumps, on a grid, and their probabilities."""
    step = float(size.max()) / _STEPS
    distribution = np.zeros(_STEPS * _MOST + 1)
    distribution[0] = 1.0
    for places, chance in zip(
        np.maximum(np.rint(size / step), 1).astype(int).tolist(), probability.tolist(), strict=True
    ):
        moved = np.zeros_like(distribution)
        moved[places:] = distribution[:-places]
        # What would fall off the grid stays at its end.
        moved[-1] += distribution[-places:].sum()
        distribution = (1 - chance) * distribution + chance * moved
    there = distribution > 0
    at: Floats = np.arange(len(distribution), dtype=np.float64) * step
    return at[there], distribution[there]


@dataclass(frozen=True, slots=True, eq=False)
class JumpingNull:
    """A smooth part, and ``sums`` of jumps on top of it with their ``probabilities``, (s,) each."""

    smooth: GammaNull
    sums: Floats
    probabilities: Floats

    def p_value(self, score: float) -> float:
        shape, scale = self.smooth.mean**2 / self.smooth.variance, self.smooth.variance / self.smooth.mean
        above = gammaincc(shape, np.maximum(score - self.sums, 0.0) / scale)
        return float(min(above @ self.probabilities, 1.0))

    def critical(self, level: float) -> float:
        # Halving the interval needs no more of SciPy than the gamma function, which costs memory enough.
        high = float(self.sums[-1]) + self.smooth.critical(level)
        return critical_by_halving(self.p_value, level, high, _HALVINGS)
