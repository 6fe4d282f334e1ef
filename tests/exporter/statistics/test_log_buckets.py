from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.log_buckets import (
    LIMITS,
    MAXIMUM,
    MINIMUM,
    RELATIVE_ERROR,
    SLOTS,
    bucket_of,
    largest,
    quantile,
)
from tests.exporter.statistics.raw import array_of

IN_RANGE = st.lists(
    st.one_of(st.floats(-6, 5).map(lambda power: 10**power), st.sampled_from(LIMITS.tolist())), min_size=1, max_size=60
).map(array_of)


def counts_of(values: Floats) -> Counts:
    return np.bincount(bucket_of(values), minlength=SLOTS)


@given(IN_RANGE, st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0])))
def test_quantiles_are_within_the_stated_error_of_numpy(values: Floats, q: float) -> None:
    assert quantile(counts_of(values), q) == pytest.approx(np.quantile(values, q), rel=RELATIVE_ERROR)


@given(IN_RANGE)
def test_the_largest_is_within_the_stated_error(values: Floats) -> None:
    assert largest(counts_of(values)) == pytest.approx(values.max(), rel=RELATIVE_ERROR)


@given(IN_RANGE, IN_RANGE)
def test_counts_of_parts_add_up(one: Floats, other: Floats) -> None:
    whole = counts_of(np.concatenate((one, other)))
    assert (counts_of(one) + counts_of(other)).tolist() == whole.tolist()


def test_a_bucket_holds_its_upper_limit_and_not_its_lower_one() -> None:
    assert bucket_of(LIMITS).tolist() == list(range(len(LIMITS)))
    assert bucket_of(np.nextafter(LIMITS, np.inf)).tolist() == list(range(1, SLOTS))


def test_values_out_of_range_count_as_its_ends() -> None:
    below, above = np.array([-1.0, 0.0, 1e-9, MINIMUM]), np.array([2 * MAXIMUM, math.inf])
    assert bucket_of(below).tolist() == [0, 0, 0, 0]
    assert bucket_of(above).tolist() == [SLOTS - 1, SLOTS - 1]
    assert quantile(counts_of(below), 0.5) == MINIMUM
    assert quantile(counts_of(above), 0.5) == MAXIMUM
    assert bucket_of(np.array([MAXIMUM])).tolist() == [SLOTS - 2]


def test_one_row_is_every_quantile() -> None:
    counts = counts_of(np.array([0.25]))
    assert quantile(counts, 0.0) == quantile(counts, 0.37) == quantile(counts, 1.0)


@pytest.mark.parametrize("q", [0.0, 0.5, 1.0])
def test_no_rows(q: float) -> None:
    empty = np.zeros(SLOTS, np.int64)
    assert math.isnan(quantile(empty, q))
    assert math.isnan(largest(empty))
