"""R² and MAPE where labels are more alike, or smaller, than on the reference: no worse for that."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration.quality_limits import QualityJudgement
from exporter.counting import measures, quality_sums
from exporter.counting.measures import Measure
from exporter.figures.quality_limits import thresholds
from exporter.figures.relative_errors import as_in_window, as_on_reference, weight
from exporter.reference.baselines import RegressionRows
from exporter.reference.profile import Baseline
from exporter.statistics import regression
from exporter.statistics.arrays import Floats
from exporter.statistics.bounds import Bounds, Sampling

RELATIVE = ("r2", "mape")
LEVEL = 0.005


class World:
    """Labels around ``centre`` that vary by ``spread``; errors of a size of ``error``, whatever the label."""

    def __init__(self, centre: float, spread: float, error: float, rows: int = 4000, seed: int = 3) -> None:
        random = np.random.default_rng(seed)
        self.truth: Floats = centre + spread * random.uniform(-1, 1, rows)
        self.predicted: Floats = self.truth + random.normal(0, error, rows)

    def baseline(self) -> Baseline:
        rows = RegressionRows(self.truth, self.predicted)
        return Baseline(len(self.truth), rows.figures(), rows.bounds())

    def measured(self) -> dict[str, Measure]:
        centre = float(self.truth.mean())
        columns = quality_sums.regression_terms(self.predicted, self.truth, centre).sum(axis=0)
        relative = int(regression.has_relative(self.predicted, self.truth).sum())
        return measures.of_errors(*measures.split_errors(columns, len(self.truth), relative), Sampling())


REFERENCE = World(100.0, 60.0, 10.0).baseline()


def alarms(metric: str, figures: dict[str, Measure], *, by_weight: bool = True) -> set[str]:
    """The severities of which the thresholds are exceeded, as the rules compare them."""
    figure = figures[metric]
    assert figure.bounds is not None
    heavy = weight(metric, figures, REFERENCE) if by_weight else 1.0
    found = thresholds(QualityJudgement(), metric, figure, REFERENCE, LEVEL, overall=True, weight=heavy)
    return {
        each.severity
        for each in found
        if (figure.bounds.upper < each.value if each.bound == "min" else figure.bounds.lower > each.value)
    }


@pytest.mark.parametrize(("metric", "now"), [("r2", World(100.0, 20.0, 10.0)), ("mape", World(45.0, 25.0, 10.0))])
def test_the_same_errors_on_calm_or_small_labels_are_no_alarm(metric: str, now: World) -> None:
    figures = now.measured()
    assert alarms(metric, figures, by_weight=False) == {"warning", "critical"}, "it would be one"
    assert alarms(metric, figures) == set()
    assert alarms("mae", figures) == alarms("rmse", figures) == set()


@pytest.mark.parametrize("metric", RELATIVE)
@pytest.mark.parametrize("now", [World(100.0, 60.0, 16.0), World(100.0, 20.0, 16.0), World(45.0, 25.0, 16.0)])
def test_greater_errors_are_one_whatever_the_labels(metric: str, now: World) -> None:
    assert "warning" in alarms(metric, now.measured())


def test_errors_that_grow_with_their_labels_are_none() -> None:
    twice = World(200.0, 120.0, 20.0).measured()
    assert [alarms(metric, twice) for metric in RELATIVE] == [set(), set()]
    assert [alarms(metric, twice) for metric in ("mae", "rmse")] == [{"warning", "critical"}] * 2


@pytest.mark.parametrize("metric", RELATIVE)
def test_what_was_no_worse_by_its_own_labels_is_as_before(metric: str) -> None:
    figures = World(110.0, 70.0, 10.0).measured()
    assert weight(metric, figures, REFERENCE) == 1.0


@pytest.mark.parametrize(("metric", "now"), [("r2", World(100.0, 20.0, 10.0)), ("mape", World(45.0, 25.0, 10.0))])
def test_on_the_references_labels_the_figure_is_the_references(metric: str, now: World) -> None:
    figures = now.measured()
    moved = as_on_reference(metric, figures[metric], weight(metric, figures, REFERENCE))
    assert moved.bounds is not None
    assert moved.value == pytest.approx(REFERENCE.figures[metric], abs=0.02)
    assert moved.bounds.lower < moved.value < moved.bounds.upper
    assert moved.rows == figures[metric].rows


@pytest.mark.parametrize("metric", ["mae", "rmse", "bias", "accuracy"])
def test_other_figures_do_not_depend_on_how_labels_vary(metric: str) -> None:
    assert weight(metric, World(100.0, 20.0, 10.0).measured(), REFERENCE) == 1.0


def test_where_nothing_tells_an_error_weighs_what_it_did() -> None:
    right = {"r2": Measure(1.0, 9, None), "rmse": Measure(0.0, 9, None), "mape": Measure(math.nan, 0, None)}
    never_wrong = Baseline(9, {"r2": 1.0, "rmse": 0.0, "mape": 0.0, "mae": 0.0}, {})
    wrong = World(100.0, 20.0, 10.0).measured()
    for metric in RELATIVE:
        assert weight(metric, right, REFERENCE) == 1.0
        assert weight(metric, wrong, never_wrong) == 1.0
        assert weight(metric, wrong, Baseline(9, {}, {})) == 1.0
        assert weight(metric, wrong, None) == 1.0


@given(st.sampled_from(RELATIVE), st.floats(-50, 1), st.floats(1, 1000))
def test_there_and_back(metric: str, value: float, times: float) -> None:
    figure = Measure(value, 9, Bounds(value - 1, value + 1))
    moved = as_on_reference(metric, figure, times)
    assert as_in_window(metric, moved.value, times) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_a_limit_that_is_written_holds_on_any_labels() -> None:
    figures = World(100.0, 20.0, 10.0).measured()
    judgement = QualityJudgement.model_validate({"limits": {"r2": {"warning": {"floor": 0.6}}}})
    heavy = weight("r2", figures, REFERENCE)
    assert heavy > 5
    found = thresholds(judgement, "r2", figures["r2"], REFERENCE, LEVEL, overall=True, weight=heavy)
    assert {each.severity: each.value for each in found}["warning"] == 0.6
