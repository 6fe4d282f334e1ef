from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from exporter.reference.numeric import (
    STEPS_PER_GAP,
    STEPS_PER_STD,
    cuts_at_quantiles,
    cuts_of_equal_width,
    moments,
    numeric_column,
    subdivided,
    thinned,
)
from exporter.reference.profile import NumericColumn

Floats = NDArray[np.float64]
finite = st.floats(allow_nan=False, allow_infinity=False)


def column(values: Floats, *, bins: int = 10, max_edges: int = 10_000) -> NumericColumn:
    return numeric_column(values, rows=values.size, missing=0, invalid=0, bins=bins, max_edges=max_edges)


def share_between(column: NumericColumn) -> float:
    return float(column.counts[::2].max() / column.counts.sum())


def test_every_distinct_value_and_every_cut_is_an_edge_when_they_fit() -> None:
    found = column(np.array([3.0, 1.0, 1.0, 2.0]), bins=2)
    assert np.isin([1.0, 1.5, 2.0, 3.0], found.edges).all()
    held = found.counts > 0
    at = held[1::2]
    assert found.edges[at].tolist() == [1.0, 2.0, 3.0]
    assert found.counts[1::2][at].tolist() == [2, 1, 1]
    assert not held[::2].any()
    assert found.quantile_cuts.tolist() == [1.5]
    assert found.width_cuts.tolist() == [2.0]


def test_no_gap_is_wider_than_a_step() -> None:
    values = np.random.default_rng(2).normal(size=300)
    found = column(values)
    assert np.diff(found.edges).max() <= found.std / STEPS_PER_STD * (1 + 1e-9)


def test_edges_in_gaps_hold_nothing() -> None:
    values = np.random.default_rng(2).normal(size=300)
    found = column(values)
    assert found.edges.size > 2 * values.size
    assert (found.counts > 0).sum() == values.size
    assert not found.sums.any()


def test_a_far_outlier_gets_no_more_than_its_share_of_edges() -> None:
    found = subdivided(np.array([0.0, 1.0, 1e6]), 0.01, 10_000)
    assert found.size == 100 + STEPS_PER_GAP + 1


def test_subdivision_gets_coarser_until_it_fits() -> None:
    assert subdivided(np.array([0.0, 1.0, 9.0]), 0.25, 12).tolist() == [0, 1, *range(2, 10)]
    assert subdivided(np.array([0.0, 1.0, 9.0]), 0.25, 3).tolist() == [0, 1, 9]


@settings(max_examples=150, deadline=None)
@given(st.lists(finite, max_size=60), st.floats(0, 1e3), st.integers(60, 200))
def test_subdivision_keeps_edges_and_the_limit(values: list[float], widest: float, max_edges: int) -> None:
    edges = np.unique(np.array(values, dtype=np.float64) + 0.0)
    found = subdivided(edges, widest, max_edges)
    assert np.isin(edges, found).all()
    assert found.size <= max_edges
    # Not by their differences, which may overflow.
    assert (found[1:] > found[:-1]).all()
    assert found[[0, -1]].tolist() == edges[[0, -1]].tolist() if edges.size else not found.size


@settings(max_examples=150, deadline=None)
@given(st.lists(finite, min_size=1, max_size=200), st.integers(21, 60))
def test_nothing_is_lost_and_cuts_are_edges(values: list[float], max_edges: int) -> None:
    found = column(np.array(values), max_edges=max_edges)
    assert found.counts.sum() == len(values)
    assert found.edges.size <= max_edges
    assert (found.edges[1:] > found.edges[:-1]).all()
    assert np.isin(found.quantile_cuts, found.edges).all()
    assert np.isin(found.width_cuts, found.edges).all()
    assert found.minimum == min(values) == found.edges[0]
    assert found.maximum == max(values) == found.edges[-1]
    assert found.counts[0] == found.counts[-1] == 0
    assert np.isfinite([*found.sums, found.mean, found.std, *found.edges]).all()


@pytest.mark.parametrize("points", [21, 100, 1000])
def test_thinning_keeps_its_bound(points: int) -> None:
    rng = np.random.default_rng(points)
    values = np.concatenate([rng.lognormal(0, 2, 9000), np.full(1000, 0.25), rng.integers(0, 5, 500)])
    found = column(values, max_edges=points)
    room = points - np.union1d(found.quantile_cuts, found.width_cuts).size
    assert found.edges.size <= points
    # A quarter of the room is kept for the gaps, but never so much that less than three values stay.
    assert share_between(found) < 1 / (max(room - room // 4, 3) - 1)
    assert found.sums.sum() + (found.edges * found.counts[1::2]).sum() == pytest.approx(values.sum())


@given(st.lists(st.integers(0, 12), min_size=60, max_size=300), st.integers(2, 8))
def test_heavy_ties_and_the_ends_survive_thinning(values: list[int], points: int) -> None:
    ordered = np.sort(np.array(values, dtype=np.float64))
    kept = thinned(ordered, points)
    distinct, tally = np.unique(ordered, return_counts=True)
    heavy = distinct[tally * (points - 1) >= ordered.size]
    assert kept.size <= points
    assert np.isin(heavy, kept).all()
    assert (kept[0], kept[-1]) == (ordered[0], ordered[-1])


def test_a_constant_column_has_one_edge_and_no_spread() -> None:
    found = column(np.full(2880, 0.003467))
    assert found.edges.tolist() == found.quantile_cuts.tolist() == found.width_cuts.tolist() == [0.003467]
    assert found.counts.tolist() == [0, 2880, 0]
    assert (found.mean, found.std) == (0.003467, 0.0)


def test_a_column_without_values_has_one_slot() -> None:
    found = numeric_column(np.empty(0), rows=3, missing=2, invalid=1, bins=10, max_edges=100)
    assert found.edges.size == found.quantile_cuts.size == found.width_cuts.size == 0
    assert found.counts.tolist() == [0]
    assert found.sums.tolist() == [0.0]
    assert math.isnan(found.mean)
    assert math.isnan(found.minimum)


def test_one_value_has_no_spread() -> None:
    assert moments(np.array([4.0])) == (4.0, 0.0)


def test_zeros_of_both_signs_are_one_edge() -> None:
    assert column(np.array([0.0, -0.0, 0.0])).counts.tolist() == [0, 3, 0]


def test_cuts_are_those_of_numpy() -> None:
    ordered = np.sort(np.random.default_rng(3).normal(size=1001))
    assert cuts_at_quantiles(ordered, 10).tolist() == np.unique(np.quantile(ordered, np.arange(1, 10) / 10)).tolist()
    width = np.linspace(ordered[0], ordered[-1], 11)[1:-1]
    assert cuts_of_equal_width(ordered, 10).tolist() == width.tolist()


def test_values_as_large_as_floats_get_are_no_trouble() -> None:
    most = float(np.finfo(np.float64).max)
    found = column(np.array([-most, most, 0.0, 1.0]))
    assert found.counts.sum() == 4
    assert np.isfinite(found.width_cuts).all()
    assert found.mean == pytest.approx(0.25, abs=1e300)
    assert 0 < found.std <= most


def test_moments_are_those_of_numpy() -> None:
    values = np.random.default_rng(5).normal(1e6, 1e-2, 1000)
    mean, std = moments(np.sort(values))
    assert mean == pytest.approx(values.mean(), rel=1e-14)
    assert std == pytest.approx(values.std(ddof=1), rel=1e-9)
