"""The grid must give what a binary search gives, for every pair of edges and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from exporter.reference import edge_index
from exporter.reference.edge_index import EdgeIndex

Floats = NDArray[np.float64]

SUBNORMALS = [5e-324, 1e-323, -5e-324, 2.2250738585072014e-308, -1e-310]
EXTREMES = [0.0, -0.0, 1e-300, 1e300, -1e300, 1.7976931348623157e308, -1.7976931348623157e308, 1.0, 1.0 + 2**-52]
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
numbers = st.one_of(
    finite,
    st.floats(-10, 10),
    st.integers(-50, 50).map(lambda i: i / 10),
    st.sampled_from(SUBNORMALS + EXTREMES),
    st.floats(-300, 300).map(lambda power: 10.0**power),
)


@pytest.fixture(autouse=True, params=["compiled", "NumPy"])
def _use_the_grid_always(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge_index, "SMALL_BATCH", 0)
        patch.setattr(edge_index, "MAX_CROWDED_SHARE", 1.0)
        if request.param == "NumPy":
            patch.setattr(edge_index, "native", None)
        elif edge_index.native is None:
            pytest.skip("there was no C compiler")
        yield


def by_search(edges: Floats, values: Floats) -> list[int]:
    found = np.searchsorted(edges, values, side="left")
    equal = np.append(edges, np.nan)[found] == values
    result: list[int] = (2 * found + equal).tolist()
    return result


def near(values: Floats) -> Floats:
    """The values, and their neighbours one step in the last place away: where rounding would show."""
    with np.errstate(over="ignore"):
        around = np.concatenate([values, np.nextafter(values, -np.inf), np.nextafter(values, np.inf), -values])
    kept: Floats = around[np.isfinite(around)]
    return kept


@settings(max_examples=300, deadline=None)
@given(st.lists(numbers, max_size=80), st.lists(numbers, max_size=80))
def test_slots_equal_a_binary_search(edges: list[float], values: list[float]) -> None:
    distinct = np.unique(np.array(edges))
    tried = near(np.concatenate([distinct, np.array(values)]))
    assert EdgeIndex(distinct).slots(tried).tolist() == by_search(distinct, tried)


@settings(max_examples=100, deadline=None)
@given(st.lists(numbers, max_size=80), st.lists(numbers, max_size=400))
def test_a_tally_is_what_counting_by_hand_gives(edges: list[float], values: list[float]) -> None:
    distinct = np.unique(np.array(edges))
    tried = np.concatenate([distinct, np.array(values)])
    counts, sums = np.ones(2 * distinct.size + 1, np.int64), np.full(distinct.size + 1, 0.1)
    EdgeIndex(distinct).tally(tried, counts, sums)
    expected, added = [1] * counts.size, [0.1] * sums.size
    for value, slot in zip(tried.tolist(), by_search(distinct, tried), strict=True):
        expected[slot] += 1
        if slot % 2 == 0:
            added[slot // 2] += value
    assert counts.tolist() == expected
    np.testing.assert_array_equal(sums, added)
    EdgeIndex(distinct).tally(tried, counts)
    assert counts.sum() == counts.size + 2 * tried.size


SHAPES: dict[str, Any] = {
    "uniform": lambda rng, n: rng.random(n),
    "normal": lambda rng, n: rng.normal(size=n),
    "heavy on one side": lambda rng, n: rng.lognormal(0, 2, n),
    "heavy on both sides": lambda rng, n: rng.standard_cauchy(n),
    "tied": lambda rng, n: rng.normal(size=n).round(2),
    "whole": lambda rng, n: rng.integers(-1000, 1000, n).astype(float),
    "far from zero": lambda rng, n: 1e9 + rng.random(n) * 1e-3,
    "all magnitudes": lambda rng, n: 10.0 ** rng.uniform(-300, 300, n) * rng.choice([-1, 1], n),
    "subnormal": lambda rng, n: rng.integers(-4000, 4000, n) * 5e-324,
    "two clusters": lambda rng, n: rng.normal(size=n) * 1e-6 + rng.choice([0.0, 1e6], n),
    "the widest range": lambda rng, n: rng.uniform(-1, 1, n) * 1.7e308,
    "one far outlier": lambda rng, n: np.append(rng.random(n - 1), 1e12),
}


@pytest.mark.parametrize("k", [1, 2, 7, 8, 9, 100, 3000])
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_of_data(shape: str, k: int) -> None:
    rng = np.random.default_rng(k)
    edges = np.unique(SHAPES[shape](rng, k))
    values = near(
        np.concatenate([edges, SHAPES[shape](rng, 5000), edges * 2.5 if shape != "the widest range" else edges])
    )
    values = values[np.isfinite(values)]
    assert EdgeIndex(edges).slots(values).tolist() == by_search(edges, values)


@pytest.mark.parametrize("shape", ["uniform", "normal", "heavy on one side", "heavy on both sides", "tied", "whole"])
def test_the_grid_is_used_where_it_should_be(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_index, "MAX_CROWDED_SHARE", 0.3)
    grid = EdgeIndex(np.unique(SHAPES[shape](np.random.default_rng(1), 2000)))._grid
    assert grid is not None


@pytest.mark.parametrize("size", [32_766, 32_767, 32_768])
def test_the_number_of_edges_fits_into_its_type(size: int) -> None:
    edges = np.arange(float(size))
    values = np.concatenate((edges, edges - 0.25, edges[-1:] + 9))
    assert EdgeIndex(edges).slots(values).tolist() == by_search(edges, values)


def test_edges_that_no_grid_can_tell_apart_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_index, "MAX_CROWDED_SHARE", 0.4)
    edges = np.unique(SHAPES["all magnitudes"](np.random.default_rng(1), 2000))
    index = EdgeIndex(edges)
    # Compiled code searches inside the sub-cells.
    assert (index._grid is None) == (edge_index.native is None)
    assert index.slots(near(edges)).tolist() == by_search(edges, near(edges))


def test_no_edges_put_everything_into_one_slot() -> None:
    index = EdgeIndex(np.empty(0))
    assert index.slots(np.array([-1e300, 0.0, 5e-324])).tolist() == [0, 0, 0]
    assert index.number_of_slots == 1


def test_zero_has_one_slot_whatever_its_sign() -> None:
    edges = np.array([-1.0, -0.0, 1.0])
    assert EdgeIndex(edges).slots(np.array([0.0, -0.0])).tolist() == [3, 3]


def test_no_values_have_no_slots() -> None:
    assert EdgeIndex(np.arange(100.0)).slots(np.empty(0)).size == 0


@pytest.mark.parametrize("size", [1, 63, 64, 65, 191, 192, 8191, 8192, 8193, 20_000])
def test_batches_of_every_size_are_treated_alike(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    rng = np.random.default_rng(size)
    edges, values = np.unique(rng.normal(size=500)), rng.normal(size=size)
    assert EdgeIndex(edges).slots(values).tolist() == by_search(edges, values)


def test_values_may_be_strided_and_of_another_type() -> None:
    edges, values = np.arange(50.0), np.arange(2000, dtype=np.float32)[::2] / 7
    assert EdgeIndex(edges).slots(values).tolist() == by_search(edges, values.astype(np.float64))


def test_the_values_and_edges_given_are_left_alone() -> None:
    edges, values = np.arange(50.0), np.linspace(-5, 60, 1000)
    copy = values.copy()
    index = EdgeIndex(edges)
    index.slots(values)
    edges[:] = 0
    assert values.tolist() == copy.tolist()
    assert index.edges.tolist() == np.arange(50.0).tolist()


@pytest.mark.parametrize(
    "edges", [[1.0, 1.0], [2.0, 1.0], [0.0, float("nan")], [0.0, float("inf")], [[1.0]], [-0.0, 0.0]]
)
def test_edges_must_be_finite_and_increase(edges: list[Any]) -> None:
    with pytest.raises(ValueError, match="strictly increasing"):
        EdgeIndex(np.array(edges))


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    native = edge_index.native
    if native is None:
        return
    index = EdgeIndex(np.arange(20.0))
    assert index._grid is not None
    edges, slope, offset, before, *rest = index._index(index._grid)
    values, slots, counts, sums = np.zeros(4), np.zeros(4, np.int64), np.zeros(41, np.int64), np.zeros(21)
    native.find((edges, slope, offset, before, *rest), values, slots)
    native.tally((edges, slope, offset, before, *rest), values, counts, sums)
    for wrong in (
        (edges, slope, offset[1:], before, *rest),
        (edges, slope[:0], offset[:0], before, *rest),
        (edges[:0], slope, offset, before, *rest),
        (edges, slope, offset, before[:0], *rest),
        (edges, slope, offset, before, 3, *rest[1:]),
    ):
        with pytest.raises(ValueError, match="belong together"):
            native.find(wrong, values, slots)
        with pytest.raises(ValueError, match="belong together"):
            native.tally(wrong, values, counts, sums)
    right = (edges, slope, offset, before, *rest)
    with pytest.raises(ValueError, match="belong together"):
        native.find(right, values, slots[1:])
    for arrays in ((counts[1:], sums), (counts, sums[1:])):
        with pytest.raises(ValueError, match="belong together"):
            native.tally(right, values, *arrays)


def test_tables_that_say_nonsense_lead_nowhere() -> None:
    """They are made here and right; but what is written in C must not look where nothing is."""
    native = edge_index.native
    if native is None:
        return
    edges, values, slots = np.append(np.arange(20.0), np.nan), np.linspace(-9, 40, 1000), np.zeros(1000, np.int64)
    for nonsense in (1e300, -1e300, np.inf, np.nan, 1e6, -3.0):
        tables = np.full(30, nonsense), np.full(30, nonsense), np.full(200, 20, np.int16), 2
        native.find((edges, *tables, 0.0, 19.0, 2.0), values, slots)
        assert ((slots >= 0) & (slots <= 40)).all()
        native.find((edges, *tables, nonsense, nonsense, nonsense), values, slots)
        assert ((slots >= 0) & (slots <= 40)).all()


def test_what_is_no_number_breaks_nothing() -> None:
    """No caller has any; but what is written in C must not look where nothing is."""
    if edge_index.native is None:
        return
    slots = EdgeIndex(np.arange(100.0)).slots(np.array([np.nan, np.inf, -np.inf]))
    assert ((slots >= 0) & (slots <= 200)).all()
