"""Figures that measure errors by the labels: what an error counts in a window, beside what it counted on the reference.

R² measures squared errors by how much labels vary, MAPE each error by its label. In a calm month, or one of small labels,
both get worse while the model errs by no more than ever, or by less. Such a window is judged as if the same errors had been
made on labels like the reference's. The other way round nothing is made up for: where labels vary more, a figure that
is as good as on the reference is good.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from exporter.counting.measures import Measure
from exporter.reference.profile import Baseline
from exporter.statistics.bounds import Bounds

Figures = Mapping[str, float]

# What is lost by the errors that count: from 0, where there are none, upwards.
_BEST = {"r2": 1.0, "mape": 0.0}


def weight(metric: str, figures: Mapping[str, Measure], baseline: Baseline | None) -> float:
    """Return how many times more an error counts than on the reference: 1 where that is not more, or not known."""
    if metric not in _BEST or baseline is None:
        return 1.0
    now = _per_error(metric, {name: measure.value for name, measure in figures.items()})
    then = _per_error(metric, baseline.figures)
    times = now / then if then > 0 else math.nan
    return times if 1 < times < math.inf else 1.0


def as_on_reference(metric: str, measure: Measure, weight: float) -> Measure:
    """Return the figure that the same errors would have had on the reference."""
    if weight == 1 or measure.bounds is None:
        return measure
    lower, upper = (_moved(metric, end, 1 / weight) for end in measure.bounds)
    return measure._replace(value=_moved(metric, measure.value, 1 / weight), bounds=Bounds(lower, upper))


def as_in_window(metric: str, value: float, weight: float) -> float:
    """Return what a figure of the reference's labels is on the window's: the inverse."""
    return value if weight == 1 else _moved(metric, value, weight)


def _per_error(metric: str, figures: Figures) -> float:
    """Return what the figure loses by one unit of (squared) error; NaN where nothing tells."""
    value, error = figures.get(metric, math.nan), figures.get("rmse" if metric == "r2" else "mae", math.nan)
    loss = abs(value - _BEST[metric])
    unit = error * error if metric == "r2" else error
    return loss / unit if unit > 0 else math.nan


def _moved(metric: str, value: float, times: float) -> float:
    best = _BEST[metric]
    return best + (value - best) * times
