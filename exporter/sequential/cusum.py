"""A cumulative sum that learns what is usual while it watches."""

from __future__ import annotations

import math
from dataclasses import dataclass

from exporter.sequential.run_length import ALLOWANCE

# From so many slices on the spread between slices is known well enough to judge the next one by.
LEARN = 10
# No single slice counts for more standard deviations than this, so none alarms alone.
FARTHEST = 3.0
# Nor is it learnt as further away than this, lest one absurd value blind the sum for good.
_FARTHEST_LEARNT = 10.0
# The sum stops growing at this multiple of its limit: once all is as before, it must not take for ever to fall.
GREATEST = 2.0
# Neighbouring slices may be alike; more than this cannot be told from a level that wanders.
_MOST_ALIKE = 0.9
# Float sums agree to 12 digits whatever the order of the rows; so rounded, they agree exactly.
_DIGITS = 6


@dataclass(slots=True)
class Cusum:
    """Sums of what slices lie above and below what is usual, in standard deviations of a slice.

    ``slices`` were learnt from, with ``mean``, the ``squares`` and the ``products`` of neighbours around it; ``last`` is the
    newest of them. ``over`` counts the slices since the limit was exceeded.
    """

    two_sided: bool = True
    slices: int = 0
    mean: float = 0.0
    squares: float = 0.0
    products: float = 0.0
    last: float = 0.0
    above: float = 0.0
    below: float = 0.0
    over: int = 0

    @property
    def score(self) -> float:
        return max(self.above, self.below)

    @property
    def is_watching(self) -> bool:
        return self.slices >= LEARN

    def add(self, value: float, limit: float, *, floor: float, relearn: int) -> None:
        """Take the next slice's ``value``.

        Each value is judged by all before it (D. M. Hawkins, "Self-starting CUSUM charts for location and scale", The
        Statistician 36 (1987)), so no reference is needed, and that the first estimates are rough is allowed for. While the
        sum is over its ``limit`` nothing is learnt, lest the change become the usual; after ``relearn`` such slices it has,
        and everything begins anew. Slices that differ by less than ``floor`` count as equal.
        """
        if self.is_watching:
            self._judge(value, limit, floor)
        if self.score <= limit:
            self.over = 0
            self._learn(self._believable(value, floor) if self.is_watching else value)
            return
        self.over += 1
        if self.over >= relearn:
            self._begin_anew(value)

    def _judge(self, value: float, limit: float, floor: float) -> None:
        z = round(self._deviation(value, floor), _DIGITS)
        self.above = min(max(self.above + z - ALLOWANCE, 0.0), GREATEST * limit)
        if self.two_sided:
            self.below = min(max(self.below - z - ALLOWANCE, 0.0), GREATEST * limit)

    def _spread(self, floor: float) -> float:
        """Return the standard deviation that slices are judged by."""
        return max(math.sqrt(self.squares / (self.slices - 1)) * self._stretch(), floor)

    def _believable(self, value: float, floor: float) -> float:
        """Return the value, or one no further from the usual than what is learnt; after a constant anything is."""
        reach = _FARTHEST_LEARNT * self._spread(floor)
        return min(max(value, self.mean - reach), self.mean + reach) if reach > 0 else value

    def _deviation(self, value: float, floor: float) -> float:
        """Return how unusual the value is, as a standard normal deviate.

        A t variable becomes a normal one as of D. L. Wallace, "Bounds on normal approximations to Student's and the
        chi-square distributions", Annals of Mathematical Statistics 30 (1959).
        """
        freedom, spread, off = self.slices - 1, self._spread(floor), value - self.mean
        if spread <= 0:
            return math.copysign(FARTHEST, off) if off else 0.0
        t = off / (spread * math.sqrt(1 + 1 / self.slices))
        z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
        return math.copysign(min(z, FARTHEST), t)

    def _stretch(self) -> float:
        """Return by how much slices that follow their neighbours make the sum stray further than independent ones.

        It is the long-run standard deviation of a first-order autoregression over its own (R. A. Johnson and M. Bagshaw,
        "The effect of serial correlation on the performance of CUSUM tests", Technometrics 16 (1974)), with the
        correlation's bias of (1 + 4 rho) / n taken off (M. G. Kendall, "Note on bias in the estimation of autocorrelation",
        Biometrika 41 (1954)).
        """
        found = self.products / self.squares if self.squares > 0 else 0.0
        alike = min(max((self.slices * found + 1) / (self.slices - 4), 0.0), _MOST_ALIKE)
        return math.sqrt((1 + alike) / (1 - alike))

    def _learn(self, value: float) -> None:
        self.slices += 1
        off = value - self.mean
        self.mean += off / self.slices
        self.squares += off * (value - self.mean)
        if self.slices > 1:
            self.products += (value - self.mean) * (self.last - self.mean)
        self.last = value

    def _begin_anew(self, value: float) -> None:
        self.slices = self.over = 0
        self.mean = self.squares = self.products = self.last = self.above = self.below = 0.0
        self._learn(value)
