from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.label_join.sieve import Sieve

keys = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 1])


@given(st.lists(keys, min_size=1), st.lists(keys))
def test_what_is_there_always_passes(kept: list[int], others: list[int]) -> None:
    queries = [*others, *kept, *others]
    passed = set(Sieve(np.array(kept, np.uint64)).passes(np.array(queries, np.uint64)).tolist())
    assert passed >= {i for i, key in enumerate(queries) if key in set(kept)}


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 1024, 1025, 100_000])
def test_seven_of_eight_others_are_kept_back(size: int) -> None:
    random = np.random.default_rng(1)
    sieve = Sieve(random.integers(0, 2**64, size, dtype=np.uint64))
    others = random.integers(0, 2**64, 100_000, dtype=np.uint64)
    # Four standard deviations of 100,000 draws, and of the cells that happen to be taken.
    assert len(sieve.passes(others)) / len(others) <= 1 / 8 + 0.005


def test_no_key_passes_where_none_is_asked_for() -> None:
    assert len(Sieve(np.array([3], np.uint64)).passes(np.empty(0, np.uint64))) == 0
