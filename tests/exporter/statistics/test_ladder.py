from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.layout import CONFIDENCE_BOUNDS
from exporter.statistics.arrays import Floats
from exporter.statistics.ladder import Ladder
from exporter.statistics.log_buckets import LIMITS

_finite = st.floats(allow_nan=False, allow_infinity=False)
_limits = st.lists(_finite.map(abs) | _finite, min_size=1, max_size=20, unique=True).map(sorted)


def around(limits: Floats) -> Floats:
    edges = np.array([0.0, -0.0, -1.0, 5e-324, 1e308, np.inf, -np.inf])
    with np.errstate(over="ignore"):
        return np.concatenate((limits, np.nextafter(limits, np.inf), np.nextafter(limits, -np.inf), -limits, edges))


@given(_limits, st.lists(st.floats(allow_nan=False)))
def test_it_is_what_a_search_finds(limits: list[float], more: list[float]) -> None:
    values = np.concatenate((around(np.array(limits)), more))
    found = Ladder(np.array(limits)).below(values)
    assert found.dtype == np.int64
    assert found.tolist() == np.searchsorted(limits, values).tolist()


@pytest.mark.parametrize("limits", [LIMITS, CONFIDENCE_BOUNDS, (0.005, 0.01, 0.25, 0.3), (5e-324, 1.0), (3.0,)])
def test_limits_that_are_used_need_no_search(limits: Floats | tuple[float, ...]) -> None:
    ladder = Ladder(np.array(limits))
    assert ladder._before is not None
    values = np.concatenate((around(np.array(limits)), np.random.default_rng(1).lognormal(-2, 3, 2000)))
    assert ladder.below(values).tolist() == np.searchsorted(limits, values).tolist()


@pytest.mark.parametrize("limits", [(0.0, 1.0), (-1.0, 1.0), (1.0, 1.0001), (1e-300, 1.001e-300, 1e300)])
def test_others_are_searched(limits: tuple[float, ...]) -> None:
    ladder = Ladder(np.array(limits))
    assert ladder._before is None
    assert ladder.below(around(np.array(limits))).tolist() == np.searchsorted(limits, around(np.array(limits))).tolist()


def test_no_values_are_nowhere() -> None:
    assert Ladder(LIMITS).below(np.empty(0)).tolist() == []
