from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.label_join.sieve import Sieve

keys = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 1])


@given(st.lists(keys, min_size=1).map(sorted), st.lists(keys))
def test_what_is_there_always_passes_and_never_lies_before_its_place(kept: list[int], others: list[int]) -> None:
    queries = [*others, *kept, *others]
    passed, places = Sieve(np.array(kept, np.uint64)).passes(np.array(queries, np.uint64))
    assert set(passed.tolist()) >= {i for i, key in enumerate(queries) if key in set(kept)}
    for query, place in zip(passed.tolist(), places.tolist(), strict=True):
        assert 0 <= place < len(kept)
        assert place <= bisect_left(kept, queries[query])


def test_hardly_a_place_is_more_than_three_short() -> None:
    kept = np.sort(np.random.default_rng(1).integers(0, 2**64, 100_000, dtype=np.uint64))
    passed, places = Sieve(kept).passes(kept)
    assert len(passed) == len(kept)
    assert (np.arange(len(kept)) - places <= 3).mean() > 0.99


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 1024, 1025, 100_000])
def test_five_of_six_others_are_kept_back(size: int) -> None:
    random = np.random.default_rng(1)
    sieve = Sieve(np.sort(random.integers(0, 2**64, size, dtype=np.uint64)))
    others = random.integers(0, 2**64, 100_000, dtype=np.uint64)
    # Four standard deviations of 100,000 draws, and of the cells that happen to be taken.
    assert len(sieve.passes(others)[0]) / len(others) <= 1 / 6 + 0.005


def test_no_key_passes_where_none_is_asked_for() -> None:
    passed, places = Sieve(np.array([3], np.uint64)).passes(np.empty(0, np.uint64))
    assert len(passed) == len(places) == 0
