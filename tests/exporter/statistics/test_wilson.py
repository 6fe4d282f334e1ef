from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from exporter.statistics.bounds import Sampling
from exporter.statistics.wilson import wilson


@given(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.8, 0.95, 0.999])
)
def test_it_is_scipys(part_of_whole: tuple[int, int], confidence: float) -> None:
    part, whole = part_of_whole
    expected = binomtest(part, whole).proportion_ci(confidence, method="wilson")
    found = wilson(part / whole, whole, Sampling(confidence))
    assert found.lower == pytest.approx(expected.low, abs=1e-9)
    assert found.upper == pytest.approx(expected.high, abs=1e-9)


@given(st.floats(0, 1), st.floats(0.01, 1e9))
def test_it_holds_the_share_and_lies_between_0_and_1(share: float, rows: float) -> None:
    lower, upper = wilson(share, rows, Sampling())
    assert 0 <= lower <= share <= upper <= 1


def test_nothing_is_known_without_rows() -> None:
    assert wilson(0.0, 0, Sampling()) == (0, 1)
