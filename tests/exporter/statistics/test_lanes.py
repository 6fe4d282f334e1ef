from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.statistics.lanes import LANES, sum_by_lanes


@given(st.lists(st.floats(-1e6, 1e6), max_size=70))
def test_it_is_the_sum(numbers: list[float]) -> None:
    assert sum_by_lanes(np.array(numbers)) == pytest.approx(math.fsum(numbers), rel=1e-12, abs=1e-7)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=70))
def test_every_eighth_number_is_added_to_the_same_sum(numbers: list[float]) -> None:
    lanes = [0.0] * LANES
    for place, number in enumerate(numbers):
        lanes[place % LANES] += number
    total = lanes[0]
    for lane in lanes[1:]:
        total += lane
    assert sum_by_lanes(np.array(numbers)) == total


@pytest.mark.parametrize("size", [1, 8, 9])
def test_what_is_not_finite_stays_so(size: int) -> None:
    assert sum_by_lanes(np.full(size, math.inf)) == math.inf
    assert math.isnan(sum_by_lanes(np.full(size, math.nan)))


def test_of_nothing_it_is_0() -> None:
    assert sum_by_lanes(np.empty(0)) == 0.0
