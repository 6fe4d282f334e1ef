from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.reference.baselines import ClassificationRows, RegressionRows
from exporter.reference.concept import bin_of, concept_table, residual_outcome


def rows_of(
    truth: list[int], predicted: list[int], scores: list[float] | None, positive: int | None = 1
) -> ClassificationRows:
    probabilities = np.full((len(truth), 1), np.nan) if scores is None else np.array(scores)[:, np.newaxis]
    return ClassificationRows(np.array(truth), np.array(predicted), probabilities, 2, positive)


def test_scores_are_cut_into_intervals_that_hold_their_upper_end() -> None:
    table = concept_table(rows_of([0, 1, 1, 0], [0, 0, 1, 1], [0.2, 0.5, 0.6, np.nan]), np.array([0.5]))
    assert table is not None
    assert table.by == "score"
    assert table.counts.tolist() == [[1, 1], [0, 1]]


def test_without_scores_it_is_by_class() -> None:
    table = concept_table(rows_of([0, 1, 1, 0], [0, 0, 1, 1], None), np.empty(0))
    assert table is not None
    assert table.by == "class"
    # By predicted class, then by true one.
    assert table.counts.tolist() == [[1, 1], [1, 1]]
    several = concept_table(rows_of([0, 1, 1], [0, 0, 0], None, positive=None), np.empty(0))
    assert several is not None
    assert several.counts.tolist() == [[1, 2], [0, 0]]


def test_without_labelled_rows_there_is_none() -> None:
    assert concept_table(None, np.empty(0)) is None
    assert concept_table(RegressionRows(np.empty(0), np.empty(0)), np.empty(0)) is None
    assert concept_table(RegressionRows(np.array([1e308]), np.array([-1e308])), np.empty(0)) is None


def test_residuals_fall_into_thirds_of_their_own_bin() -> None:
    random = np.random.default_rng(1)
    predicted = np.repeat([1.0, 10.0], 3000)
    truth = predicted + random.normal(0, predicted)
    table = concept_table(RegressionRows(truth, predicted), np.array([5.0]))
    assert table is not None
    assert table.by == "residual"
    assert table.counts == pytest.approx(np.full((2, 3), 1000), abs=1)
    assert table.limits[1] == pytest.approx(10 * table.limits[0], rel=0.2, abs=0.3)


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=1, max_size=60), st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[float, float]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's own random
    tables = [concept_table(RegressionRows(*np.array(each).T), np.array([-3.0, 0.0, 7.0])) for each in (rows, shuffled)]
    assert tables[0] is not None
    assert tables[1] is not None
    assert tables[0].counts.sum() == len(rows)
    assert (tables[0].counts == tables[1].counts).all()
    assert (tables[0].limits == tables[1].limits).all()


def test_bins_and_outcomes_by_hand() -> None:
    assert bin_of(np.array([1.0, 2.0]), np.array([0.0, 1.0, 1.5, 2.0, 3.0])).tolist() == [0, 0, 1, 1, 2]
    limits = np.array([[-1.0, 1.0], [0.0, 0.0]])
    outcomes = residual_outcome(limits, np.array([0, 0, 0, 1, 1]), np.array([-1.0, 0.0, 2.0, 0.0, 0.1]))
    assert outcomes.tolist() == [0, 1, 2, 0, 2]
