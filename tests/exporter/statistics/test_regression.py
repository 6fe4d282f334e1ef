from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    r2_score,
    root_mean_squared_error,
)

from exporter.statistics import regression
from exporter.statistics.arrays import Floats
from exporter.statistics.regression import COLUMNS, ErrorSums, error_sums

NUMBER = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e3, 1e3, width=32))
ROWS = st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=50).map(np.array)
NOTHING = ErrorSums(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)


def sums_of(prediction: Floats, label: Floats, centre: float = 0.0) -> ErrorSums:
    total = regression.terms(prediction, label, centre).sum(axis=0)
    return error_sums(len(label), total, int(regression.has_relative(prediction, label).sum()))


@given(ROWS)
def test_errors_equal_scikit_learn(rows: Floats) -> None:
    prediction, label = rows.T
    sums = sums_of(prediction, label)
    assert regression.mae(sums) == pytest.approx(mean_absolute_error(label, prediction), rel=1e-12)
    assert regression.rmse(sums) == pytest.approx(root_mean_squared_error(label, prediction), rel=1e-12)
    assert regression.bias(sums) == pytest.approx(np.mean(prediction - label), rel=1e-9, abs=1e-9)


@given(ROWS)
def test_mape_equals_scikit_learn_on_the_labels_that_are_not_zero(rows: Floats) -> None:
    prediction, label = rows.T
    # scikit-learn divides by 2e-16 where a label is smaller than that.
    label = np.where(np.abs(label) < 1e-6, 0.0, label)
    kept = label != 0
    result = regression.mape(sums_of(prediction, label))
    if kept.any():
        assert result == pytest.approx(mean_absolute_percentage_error(label[kept], prediction[kept]), rel=1e-9)
    else:
        assert math.isnan(result)


@given(ROWS, st.floats(-1, 1))
def test_r2_equals_scikit_learn_whatever_the_centre(rows: Floats, shift: float) -> None:
    prediction, label = rows.T
    result = regression.r2(sums_of(prediction, label, centre=float(label.mean()) + shift))
    if len(label) < 2 or label.std() == 0:
        assert math.isnan(result)
    elif label.std() > 0.01:
        assert result == pytest.approx(r2_score(label, prediction), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("value", [0.1, 0.3, 0.7, 1.1])
def test_a_constant_label_has_no_r2_even_when_its_sums_drift(value: float) -> None:
    # Adding 0.1 a hundred thousand times one after the other is not exact, and the spread comes out a little above or
    # below zero.
    label = np.full(100_000, value)
    columns = np.cumsum(regression.terms(label + 1, label, 0.0), axis=0)[-1]
    assert columns[COLUMNS.index("label")] != 100_000 * value
    assert math.isnan(regression.r2(error_sums(len(label), columns, len(label))))


def test_a_label_far_from_zero_keeps_its_digits_around_a_centre() -> None:
    label = 1e9 + np.array([1.0, 2.0, 3.0, 4.0])
    prediction = label + np.array([0.1, -0.1, 0.2, 0.0])
    assert regression.r2(sums_of(prediction, label, centre=1e9)) == pytest.approx(r2_score(label, prediction), rel=1e-9)


def test_a_label_too_small_to_divide_by_is_left_out_of_mape() -> None:
    sums = sums_of(np.array([1.0, 3.0, 0.0]), np.array([5e-324, 2.0, 0.0]))
    assert (sums.relative_rows, regression.mape(sums)) == (1, 0.5)


@given(ROWS, ROWS)
def test_sums_of_parts_add_up(one: Floats, other: Floats) -> None:
    parts = [sums_of(*rows.T) for rows in (one, other)]
    whole = sums_of(*np.concatenate((one, other)).T)
    for name in ("rows", *COLUMNS, "relative_rows"):
        total = sum(getattr(part, name) for part in parts)
        assert total == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("figure", ["mae", "rmse", "bias", "r2", "mape"])
def test_no_rows(figure: str) -> None:
    assert math.isnan(getattr(regression, figure)(NOTHING))
    assert regression.terms(np.empty(0), np.empty(0), 0.0).shape == (0, len(COLUMNS))


def test_a_correction_that_leaves_rounding_below_zero_is_no_error() -> None:
    before = regression.terms(np.array([12.35, 0.1]), np.zeros(2), 0.0)
    columns = before.sum(axis=0) - before[0] - before[1]
    assert columns[COLUMNS.index("squared")] < 0
    sums = error_sums(2, columns, 0)
    assert (regression.mae(sums), regression.rmse(sums)) == (0.0, 0.0)


def test_absurd_numbers_overflow_without_a_sound() -> None:
    found = regression.terms(np.array([1e300, 1e308]), np.array([1.0, -1e308]), centre=0.0)
    assert found[0].tolist() == [1e300, math.inf, 1e300, 1.0, 1.0, 1e300]
    assert found[1, :3].tolist() == [math.inf] * 3
