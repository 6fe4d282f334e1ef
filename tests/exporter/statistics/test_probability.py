from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from exporter.statistics.probability import (
    brier_terms_binary,
    brier_terms_multiclass,
    log_loss_terms,
    probability_of,
)

PROBABILITY = st.one_of(st.sampled_from([0.0, 1.0, 0.5, 1e-300, 1e-16, 1 - 1e-16]), st.floats(0, 1))
BINARY = st.lists(st.tuples(PROBABILITY, st.booleans()), min_size=1, max_size=40)
# Three probabilities that need not sum to one, and the true class.
MULTICLASS = st.lists(st.tuples(PROBABILITY, PROBABILITY, PROBABILITY, st.integers(0, 2)), min_size=1, max_size=30)


@given(BINARY)
def test_binary_equals_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    probability, is_positive = (np.array(column) for column in zip(*rows, strict=True))
    of_true_class = np.where(is_positive, probability, 1 - probability)
    expected = log_loss(is_positive, probability, labels=[False, True])
    assert log_loss_terms(of_true_class).mean() == pytest.approx(expected, rel=1e-12, abs=1e-15)
    expected = brier_score_loss(is_positive, probability, pos_label=True)
    assert brier_terms_binary(probability, is_positive).mean() == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(MULTICLASS)
def test_multiclass_equals_scikit_learn(rows: list[tuple[float, float, float, int]]) -> None:
    probabilities = np.array([row[:3] for row in rows])
    true_class = np.array([row[3] for row in rows])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The y_prob values do not sum to one")
        expected_loss = log_loss(true_class, probabilities, labels=[0, 1, 2])
        expected_brier = brier_score_loss(true_class, probabilities, labels=[0, 1, 2])
    loss = log_loss_terms(probability_of(probabilities, true_class)).mean()
    assert loss == pytest.approx(expected_loss, rel=1e-12, abs=1e-15)
    brier = brier_terms_multiclass(probabilities, true_class).mean()
    assert brier == pytest.approx(expected_brier, rel=1e-12, abs=1e-15)


def test_the_arguments_are_left_alone() -> None:
    probabilities = np.array([[0.2, 0.8]])
    brier_terms_multiclass(probabilities, np.array([1]))
    assert probabilities.tolist() == [[0.2, 0.8]]


def test_no_rows_give_no_terms() -> None:
    none = np.empty(0)
    assert log_loss_terms(none).size == 0
    assert brier_terms_binary(none, none.astype(np.bool_)).size == 0
    assert brier_terms_multiclass(np.empty((0, 3)), none.astype(np.int64)).size == 0
