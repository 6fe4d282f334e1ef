from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders import identifiers
from exporter.decoders.identifiers import hashes
from exporter.decoders.typed import Encoded
from tests.exporter.decoders.test_typed import pieces


@pytest.fixture(autouse=True, params=["compiled", "library"])
def _each_way(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "library":
            patch.setattr(identifiers, "native", None)
        elif identifiers.native is None:
            pytest.skip("there was no C compiler")
        yield


seeds = st.integers(0, 2**64 - 1)
texts = st.text(max_size=140) | st.text("0123456789abcdef-", min_size=15, max_size=70)


@given(st.lists(texts | st.integers() | st.none(), max_size=8), seeds)
def test_hashes_are_those_of_the_library(values: list[Any], seed: int) -> None:
    keys, present = hashes(values, seed)
    for value, key, there in zip(values, keys.tolist(), present.tolist(), strict=True):
        assert there == (value not in (None, ""))
        text = str(value).encode("utf-8", "surrogatepass")
        assert key == (xxhash.xxh3_64_intdigest(text, seed) if there else 0)


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_every_length(seed: int) -> None:
    values = ["".join(chr(32 + (7 * i * length) % 95) for i in range(length)) for length in range(1, 300)]
    expected = [xxhash.xxh3_64_intdigest(value.encode(), seed) for value in values]
    assert hashes(values, seed)[0].tolist() == expected


def test_texts_that_are_no_unicode() -> None:
    keys, present = hashes(["\ud800" * 20, "é" * 20, "plain, and long enough"], 1)
    assert present.all()
    assert len(set(keys.tolist())) == 3


def test_another_seed_gives_other_hashes() -> None:
    assert hashes(["a"], 1)[0] != hashes(["a"], 2)[0]


def test_few_distinct_values() -> None:
    column = Encoded(["first of the two ids", None], np.array([0, 1, 0]))
    keys, present = hashes(column, 3)
    assert present.tolist() == [True, False, True]
    assert keys.tolist() == [hashes(["first of the two ids"], 3)[0][0], 0, keys[0]]


@given(st.lists(st.text("0123456789abcdef-", max_size=70) | st.integers() | st.none(), max_size=8), seeds)
def test_pieces_of_a_block_have_the_hashes_of_their_texts(values: list[Any], seed: int) -> None:
    keys, present = hashes(pieces(values), seed)
    expected = hashes(values, seed)
    assert keys.tolist() == expected[0].tolist()
    assert present.tolist() == expected[1].tolist()


def test_pieces_outside_of_their_block_are_refused() -> None:
    if identifiers.native is None:
        return
    for place in ([0, 21], [1, 0], [30, 40], [20, 1 << 62]):
        with pytest.raises(ValueError, match="not in the block"):
            identifiers.native.hash_pieces(bytes(20), np.array(place), 1, np.empty(1, np.uint64))
    with pytest.raises(ValueError, match="as many"):
        identifiers.native.hash_pieces(bytes(20), np.array([0, 20]), 1, np.empty(2, np.uint64))
    with pytest.raises(TypeError):
        identifiers.native.hash_pieces("text", np.array([0, 4]), 1, np.empty(1, np.uint64))


def test_wrong_arguments_are_refused() -> None:
    if identifiers.native is None:
        return
    with pytest.raises(ValueError, match="as many"):
        identifiers.native.hash_texts(["a"], 1, np.empty(2, np.uint64))
    with pytest.raises(TypeError):
        identifiers.native.hash_texts(("a",), 1, np.empty(1, np.uint64))
