"""Error budgets: what is left. How fast they burn only Prometheus knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from exporter import catalogue
from exporter.web.status.figures import Figures
from exporter.web.status.level import Finding, Level
from exporter.web.status.wording import cut, share

_PLACE = "objectives"
LOW = 0.25
# A young model's budget is that of the events it has had: one bad one of ten overdraws it. Of a longer period the bad
# ones may be from before the counters.
_FEWEST_BAD, _LONGEST_PERIOD = 5, 30 * 86_400.0


class Budget(NamedTuple):
    """An objective: the share of good events that it wants, what there is, and what is left of its budget.

    ``bad`` are the bad events since the counters began, None while there are no counters.
    """

    slo: str
    objective: float
    compliance: float | None
    remaining: float | None
    period: float | None
    bad: float | None

    @property
    def level(self) -> Level:
        if self.remaining is None:
            return Level.UNKNOWN
        if self._is_an_accident or self.remaining >= LOW:
            return Level.WELL
        return Level.WARNING if self.remaining < 0 else Level.INFO

    @property
    def _is_an_accident(self) -> bool:
        is_short = self.period is not None and self.period <= _LONGEST_PERIOD
        return is_short and self.bad is not None and self.bad < _FEWEST_BAD


def budgets_of(figures: Figures) -> list[Budget]:
    """Return the budgets of all objectives, the emptiest first."""
    found = [_budget(figures, slo, wanted) for (_, slo), wanted in figures.table(catalogue.SLO_OBJECTIVE).items()]
    return sorted(found, key=lambda budget: (budget.remaining is None, budget.remaining or 0.0, budget.slo))


def _budget(figures: Figures, slo: str, wanted: float) -> Budget:
    # Counters are of each version, where there are versions.
    events, good = (
        [value for _, value in figures.where(metric, slo=slo)]
        for metric in (catalogue.SLO_EVENTS, catalogue.SLO_GOOD_EVENTS)
    )
    compliance = (value for _, value in figures.where(catalogue.SLO_COMPLIANCE, slo=slo))
    return Budget(
        slo,
        wanted,
        next(compliance, None),
        figures.value(catalogue.SLO_ERROR_BUDGET, slo=slo),
        figures.value(catalogue.SLO_PERIOD, slo=slo),
        max(sum(events) - sum(good), 0.0) if events else None,
    )


def findings(figures: Figures) -> Iterator[Finding]:
    for budget in budgets_of(figures):
        if not budget.level.is_bad or budget.remaining is None:
            continue
        if budget.remaining < 0:
            detail = f"The error budget is overdrawn: {share(budget.remaining)} of it are left."
            yield Finding(
                budget.level, f"Objective {cut(budget.slo)} is missed", detail, "MLErrorBudgetExhausted", _PLACE
            )
        else:
            detail = f"{share(budget.remaining)} of the error budget of its period are left."
            yield Finding(
                budget.level, f"Objective {cut(budget.slo)}: little budget", detail, "MLErrorBudgetLow", _PLACE
            )
