"""One pass of compiled code must find what NumPy finds, to the last bit, also in counts and sums that make no sense."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from exporter.statistics.slot_distances import native, slot_distances
from exporter.statistics.slots import bin_counts
from exporter.statistics.tails import tail_excess, tails
from exporter.statistics.wasserstein import wasserstein
from tests.exporter.statistics.raw import slots_of
from tests.exporter.statistics.ways import both_ways, with_numpy

pytestmark = pytest.mark.skipif(native is None, reason="there was no C compiler")

Random = np.random.Generator
Sampler = Callable[[Random, int], Floats]


class Column(NamedTuple):
    """The arguments of ``slot_distances``."""

    edges: Floats
    reference: Counts
    reference_sums: Floats
    current: Counts
    current_sums: Floats


SAMPLERS: dict[str, Sampler] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "log-normal": lambda random, rows: random.lognormal(0, 2, rows),
    "Cauchy": lambda random, rows: random.standard_t(1, rows),
    "rounded": lambda random, rows: random.normal(size=rows).round(1),
    "three values": lambda random, rows: random.integers(0, 3, rows).astype(np.float64),
    "constant": lambda _, rows: np.full(rows, 3.0),
    "far from zero": lambda random, rows: 1e12 + random.normal(size=rows),
    "of every size": lambda random, rows: random.normal(size=rows) * 10.0 ** random.integers(-320, 308, rows),
    "about to overflow": lambda random, rows: random.choice([0.0, 1e308, -1e308, 5.0, 1e292], rows),
}
SEEDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
NAMES = st.sampled_from(list(SAMPLERS))
# Columns fill none, a part, or several of the chunks in which compiled code goes through them.
SIZES = st.sampled_from([1, 2, 5, 60, 127, 128, 129, 700])


def sampled(random: Random, reference: str, current: str, most: int) -> Column:
    one, other = (SAMPLERS[name](random, int(random.integers(1, 1500))) for name in (reference, current))
    distinct = np.unique(one)
    edges = np.sort(random.choice(distinct, min(most, len(distinct)), replace=False))
    with np.errstate(over="ignore", invalid="ignore"):
        return Column(edges, *slots_of(edges, one), *slots_of(edges, other))


def senseless(random: Random, edges: int) -> Column:
    """Return any counts, up to ``2**60`` together, and any sums, whether or not they can come of values."""
    slots, gaps = 2 * edges + 1, edges + 1

    def side() -> tuple[Counts, Floats]:
        odd = random.choice([0.0, -0.0, np.nan, np.inf, -np.inf, 1e308, -5e-324, 1.0], gaps)
        counts = random.integers(0, int(random.choice([2, 10**6, 2**60 // slots])), slots)
        return counts, np.where(random.random(gaps) < 0.02, odd, random.normal(size=gaps))

    return Column(np.sort(random.normal(size=edges) * random.choice([1.0, 1e300])), *side(), *side())


def check(column: Column) -> None:
    found = slot_distances(*column)
    ks = with_numpy(kolmogorov_smirnov, column.reference, column.current)
    if found is None:
        assert math.isnan(ks)
        return
    expected = ks, with_numpy(wasserstein, *column), with_numpy(tail_excess, column.reference, column.current)
    assert_array_equal(found, expected)
    assert kolmogorov_smirnov(column.reference, column.current) == ks
    for share in (0.0, 0.01, 0.5, 1.0):
        both_ways(tails, column.reference, column.current, share=share)
    both_ways(bin_counts, column.edges, column.current, column.edges[:: len(column.edges) // 10 + 1])


@given(SEEDS, NAMES, NAMES, SIZES)
def test_columns_of_every_kind(random: Random, reference: str, current: str, most: int) -> None:
    check(sampled(random, reference, current, most))


@given(SEEDS, NAMES, SIZES)
def test_columns_that_hardly_differ(random: Random, name: str, most: int) -> None:
    column = sampled(random, name, name, most)
    check(column)
    same = Column(*column[:3], *column[1:3])
    check(same)
    found = slot_distances(*same)
    assert found is not None
    assert found.kolmogorov_smirnov == found.tail_excess == 0
    assert found.wasserstein == 0 or math.isnan(found.wasserstein)


@given(SEEDS, SIZES)
def test_counts_and_sums_that_make_no_sense(random: Random, edges: int) -> None:
    check(senseless(random, edges))


def only(slot: int, rows: int) -> tuple[Counts, Floats]:
    counts, sums = np.zeros(5, np.int64), np.zeros(3)
    counts[slot] = rows
    sums[slot // 2] = rows * (slot / 2 - 0.25) if slot % 2 == 0 else 0.0
    return counts, sums


@pytest.mark.parametrize("reference", range(5))
@pytest.mark.parametrize("current", range(5))
@pytest.mark.parametrize("rows", [1, 7, 2**53 + 1])
def test_all_rows_in_one_slot(reference: int, current: int, rows: int) -> None:
    column = Column(np.array([0.0, 1.0]), *only(reference, 3), *only(current, rows))
    check(column)
    found = slot_distances(*column)
    assert found is not None
    assert found.kolmogorov_smirnov == (reference != current)


@pytest.mark.parametrize("edges", [[1.0, np.nextafter(1.0, 2.0)], [0.0, 5e-324], [-1.7e308, 1.7e308]])
@pytest.mark.parametrize("slot", range(5))
def test_gaps_with_next_to_no_width_or_too_much(edges: list[float], slot: int) -> None:
    check(Column(np.array(edges), *only(2, 3), *only(slot, 5)))


def test_an_area_that_no_float_holds_is_none() -> None:
    column = Column(np.array([-1.7e308, 1.7e308]), *only(1, 3), *only(3, 5))
    check(column)
    found = slot_distances(*column)
    assert found is not None
    assert math.isnan(found.wasserstein)
    assert found.kolmogorov_smirnov == 1


def test_shares_that_are_equal_are_nowhere_apart() -> None:
    # A third of three times as many rows: as quotients they would be one bit apart here and there.
    column = sampled(np.random.default_rng(4), "normal", "normal", 100)
    found = slot_distances(*column[:3], column.reference * 3, column.reference_sums * 3)
    assert found is not None
    assert found.kolmogorov_smirnov == 0
    assert found.wasserstein == pytest.approx(0, abs=1e-15)


def test_columns_without_edges_or_rows_are_left_to_numpy() -> None:
    nothing, sums = np.zeros(5, np.int64), np.zeros(3)
    some = np.array([0, 1, 0, 1, 0])
    for reference, current in ((nothing, some), (some, nothing), (nothing, nothing)):
        assert slot_distances(np.array([0.0, 1.0]), reference, sums, current, sums) is None
        assert math.isnan(both_ways(kolmogorov_smirnov, reference, current))
    assert slot_distances(np.empty(0), np.array([2]), np.ones(1), np.array([1]), np.ones(1)) is None
    assert math.isnan(wasserstein(np.empty(0), np.array([2]), np.ones(1), np.array([1]), np.ones(1)))


def test_arrays_that_are_not_plain_are_left_to_numpy() -> None:
    column = sampled(np.random.default_rng(5), "normal", "rounded", 60)
    assert slot_distances(*column[:3], np.repeat(column.current, 2)[::2], column.current_sums) is None
    assert slot_distances(*column[:3], column.current.astype(np.int32), column.current_sums) is None
    assert slot_distances(*column[:4], column.current_sums[:-1]) is None
    assert slot_distances(column.edges.astype(">f8"), *column[1:]) is None
    shifted = np.frombuffer(b"1" + column.edges.tobytes(), np.float64, offset=1)
    assert slot_distances(shifted, *column[1:]) is None
    for counts in (np.repeat(column.current, 2)[::2], column.current.astype(np.int32)):
        expected = kolmogorov_smirnov(column.reference, column.current)
        assert kolmogorov_smirnov(column.reference, counts) == expected  # type: ignore[arg-type]
        assert tails(column.reference, counts) == tails(column.reference, column.current)  # type: ignore[arg-type]
        bins = bin_counts(column.edges, counts, column.edges[::7])  # type: ignore[arg-type]
        assert_array_equal(bins, bin_counts(column.edges, column.current, column.edges[::7]))


def test_counts_of_different_lengths_are_refused_as_numpy_refuses_them() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        kolmogorov_smirnov(np.ones(5, np.int64), np.ones(7, np.int64))


@pytest.mark.parametrize("cuts", [[2.0, 1.0], [1.0, 1.0], [math.nan], [0.5], [3.0]])
def test_cuts_that_do_not_rise_or_are_no_edges(cuts: list[float]) -> None:
    edges, counts = np.array([0.0, 1.0, 2.0]), np.arange(7)
    if set(cuts) <= set(edges.tolist()):
        both_ways(bin_counts, edges, counts, np.array(cuts))
    else:
        with pytest.raises(ValueError, match="not edges"):
            bin_counts(edges, counts, np.array(cuts))
