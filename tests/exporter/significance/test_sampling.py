from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstwobign, wasserstein_distance

from exporter.significance import sampling
from exporter.significance.atoms import atoms_of
from exporter.significance.sampling import SIZES, null_table
from exporter.significance.table import LEVELS, NullTable
from exporter.statistics.arrays import Floats
from tests.exporter.significance.trials import column_of

AT = [LEVELS.index(level) for level in (0.5, 0.2, 0.1, 0.05)]
FAR = LEVELS.index(0.01)


def table_of(values: Floats, max_edges: int = 2000) -> NullTable:
    table = column_of(values, max_edges).null
    assert table is not None
    return table


def normal(rows: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(size=rows)


def drawn_again(values: Floats, rows: int, rounds: int) -> Floats:
    """Return scaled distances (rounds, 2) of samples of a sample, raw values each, by other people's programs."""
    random, found = np.random.default_rng(7), np.empty((rounds, 2))
    for place in range(rounds):
        reference, current = random.choice(values, values.size), random.choice(values, rows)
        distance = wasserstein_distance(reference, current) / reference.std(ddof=1)
        found[place] = ks_2samp(reference, current, method="asymp").statistic, distance
    scaled: Floats = found / np.sqrt(1 / rows + 1 / values.size)
    return scaled


def test_without_ties_the_distances_are_smirnovs() -> None:
    table = table_of(normal(1000))
    expected = kstwobign.isf(LEVELS)
    assert table.rows.tolist() == list(SIZES)
    for quantiles in table.ks:
        assert quantiles[AT] == pytest.approx(expected[AT], rel=0.06)
        assert quantiles[FAR] == pytest.approx(expected[FAR], rel=0.1)


KINDS: dict[str, Floats] = {
    "ties": np.round(normal(600)),
    "two": (normal(600) > 1).astype(np.float64),
    # So rough a grid that a row beyond the end would lie on it.
    "lognormal": np.asarray(np.round(np.exp(normal(600)), 1), np.float64),
}


def test_nor_does_it_matter_that_neighbours_are_pooled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a pool the functions part further than at its ends."""
    monkeypatch.setattr(sampling, "atoms_of", lambda column: atoms_of(column, pools=6))
    table = table_of(normal(1000))
    assert table.ks.mean(axis=0)[AT] == pytest.approx(kstwobign.isf(LEVELS)[AT], rel=0.03)


@pytest.mark.parametrize("rows", SIZES[:2])
@pytest.mark.parametrize("kind", KINDS)
def test_the_quantiles_are_those_of_samples_of_the_reference(kind: str, rows: int) -> None:
    values = KINDS[kind]
    table, found = table_of(values), drawn_again(values, rows, 500)
    place = SIZES.index(rows)
    expected = np.quantile(found, 1 - np.array(LEVELS), axis=0)
    assert table.ks[place][AT] == pytest.approx(expected[AT, 0], rel=0.12)
    assert table.wasserstein[place][AT] == pytest.approx(expected[AT, 1], rel=0.15)


def test_the_same_content_has_the_same_table_whatever_the_order_of_rows() -> None:
    values = np.exp(normal(500))
    one, other = table_of(values), table_of(values[::-1].copy())
    assert one.ks.tolist() == other.ks.tolist()
    assert one.wasserstein.tolist() == other.wasserstein.tolist()
    assert one.correlation.tolist() == other.correlation.tolist()


def test_other_content_is_drawn_anew() -> None:
    assert table_of(normal(500, 1)).ks.tolist() != table_of(normal(500, 2)).ks.tolist()


@pytest.mark.parametrize("values", [[], [4.0], [4.0] * 50])
def test_a_column_without_two_values_has_none(values: list[float]) -> None:
    assert null_table(column_of(np.array(values))) is None


CASES = {
    "huge": normal(100) * 1e307,
    "largest": np.array([-1.7e308, 1.7e308, 0.0, 1.0] * 10),
    "tiny": normal(100) * 1e-300,
    "smallest": np.array([5e-324, 0.0] * 20),
    "distant": normal(100) + 1e15,
    "far": np.append(normal(100), 1e300),
    "pair": np.array([1.0, 2.0]),
    "three": np.array([1.0, 2.0, 3.0]),
    "thirty": normal(30),
    "alone": np.append(np.zeros(999), 1.0),
    "cauchy": np.random.default_rng(3).standard_cauchy(300),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("error")
def test_extremes_are_finite_and_in_order(name: str) -> None:
    table = table_of(CASES[name])
    assert ((table.ks >= 0) & (table.ks < 3)).all()
    assert np.isfinite(table.wasserstein).all()
    assert (np.diff(table.ks, axis=1) >= 0).all()
    assert (np.diff(table.wasserstein, axis=1) >= 0).all()
    assert (np.abs(table.correlation) <= 1).all()


@pytest.mark.parametrize("name", ["huge", "tiny", "distant", "pair", "three", "thirty", "alone"])
def test_distances_in_standard_deviations_stay_reasonable(name: str) -> None:
    """Also where a sample of the reference may be of one value only."""
    assert 0.5 < table_of(CASES[name]).wasserstein[:, AT].max() < 10


def test_the_unit_and_the_origin_change_no_quantile_by_much() -> None:
    values = np.round(normal(300) * 8) / 8
    plain = table_of(values)
    for other in (values * 1e300, values * 1e-300, values + 1e9):
        table = table_of(other)
        assert table.ks[:, AT] == pytest.approx(plain.ks[:, AT], rel=0.15)
        assert table.wasserstein[:, AT] == pytest.approx(plain.wasserstein[:, AT], rel=0.15)


def test_methods_that_look_at_the_same_rows_are_alike() -> None:
    ks_wasserstein, ks_psi, wasserstein_psi = table_of(normal(1000)).correlation
    assert 0.7 < ks_wasserstein < 0.9
    assert 0.4 < ks_psi < 0.65
    assert 0.35 < wasserstein_psi < 0.6
    # Of two values there is one thing to look at.
    assert (table_of((normal(1000) > 0).astype(np.float64)).correlation > 0.9).all()


def test_a_thinned_column_has_nearly_the_table_of_the_whole() -> None:
    values = normal(4000)
    thinned, whole = table_of(values, 100), table_of(values, 8000)
    assert thinned.ks[:, AT] == pytest.approx(whole.ks[:, AT], rel=0.08)
    assert thinned.wasserstein[:, AT] == pytest.approx(whole.wasserstein[:, AT], rel=0.12)
