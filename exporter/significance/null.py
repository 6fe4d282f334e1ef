"""Null distributions: what a figure is when nothing has changed, from which come critical values and p-values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scipy.special import gammaincc, gammainccinv, ndtr

from exporter.significance.halving import critical_by_halving
from exporter.statistics.arrays import Floats

# Intervals are halved as often as floats can tell.
_HALVINGS = 50
# By so much, relatively, a figure may differ from itself summed in another order.
_ROUNDING = 1e-9


class Null(Protocol):
    """The distribution of a figure under the null hypothesis; great values speak against it."""

    def p_value(self, score: float) -> float:
        """Return the probability of a figure as great as ``score``, or greater."""
        ...

    def critical(self, level: float) -> float:
        """Return the figure that is reached with probability ``level``."""
        ...


@dataclass(frozen=True, slots=True)
class GammaNull:
    """A gamma distribution, given its mean and variance: what sums of squared deviations nearly have.

    F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2 (1946).
    Without variance it is the constant ``mean``.
    """

    mean: float
    variance: float

    def p_value(self, score: float) -> float:
        if self.variance <= 0 or self.mean <= 0:
            return float(score <= max(self.mean, 0.0) * (1 + _ROUNDING))
        return float(gammaincc(self.mean**2 / self.variance, max(score, 0.0) * self.mean / self.variance))

    def critical(self, level: float) -> float:
        if self.variance <= 0 or self.mean <= 0:
            return max(self.mean, 0.0)
        return float(gammainccinv(self.mean**2 / self.variance, level) * self.variance / self.mean)


@dataclass(frozen=True, slots=True)
class ScaledNull:
    """The distribution of ``(x / scale) ** (1 / power)`` with x of the distribution ``sum``."""

    sum: Null
    scale: float
    power: float

    def p_value(self, score: float) -> float:
        return self.sum.p_value(max(score, 0.0) ** self.power * self.scale)

    def critical(self, level: float) -> float:
        return float((self.sum.critical(level) / self.scale) ** (1 / self.power))


@dataclass(frozen=True, slots=True, eq=False)
class LargestNull:
    """At most: the distribution of the largest absolute value among normal variables with standard deviations ``spread``."""

    spread: Floats

    def p_value(self, score: float) -> float:
        return float(min(2 * ndtr(-score / self.spread).sum(), 1.0)) if score > 0 else 1.0

    def critical(self, level: float) -> float:
        # Nothing varies: any difference is one.
        if not len(self.spread):
            return 0.0
        return critical_by_halving(self.p_value, level, 40.0 * float(self.spread.max()), _HALVINGS)
