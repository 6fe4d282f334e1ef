from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_array_equal

from exporter.statistics import slots
from exporter.statistics.arrays import Floats
from tests.exporter.statistics.raw import VALUES, slots_of
from tests.exporter.statistics.ways import both_ways

EDGES = np.array([-2.0, 0.0, 1.5, 3.0])


@given(VALUES)
def test_cumulative_counts_rows_on_both_sides_of_each_edge(values: Floats) -> None:
    below, up_to = slots.cumulative(slots_of(EDGES, values).counts)
    assert below.tolist() == [int((values < edge).sum()) for edge in EDGES]
    assert up_to.tolist() == [int((values <= edge).sum()) for edge in EDGES]
    assert below.dtype == up_to.dtype == np.int64


@given(VALUES)
def test_bins_are_open_on_the_left_and_closed_on_the_right(values: Floats) -> None:
    cuts = EDGES[[0, 2]]
    expected = [(values <= -2).sum(), ((values > -2) & (values <= 1.5)).sum(), (values > 1.5).sum()]
    assert_array_equal(both_ways(slots.bin_counts, EDGES, slots_of(EDGES, values).counts, cuts), expected)


def test_without_cuts_there_is_one_bin() -> None:
    assert both_ways(slots.bin_counts, EDGES, np.ones(9, np.int64), np.empty(0)).tolist() == [9]


@pytest.mark.parametrize("cut", [-5.0, 1.0, 9.0])
def test_a_cut_that_is_no_edge_is_refused(cut: float) -> None:
    with pytest.raises(ValueError, match="not edges"):
        both_ways(slots.bin_counts, EDGES, np.ones(9, np.int64), np.array([0.0, cut]))


@given(VALUES)
def test_the_mean_is_that_of_the_values(values: Floats) -> None:
    scale = np.abs(values).max() + 1
    assert slots.mean(EDGES, *slots_of(EDGES, values)) == pytest.approx(values.mean(), rel=0, abs=1e-12 * scale)


@given(VALUES)
def test_rows_outside_the_range(values: Floats) -> None:
    counts = slots_of(EDGES, values).counts
    assert slots.below_range(counts) == (values < -2).sum()
    assert slots.above_range(counts) == (values > 3).sum()


@given(VALUES, VALUES)
def test_slots_of_two_parts_add_up_to_those_of_the_whole(one: Floats, other: Floats) -> None:
    whole = slots_of(EDGES, np.concatenate((one, other)))
    assert_array_equal(slots_of(EDGES, one).counts + slots_of(EDGES, other).counts, whole.counts)


def test_no_rows() -> None:
    empty = slots_of(EDGES, np.empty(0))
    assert math.isnan(slots.mean(EDGES, *empty))
    assert both_ways(slots.bin_counts, EDGES, empty.counts, EDGES).tolist() == [0] * 5
