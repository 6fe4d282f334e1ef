"""What is packed by way of a whole vector is what is packed entry by entry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.packed import BLOCK, pack, unpack
from exporter.counting.packed_vectors import dense_sum, pack_vector
from exporter.counting.tally import Counts, Tally


def tally_of(vector: Counts) -> Tally:
    keys = np.flatnonzero(vector)
    return Tally(keys, vector[keys])


def vector_of(random: np.random.Generator, size: int, density: float, most: int) -> Counts:
    vector = random.integers(1, most, size, endpoint=True)
    vector[random.random(size) >= density] = 0
    return vector


@given(
    st.integers(0, 1 << 32),
    st.integers(1, 6 * BLOCK),
    st.sampled_from((0.0, 0.05, 0.4, 0.9, 1.0)),
    st.sampled_from((1, 127, 140, 40_000, 1 << 40)),
)
def test_a_vector_is_packed_like_its_entries(seed: int, size: int, density: float, most: int) -> None:
    vector = vector_of(np.random.default_rng(seed), size, density, most)
    found, expected = pack_vector(vector.copy()), pack(tally_of(vector))
    for name in ("steps", "values", "blocks", "table"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one.tolist(), one.dtype) == (other.tolist(), other.dtype)


@pytest.mark.parametrize("odd", [0, 1])
def test_a_block_of_even_or_odd_keys_comes_back(odd: int) -> None:
    vector = np.zeros(10 * BLOCK, np.int64)
    vector[4 * BLOCK + odd : 6 * BLOCK : 2] = np.arange(BLOCK) - 200
    packed = pack_vector(vector.copy())
    assert packed.blocks.tolist() == [4 + odd]
    assert unpack(packed).dense(len(vector)).tolist() == vector.tolist()
    assert dense_sum([packed, packed], len(vector), np.int64).tolist() == (2 * vector).tolist()
