from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.ranking import roc_auc, roc_auc_bound
from tests.exporter.statistics.raw import TABLES, array_of

SCORES = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40).map(array_of)


def binned(scores: Floats, bins: int) -> Counts:
    return np.bincount(np.minimum((scores * bins).astype(np.int64), bins - 1), minlength=bins)


@given(TABLES)
def test_equals_scikit_learn_when_a_bin_is_one_score(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    bins = np.arange(table.shape[1])
    scores = np.concatenate([np.repeat(bins, side) for side in table])
    labels = np.repeat([0, 1], table.sum(axis=1))
    assert roc_auc(*table) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@given(SCORES, SCORES, st.integers(1, 20))
def test_the_bound_of_the_binning_holds(negative: Floats, positive: Floats, bins: int) -> None:
    exact = roc_auc_score(np.repeat([0, 1], [len(negative), len(positive)]), np.concatenate((negative, positive)))
    counts = binned(negative, bins), binned(positive, bins)
    assert abs(roc_auc(*counts) - exact) <= roc_auc_bound(*counts) + 1e-12


def test_the_bound_can_be_reached() -> None:
    one_bin = np.array([3])
    assert roc_auc(one_bin, one_bin) == 0.5
    assert roc_auc_bound(one_bin, one_bin) == 0.5


@given(TABLES)
def test_classes_exchanged(table: Counts) -> None:
    assume(table.sum(axis=1).all())
    assert roc_auc(*table) == pytest.approx(1 - roc_auc(table[1], table[0]), abs=1e-12)


def test_billions_of_rows_do_not_overflow() -> None:
    half = np.array([5, 5], dtype=np.int64) * 10**9
    assert roc_auc(half, half) == 0.5


@pytest.mark.parametrize("sides", [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0])])
def test_one_class_has_no_ranking(sides: tuple[list[int], list[int]]) -> None:
    negative, positive = (np.array(side, dtype=np.int64) for side in sides)
    assert math.isnan(roc_auc(negative, positive))
    assert math.isnan(roc_auc_bound(negative, positive))
