from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.significance.atoms import POOLS, atoms_of
from exporter.statistics.arrays import Floats
from tests.exporter.significance.trials import column_of


def normal(rows: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(size=rows)


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(-3, 3), st.floats(-1e6, 1e6)), min_size=2, max_size=400).filter(
        lambda values: min(values) < max(values)
    ),
    st.integers(8, 300),
)
def test_whatever_the_column_the_atoms_are_one_distribution(values: list[float], max_edges: int) -> None:
    atoms = atoms_of(column_of(np.array(values, dtype=np.float64), max_edges + 20))
    assert atoms.shares.sum() == pytest.approx(1)
    assert (atoms.shares > 0).all()
    assert (np.diff(atoms.values) >= 0).all()
    assert np.abs(atoms.values).max() <= 1 + 1e-12
    assert (np.diff(atoms.bins) >= 0).all()
    assert len(atoms.values) <= POOLS + 11 + 2


def test_few_values_are_kept_as_they_are_and_nothing_lies_beyond_repeated_ones() -> None:
    atoms = atoms_of(column_of(np.repeat([1.0, 2.0, 5.0], [20, 50, 30])))
    assert atoms.shares.tolist() == [0.2, 0.5, 0.3]
    # From the middle value on, in units of the largest distance from it.
    assert atoms.values.tolist() == pytest.approx([-1 / 3, 0, 1])
    assert not atoms.is_pool.any()


def test_beyond_either_end_of_a_sample_there_is_one_more_row() -> None:
    column = column_of(np.arange(1.0, 101.0))
    atoms = atoms_of(column)
    # The 20 last rows lie 10.5 beyond the one before them on average.
    unit = atoms.values[2] - atoms.values[1]
    assert len(atoms.values) == 102
    assert atoms.values[-1] - atoms.values[-2] == pytest.approx(10.5 * unit)
    assert atoms.values[1] - atoms.values[0] == pytest.approx(10.5 * unit)
    assert atoms.shares.tolist() == pytest.approx([1 / 102] * 102)


def test_no_pool_lies_across_a_cut_of_the_index() -> None:
    values = normal(5000)
    column = column_of(values, 6000)
    atoms = atoms_of(column)
    shares = np.bincount(atoms.bins, atoms.shares)
    expected = np.histogram(values, np.concatenate(([-np.inf], column.quantile_cuts, [np.inf])))[0] / 5000
    assert shares.tolist() == pytest.approx(expected.tolist(), abs=3e-4)


def test_pools_keep_the_mean_and_nearly_the_spread() -> None:
    values = normal(5000)
    column = column_of(values, 6000)
    atoms = atoms_of(column)
    bins = np.searchsorted(column.quantile_cuts, values)
    # What the second lowest and the second highest tenth are apart tells the unit.
    apart = [np.average(atoms.values[atoms.bins == each], weights=atoms.shares[atoms.bins == each]) for each in (1, 8)]
    unit = (values[bins == 8].mean() - values[bins == 1].mean()) / (apart[1] - apart[0])
    mean = atoms.shares @ atoms.values
    assert (mean - apart[0]) * unit == pytest.approx(values.mean() - values[bins == 1].mean(), abs=0.003)
    assert math.sqrt(atoms.shares @ (atoms.values - mean) ** 2) * unit == pytest.approx(values.std(), rel=0.01)
    assert atoms.is_pool.mean() > 0.5


def test_far_out_pools_are_finer() -> None:
    values = np.random.default_rng(2).standard_t(3, size=5000)
    atoms = atoms_of(column_of(values, 6000))
    middle, outer = np.abs(atoms.values) < 0.02, np.abs(atoms.values) > 0.2
    assert atoms.shares[outer].mean() < 0.2 * atoms.shares[middle].mean()


@pytest.mark.parametrize("scale", [1e-300, 1e-8, 1e8, 1e300, 1e307])
def test_the_unit_does_not_matter(scale: float) -> None:
    values = normal(400)
    one, other = atoms_of(column_of(values)), atoms_of(column_of(values * scale))
    assert other.values.tolist() == pytest.approx(one.values.tolist(), abs=1e-9)
    assert other.shares.tolist() == pytest.approx(one.shares.tolist())
    assert other.bins.tolist() == one.bins.tolist()


def test_nor_does_a_distant_origin() -> None:
    # Eighths, which a number near 1e15 still has.
    values = np.round(normal(400) * 8) / 8
    one, other = atoms_of(column_of(values)), atoms_of(column_of(values + 1e15))
    assert other.values.tolist() == pytest.approx(one.values.tolist(), abs=0.2)
    assert np.unique(other.values).size == pytest.approx(np.unique(one.values).size, abs=3)
