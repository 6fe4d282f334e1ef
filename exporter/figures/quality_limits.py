"""From which value on a quality figure is bad, given what it was on the reference and how sure both are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from exporter.catalogue import QUALITY_METRICS, Direction
from exporter.configuration.quality_limits import DIRECTIONS, Limit, QualityJudgement
from exporter.counting.measures import Measure
from exporter.figures.relative_errors import as_in_window, as_on_reference
from exporter.ledger.window_view import WindowView
from exporter.reference.profile import BASELINE_CONFIDENCE, Baseline
from exporter.statistics.bounds import normal_quantile
from exporter.statistics.differences import critical_distance

MIN, MAX = "min", "max"
_RANGES = {metric.name: metric.bounds for metric in QUALITY_METRICS}
_DEVIATIONS = normal_quantile(0.5 + BASELINE_CONFIDENCE / 2)


class Threshold(NamedTuple):
    """Quality is bad below it (``bound`` min) or above it (max)."""

    severity: str
    bound: str
    value: float


def level_of(view: WindowView) -> float:
    """Return the risk of a false warning of each figure of a window that is judged.

    It is shared over the metrics and groups that the reference has figures of.
    """
    model, profile = view.layout.model, view.layout.profile
    baselines = profile.baselines.values() if profile else ()
    tests = sum(bool(model.quality.limits_of(metric)) for each in baselines for metric in each.figures)
    # Bounds are what rules compare, so the risk is never greater than theirs.
    return min(view.risk(tests), (1 - model.quality.confidence) / 2)


def thresholds(
    judgement: QualityJudgement,
    metric: str,
    measure: Measure,
    baseline: Baseline | None,
    level: float,
    *,
    overall: bool,
    weight: float = 1.0,
) -> Iterator[Threshold]:
    """Yield the thresholds of a figure that has bounds, by severity.

    With a reference it is never nearer to the baseline than chance would bring the figure's bound with probability
    ``level``. Absolute limits are for the whole model (``overall``) only: a segment may always have been worse.
    ``weight`` is that of ``relative_errors``: limits beside the baseline are moved from its labels to the window's.
    """
    if measure.bounds is None or measure.rows < max(judgement.min_rows, measure.least_rows):
        return
    limits = judgement.limits_of(metric)
    compared = as_on_reference(metric, measure, weight)
    for bound in _bounds_of(metric):
        for severity, limit in limits.items():
            stated = _absolute(limit, bound) if overall and judgement.is_written(metric, severity) else math.nan
            relative = _relative(limits, severity, metric, baseline, bound, overall=overall)
            if not math.isnan(relative) and baseline is not None:
                relative = _beyond_chance(relative, metric, compared, baseline, level, bound, judgement.confidence)
                relative = as_in_window(metric, relative, weight)
            value = _stricter(stated, relative, bound)
            if not math.isnan(value):
                yield Threshold(severity, bound, _within_range(metric, value))


def _bounds_of(metric: str) -> tuple[str, ...]:
    direction = DIRECTIONS[metric]
    if direction is Direction.NEAR_ZERO_IS_GOOD:
        return MIN, MAX
    return (MIN,) if direction is Direction.HIGH_IS_GOOD else (MAX,)


def _absolute(limit: Limit, bound: str) -> float:
    if bound == MAX:
        return math.nan if limit.ceiling is None else limit.ceiling
    if limit.floor is not None:
        return limit.floor
    return math.nan if limit.ceiling is None else -limit.ceiling


def _relative(
    limits: Mapping[str, Limit], severity: str, metric: str, baseline: Baseline | None, bound: str, *, overall: bool
) -> float:
    """Return what the limit is worth beside the baseline, NaN where it is nothing."""
    if baseline is None or metric not in baseline.figures or metric not in baseline.bounds:
        return math.nan
    limit, value = limits[severity], baseline.figures[metric]
    if limit.loss is not None or limit.floor is not None:
        beside = math.nan if limit.loss is None else value - limit.loss
        # A floor just below what the model ever reached would be an alarm for ever.
        mildest = min((each.loss for each in limits.values() if each.loss is not None), default=0.0)
        has_floor = overall and limit.floor is not None and value - limit.floor >= mildest
        return _stricter(beside, limit.floor if has_floor and limit.floor is not None else math.nan, bound)
    if limit.rise is not None:
        return value * (1 + limit.rise) if value > 0 else math.nan
    if DIRECTIONS[metric] is Direction.LOW_IS_GOOD and limit.ceiling is not None:
        # A ceiling that nobody wrote leaves room above what the model has always had.
        return max(limit.ceiling, 2 * value) if overall else math.nan
    scale = baseline.figures.get("rmse", 0.0)
    if limit.shift is None or scale <= 0:
        return math.nan
    return value + limit.shift * scale if bound == MAX else value - limit.shift * scale


def _beyond_chance(
    limit: float, metric: str, measure: Measure, baseline: Baseline, level: float, bound: str, confidence: float
) -> float:
    """Return the limit, or further from the baseline where a figure that did not change would be over it too often.

    The rule compares the far end of the figure's own interval, so that much of the distance is there already.
    """
    assert measure.bounds is not None  # thresholds() has seen to it
    value, (low, high) = baseline.figures[metric], baseline.bounds[metric]
    sides = len(_bounds_of(metric))
    if bound == MIN:
        own, others = measure.bounds.upper - measure.value, value - low
    else:
        own, others = measure.value - measure.bounds.lower, high - value
    # Both in widths of the window's confidence.
    others *= normal_quantile(0.5 + confidence / 2) / _DEVIATIONS
    distance = max(critical_distance(own, others, confidence, level / sides) - own, 0.0)
    return min(limit, value - distance) if bound == MIN else max(limit, value + distance)


def _stricter(one: float, other: float, bound: str) -> float:
    """Return what is reached first; NaN is never."""
    if math.isnan(one) or math.isnan(other):
        return other if math.isnan(one) else one
    return max(one, other) if bound == MIN else min(one, other)


def _within_range(metric: str, value: float) -> float:
    low, high = _RANGES[metric]
    return min(max(value, -math.inf if low is None else low), math.inf if high is None else high)
