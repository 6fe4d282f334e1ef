from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.tails import Tail, tail_excess, tails
from tests.exporter.statistics.raw import VALUES, slots_of
from tests.exporter.statistics.ways import both_ways

SHARES = st.sampled_from([0.01, 0.1, 0.3])


def beyond(edges: Floats, reference: Floats, current: Floats, share: float) -> tuple[Tail, Tail]:
    """Return both tails from raw values."""
    low = max(edge for edge in edges if (reference < edge).mean() <= share)
    high = min(edge for edge in edges if (reference > edge).mean() <= share)
    return (
        Tail(int((reference < low).sum()), int((current < low).sum())),
        Tail(int((reference > high).sum()), int((current > high).sum())),
    )


@given(VALUES, VALUES, SHARES)
def test_tails_are_those_of_the_raw_values(reference: Floats, current: Floats, share: float) -> None:
    edges = np.unique(reference)
    found = both_ways(tails, slots_of(edges, reference).counts, slots_of(edges, current).counts, share=share)
    assert found == beyond(edges, reference, current, share)


@given(VALUES, VALUES)
def test_the_excess_is_that_of_the_worse_tail(reference: Floats, current: Floats) -> None:
    edges = np.unique(reference)
    low, high = beyond(edges, reference, current, 0.01)
    m, n = reference.size, current.size
    expected = max(0.0, low.current / n - low.reference / m, high.current / n - high.reference / m)
    assert both_ways(tail_excess, slots_of(edges, reference).counts, slots_of(edges, current).counts) == pytest.approx(
        expected
    )


@given(VALUES)
def test_of_the_reference_no_more_lies_there_than_the_share(reference: Floats) -> None:
    counts = slots_of(np.unique(reference), reference).counts
    for tail in both_ways(tails, counts, counts):
        assert tail.reference <= 0.01 * reference.size


def hundred() -> tuple[Floats, Counts]:
    edges = np.arange(1.0, 201.0)
    return edges, slots_of(edges, edges).counts


@pytest.mark.parametrize(("value", "expected"), [(-50.0, 0.09), (199.5, 0.09), (300.0, 0.09), (100.0, 0.0)])
def test_either_side_is_a_tail(value: float, expected: float) -> None:
    edges, reference = hundred()
    current = np.append(np.repeat(np.arange(10.0, 190.0, 2.0), 10), [value] * 100)
    # Two of the two hundred lie beyond either limit, and none of the window but these.
    assert both_ways(tail_excess, reference, slots_of(edges, current).counts) == pytest.approx(expected)


def test_a_value_at_the_limit_is_not_beyond_it() -> None:
    edges, reference = hundred()
    assert both_ways(tails, reference, slots_of(edges, np.array([3.0, 198.0])).counts) == (Tail(2, 0), Tail(2, 0))
    assert both_ways(tails, reference, slots_of(edges, np.array([2.9, 198.1])).counts) == (Tail(2, 1), Tail(2, 1))


def test_of_a_constant_all_else_is_beyond() -> None:
    reference = np.array([0, 50, 0])
    assert both_ways(tails, reference, np.array([3, 5, 2])) == (Tail(0, 3), Tail(0, 2))
    assert both_ways(tail_excess, reference, np.array([3, 5, 2])) == pytest.approx(0.3)


@pytest.mark.parametrize(("reference", "current"), [([0, 0, 0], [1, 2, 3]), ([0, 4, 0], [0, 0, 0]), ([0], [5])])
def test_without_rows_on_one_side_there_is_no_excess(reference: list[int], current: list[int]) -> None:
    assert math.isnan(both_ways(tail_excess, np.array(reference), np.array(current)))
