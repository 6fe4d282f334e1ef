from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.significance.halving import PValue, critical_by_halving
from exporter.significance.jumps import JumpingNull
from exporter.significance.null import GammaNull, LargestNull, Null

LEVELS = st.floats(1e-12, 0.5)
SIZES = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8)


def plainly(p_value: PValue, level: float, high: float, halvings: int) -> float:
    low = 0.0
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (middle, high) if p_value(middle) > level else (low, middle)
    return high


class Watched:
    """A p-value, and how often it was asked for."""

    def __init__(self, null: Null) -> None:
        self._null, self.looks = null, 0

    def __call__(self, score: float) -> float:
        self.looks += 1
        return self._null.p_value(score)


@given(SIZES, LEVELS)
def test_it_finds_what_halving_finds(spread: list[float], level: float) -> None:
    null = Watched(LargestNull(np.array(spread)))
    found = critical_by_halving(null, level, 40 * max(spread), 50)
    looks, null.looks = null.looks, 0
    assert found == pytest.approx(plainly(null, level, 40 * max(spread), 50), rel=1e-14)
    assert looks < 0.7 * null.looks


@given(SIZES, st.floats(0.05, 50), LEVELS)
def test_also_where_the_p_value_has_corners(sums: list[float], shape: float, level: float) -> None:
    above = np.cumsum([0.0, *sums])
    probabilities = 0.1 ** np.arange(len(above))
    null = JumpingNull(GammaNull(shape, shape), above, probabilities / probabilities.sum())
    high = float(above[-1]) + null.smooth.critical(level)
    found = critical_by_halving(null.p_value, level, high, 40)
    assert found == pytest.approx(plainly(null.p_value, level, high, 40), rel=1e-14)


def test_a_p_value_that_is_flat_is_halved() -> None:
    steps: PValue = lambda score: 1.0 if score < 0.3 else 0.0  # noqa: E731
    assert critical_by_halving(steps, 0.01, 1.0, 40) == plainly(steps, 0.01, 1.0, 40)
    assert critical_by_halving(lambda _: 1.0, 0.01, 1.0, 40) == 1.0
    assert critical_by_halving(lambda _: 0.0, 0.01, 1.0, 40) == 2**-40
