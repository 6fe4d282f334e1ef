"""How numbers are written; whole lines are in test_text.py."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.exposition.lines import bound_text, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.0, "3"),
        (-2.5, "-2.5"),
        (2**63, "9223372036854775808"),
        (1e16, "1e+16"),
        (0.1 + 0.2, "0.30000000000000004"),
        (np.float64(1.5), "1.5"),
        (np.int64(7), "7"),
        (math.inf, "+Inf"),
    ],
)
def test_values_are_written_short(value: Any, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (1, "1.0"),
        (0.001, "0.001"),
        (999_999.5, "999999.5"),
        (1_000_000, "1e+06"),
        (1_234_567.25, "1.23456725e+06"),
        (-2_592_000, "-2.592e+06"),
        (1e-5, "1e-05"),
        (1e22, "1e+22"),
        (math.inf, "+Inf"),
    ],
)
def test_bounds_are_written_as_prometheus_3_stores_them(bound: float, text: str) -> None:
    assert bound_text(bound) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_bound_reads_back_as_itself(bound: float) -> None:
    assert float(bound_text(bound)) == bound
