"""Figures from sums are those of the rows, and each has the bounds that belong to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, mean_squared_error, precision_score, r2_score, recall_score

from exporter.counting import measures, quality_sums
from exporter.counting.measures import LossSums, Side
from exporter.statistics import regression
from exporter.statistics.bounds import Sampling


def test_a_regression_from_its_sums() -> None:
    random = np.random.default_rng(2)
    label = random.normal(10, 3, 300)
    predicted = label + random.normal(0.2, 1, 300)
    columns = quality_sums.regression_terms(predicted, label, 9.0).sum(axis=0)
    found = measures.of_errors(*measures.split_errors(columns, 300, 300), Sampling())
    assert found["rmse"].value == pytest.approx(mean_squared_error(label, predicted) ** 0.5)
    assert found["r2"].value == pytest.approx(r2_score(label, predicted))
    error = (predicted - label).std(ddof=1) / math.sqrt(300)
    assert found["bias"].bounds is not None
    assert found["bias"].bounds.upper - found["bias"].value == pytest.approx(1.968 * error, rel=1e-3)
    for measure in found.values():
        assert measure.bounds is not None
        assert measure.bounds.lower < measure.value < measure.bounds.upper


@pytest.mark.parametrize("absurd", [1e100, 1e150, 1e200, 1e308])
def test_absurd_errors_have_sums_that_can_be_undone(absurd: float) -> None:
    predicted, label = np.array([absurd, 2.0]), np.array([-absurd, 1.0])
    terms = quality_sums.regression_terms(predicted, label, 0.0)
    assert np.isfinite(terms).all()
    assert np.isfinite(terms.sum(axis=0) - terms[0]).all()
    assert terms.shape[1] == len(regression.COLUMNS) + 6


@pytest.mark.parametrize("absurd", [1e77, 1e100, 1e155, 1e200, 1e308])
def test_of_absurd_errors_a_figure_is_finite_or_not_known(absurd: float) -> None:
    label = np.random.default_rng(5).normal(10, 3, 60)
    predicted = label + 0.5
    predicted[7] = absurd
    label[9] = -absurd
    columns = quality_sums.regression_terms(predicted, label, 9.0).sum(axis=0)
    found = measures.of_errors(*measures.split_errors(columns, 60, 60), Sampling())
    assert found["mae"].value > 1e70
    for measure in found.values():
        assert not math.isinf(measure.value)
        assert measure.bounds is None or np.isfinite(measure.bounds).all()
        assert measure.bounds is None or not math.isnan(measure.value)


def test_several_classes() -> None:
    random = np.random.default_rng(3)
    true = random.integers(0, 3, 400)
    predicted = np.where(random.random(400) < 0.7, true, random.integers(0, 3, 400))
    cells = np.bincount(true * 3 + predicted, minlength=9).reshape(3, 3)
    found = measures.of_classes(cells, None, Sampling())
    for name, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        assert found[name].value == pytest.approx(score(true, predicted, average="macro"))
        assert found[f"{name}_weighted"].value == pytest.approx(score(true, predicted, average="weighted"))
    assert found["recall_weighted"] == found["accuracy"]
    assert found["f1"].least_rows == 3 * measures.ROWS_PER_CLASS


def test_nothing_has_neither_figures_nor_bounds() -> None:
    for measure in measures.of_classes(np.zeros((2, 2), np.int64), 1, Sampling()).values():
        assert math.isnan(measure.value)
        assert measure.bounds is None
    assert measures.of_areas([Side(np.array([3]), np.array([0]))], 3, Sampling()).bounds is None
    assert measures.of_losses(LossSums(0, 0.0, 0.0, 0.0, 0.0), Sampling())["brier"].bounds is None


def test_a_mean_of_areas_leaves_classes_without_rows_out() -> None:
    sides = [Side(np.array([5, 1]), np.array([1, 5])), Side(np.array([6, 6]), np.array([0, 0]))]
    found = measures.of_areas(sides, 12, Sampling())
    assert found.value == pytest.approx(5 / 6)
    assert found.least_rows == measures.ROWS_PER_CLASS
