from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from exporter.statistics import classification
from exporter.statistics.arrays import Counts

CLASSES = st.integers(2, 4)
FIGURES = ("precision", "recall", "f1")
AVERAGED = tuple(f"{average}_{figure}" for average in ("macro", "weighted") for figure in FIGURES)


def matrices(classes: int) -> st.SearchStrategy[Counts]:
    return st.lists(st.integers(0, 5), min_size=classes**2, max_size=classes**2).map(
        lambda cells: np.array(cells, dtype=np.int64).reshape(classes, classes)
    )


def rows_of(cells: Counts) -> tuple[Counts, Counts]:
    true, predicted = np.indices(cells.shape)
    return np.repeat(true.ravel(), cells.ravel()), np.repeat(predicted.ravel(), cells.ravel())


def figure(name: str) -> Callable[..., float]:
    function: Callable[..., float] = getattr(classification, name)
    return function


@given(matrices(2), st.sampled_from([0, 1]))
def test_binary_figures_equal_scikit_learn(cells: Counts, positive: int) -> None:
    assume(cells.any())
    true, predicted = rows_of(cells)
    expected = precision_recall_fscore_support(true, predicted, labels=[positive], average="macro", zero_division=0)
    assert [figure(name)(cells, positive) for name in FIGURES] == pytest.approx(expected[:3], abs=1e-12)


@given(CLASSES.flatmap(matrices), st.sampled_from(["macro", "weighted"]))
def test_averages_equal_scikit_learn(cells: Counts, average: str) -> None:
    assume(cells.any())
    true, predicted = rows_of(cells)
    expected = precision_recall_fscore_support(true, predicted, average=average, zero_division=0)
    assert [figure(f"{average}_{name}")(cells) for name in FIGURES] == pytest.approx(expected[:3], abs=1e-12)


@given(CLASSES.flatmap(matrices))
def test_accuracy_equals_scikit_learn(cells: Counts) -> None:
    assume(cells.any())
    assert classification.accuracy(cells) == pytest.approx(accuracy_score(*rows_of(cells)))
    assert classification.accuracy(cells, 1) == classification.accuracy(cells)


def test_a_class_that_never_occurs_does_not_lower_the_mean() -> None:
    assert classification.macro_f1(np.diag([3, 2, 0])) == 1.0


def test_a_positive_class_that_never_occurs_has_zero_not_nan() -> None:
    assert [figure(name)(np.array([[4, 0], [0, 0]]), 1) for name in FIGURES] == [0.0, 0.0, 0.0]


def test_no_rows() -> None:
    empty = np.zeros((2, 2), np.int64)
    assert all(math.isnan(figure(name)(empty, 1)) for name in ("accuracy", *FIGURES))
    assert all(math.isnan(figure(name)(empty)) for name in AVERAGED)
