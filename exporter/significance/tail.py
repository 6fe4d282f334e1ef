"""What chance makes of the share of rows in a tail."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.significance.proportion import critical_share, is_significant, p_value


@dataclass(frozen=True, slots=True)
class TailNull:
    """The distribution of the largest excess of a share over the reference's, of one or two disjoint tails.

    ``tails`` are rows of the reference and of the window beyond each limit; ``effect`` says how many rows are worth one
    independent row, of the reference as well.
    """

    tails: tuple[tuple[int, int], ...]
    reference_rows: int
    rows: int
    effect: float

    def p_value(self, score: float) -> float:
        if score <= 0:
            return 1.0
        return min(1.0, sum(self._p_value(reference, score) for reference, _ in self.tails))

    def critical(self, level: float) -> float:
        heavier, *lighter = sorted((reference for reference, _ in self.tails), reverse=True)
        level /= len(self.tails)
        greatest = self._critical(heavier, level)
        for reference in lighter:
            # Mostly the heavier tail may exceed its share by more: one look at the lighter one tells.
            if self._may_exceed(reference, greatest, level):
                greatest = max(greatest, self._critical(reference, level))
        return greatest

    def _p_value(self, reference: int, score: float) -> float:
        m, n, hits = self._worth(self.reference_rows), self._worth(self.rows), self._worth(reference)
        # Up to rounding, a whole number of rows: that of the window where the score is its own.
        found = min(round((score + reference / self.reference_rows) * n), n)
        return p_value(min(hits, m), m, found, n)

    def _may_exceed(self, reference: int, excess: float, level: float) -> bool:
        """Return whether more than ``excess`` is not significant of a tail."""
        m, n, hits = self._worth(self.reference_rows), self._worth(self.rows), self._worth(reference)
        found = int((excess + reference / self.reference_rows) * n) + 1
        return found > n or not is_significant(min(hits, m), m, found, n, level)

    def _critical(self, reference: int, level: float) -> float:
        m, n, hits = self._worth(self.reference_rows), self._worth(self.rows), self._worth(reference)
        return max(critical_share(min(hits, m), m, n, level) - reference / self.reference_rows, 0.0)

    def _worth(self, rows: int) -> int:
        return round(rows / self.effect)
