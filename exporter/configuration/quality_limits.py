"""From when on quality is bad: limits by metric and severity, and when they are judged at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, NamedTuple

from pydantic import Field, field_validator

from exporter.catalogue import QUALITY_METRICS, Direction
from exporter.configuration.problem import shown
from exporter.configuration.refusal import Fault, refusal, refusals
from exporter.configuration.sections import Section
from exporter.configuration.severities import Positive, merged, out_of_order
from exporter.configuration.values import Count, Fraction, Name, OptionalDuration, written

DIRECTIONS: Mapping[str, Direction] = {metric.name: metric.direction for metric in QUALITY_METRICS}


class Limit(NamedTuple):
    """From when on a metric is bad; each part is None where it is not used."""

    loss: float | None = None
    floor: float | None = None
    rise: float | None = None
    ceiling: float | None = None
    shift: float | None = None


_KINDS: Mapping[Direction, tuple[str, ...]] = {
    Direction.HIGH_IS_GOOD: ("loss", "floor"),
    Direction.LOW_IS_GOOD: ("rise", "ceiling"),
    Direction.NEAR_ZERO_IS_GOOD: ("shift", "ceiling"),
}
_WORDS = {
    Direction.HIGH_IS_GOOD: "is good when it is high",
    Direction.LOW_IS_GOOD: "is good when it is low",
    Direction.NEAR_ZERO_IS_GOOD: "is good near zero",
}
_SMALL_LOSS = {"warning": Limit(loss=0.05), "critical": Limit(loss=0.10)}
_LOSS = {"warning": Limit(loss=0.10), "critical": Limit(loss=0.20)}
_RISE = {"warning": Limit(rise=0.15), "critical": Limit(rise=0.30)}
# A floor that nobody wrote holds only for models that are well above it: see ``exporter.figures.quality_limits``.
DEFAULTS: Mapping[str, Mapping[str, Limit]] = {
    "accuracy": {
        "warning": Limit(loss=0.05),
        "critical": Limit(loss=0.10, floor=0.70),
        "emergency": Limit(floor=0.60),
    },
    "roc_auc": _SMALL_LOSS,
    **{f"{name}{mean}": _LOSS for name in ("precision", "recall", "f1") for mean in ("", "_weighted")},
    "r2": _LOSS,
    **dict.fromkeys(("log_loss", "brier", "mae", "rmse", "mape"), _RISE),
    "calibration_error": {"warning": Limit(ceiling=0.10), "critical": Limit(ceiling=0.20)},
    "bias": {"warning": Limit(shift=0.2), "critical": Limit(shift=0.5)},
}


class QualityLimit(Section):
    """From when on a metric is bad: against the reference, in absolute terms, or both (whichever comes first)."""

    loss: Positive | None = written(None)
    """Metrics that are good when high: so much less than on the reference, such as `0.05`."""
    floor: float | None = written(None)
    """Metrics that are good when high: less than this, whatever the reference says."""
    rise: Positive | None = written(None)
    """Metrics that are good when low: more than on the reference by this share of it, such as `0.15`."""
    ceiling: Positive | None = written(None)
    """Metrics that are good when low: more than this, whatever the reference says. `bias`: further from 0 than this."""
    shift: Positive | None = written(None)
    """`bias`: further from that on the reference, to either side, than this share of the reference's `rmse`."""

    @property
    def limit(self) -> Limit:
        return Limit(self.loss, self.floor, self.rise, self.ceiling, self.shift)


class QualityLimits(Section):
    """Limits by severity; what is not written stays as it is by default, null turns a severity off."""

    info: QualityLimit | None = written(None)
    """Worth knowing."""
    warning: QualityLimit | None = written(None)
    """To be looked at in working hours."""
    critical: QualityLimit | None = written(None)
    """Somebody is woken."""
    emergency: QualityLimit | None = written(None)
    """Everything else is dropped."""


class QualityJudgement(Section):
    """How sure quality has to be, from when on it is judged, and when it is bad."""

    confidence: Annotated[Fraction, Field(ge=0.5, le=0.9999)] = written(0.95)
    """Probability that the lower and the upper bound of a figure hold the true one between them."""
    min_rows: Count = written(30)
    """With fewer labelled predictions in the window quality is shown and has no thresholds."""
    min_coverage: Annotated[float, Field(ge=0, le=1)] = written(0.5)
    """While a smaller share of the window's predictions has labels, thresholds wait for more, until labels are overdue."""
    due_after: OptionalDuration = written(None)
    """So long after its prediction a label should have come; null: `labels.settle`."""
    limits: Mapping[Name, QualityLimits | None] = written({})
    """By metric; null turns a metric off."""

    def limits_of(self, metric: str) -> dict[str, Limit]:
        """Return the limits by severity that are on, from the mildest."""
        said = self.limits.get(metric, QualityLimits())
        found = merged(DEFAULTS.get(metric, {}), said)
        return {name: each.limit if isinstance(each, QualityLimit) else each for name, each in found.items()}

    def is_written(self, metric: str, severity: str) -> bool:
        """Say whether a limit was written, or holds by default."""
        said = self.limits.get(metric)
        return said is not None and severity in said.model_fields_set

    @field_validator("limits")
    @classmethod
    def _that_fit_their_metrics(cls, limits: Mapping[str, QualityLimits | None]) -> Mapping[str, QualityLimits | None]:
        faults = [fault for metric, said in limits.items() for fault in _faults(metric, said)]
        if faults:
            raise refusals(faults)
        return limits

    @field_validator("due_after")
    @classmethod
    def _longer_than_nothing(cls, length: int | None) -> int | None:
        if length == 0:
            raise refusal("must be more than 0s", "null stands for labels.settle")
        return length


def _faults(metric: str, said: QualityLimits | None) -> Iterator[Fault]:
    if metric not in DIRECTIONS:
        close = get_close_matches(metric, DIRECTIONS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"metrics are {', '.join(DIRECTIONS)}"
        yield Fault(f"there is no metric {shown(metric)}", hint, (metric,))
        return
    for severity in said.model_fields_set if said else ():
        yield from _misfits(metric, severity, getattr(said, severity))
    holding = {name: limit.limit if isinstance(limit, QualityLimit) else limit
               for name, limit in merged(DEFAULTS.get(metric, {}), said).items()}  # fmt: skip
    for kind in Limit._fields:
        values = {name: getattr(limit, kind) for name, limit in holding.items() if getattr(limit, kind) is not None}
        for fault in out_of_order(values, falling=kind == "floor"):
            yield Fault(f"{kind}: {fault.message}", fault.hint, (metric,))


def _misfits(metric: str, severity: str, limit: QualityLimit | None) -> Iterator[Fault]:
    if limit is None:
        return
    kinds, at = _KINDS[DIRECTIONS[metric]], (metric, severity)
    said = [kind for kind, value in zip(Limit._fields, limit.limit, strict=True) if value is not None]
    if not said:
        yield Fault("says no limit", f"write {' or '.join(kinds)}, or null to turn the severity off", at)
    for kind in said:
        if kind not in kinds:
            text = f"{metric} {_WORDS[DIRECTIONS[metric]]}, so it has no {kind}"
            yield Fault(text, f"write {' or '.join(kinds)}", (*at, kind))
