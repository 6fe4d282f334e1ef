from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting import packed
from exporter.counting.content import Content
from exporter.counting.score_bins import ScoreTable
from exporter.counting.tally import NO_SUMS, Tally
from exporter.rows.kept_rows import KeptLabels
from exporter.state.codec import (
    array,
    pack,
    pack_at,
    pack_content,
    pack_rows,
    unpack,
    unpack_at,
    unpack_content,
    unpack_rows,
)
from exporter.state.problem import DamagedStateError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 62), 1 << 62) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_values_come_back(value: object) -> None:
    assert unpack(pack(value)) == value


@given(st.binary(max_size=30), st.integers(0, 1000))
def test_any_other_byte_is_noticed(data: bytes, seed: int) -> None:
    packed = pack(data)
    place = seed % len(packed)
    with pytest.raises(DamagedStateError):
        unpack(packed[:place] + bytes([packed[place] ^ (1 + seed % 255)]) + packed[place + 1 :])
    with pytest.raises(DamagedStateError):
        unpack(packed[:place])


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\0\0"])
def test_nothing_is_damage_too(data: bytes) -> None:
    with pytest.raises(DamagedStateError):
        unpack(data)


def test_a_place_belongs_to_its_data() -> None:
    packed = pack_at(["m", 1], b"data")
    assert unpack_at(["m", 1], packed) == b"data"
    with pytest.raises(match="belongs to"):
        unpack_at(["m", 2], packed)


@pytest.mark.parametrize(
    "value", [np.arange(6).reshape(2, 3), np.array([np.nan, -0.0]), np.empty((0, 2), np.int32), np.arange(9)[::3]]
)
def test_arrays_come_back_and_can_be_written_to(value: np.ndarray) -> None:
    found = array(unpack(pack(value)))
    assert found.dtype == value.dtype
    np.testing.assert_array_equal(found, value)
    found[:1] = 0


def test_contents_and_rows_come_back() -> None:
    counts = Tally(np.array([1, 5]), np.array([2, 3]))
    content = Content(counts, NO_SUMS, counts, NO_SUMS, ScoreTable(counts, 4))
    found = packed.unpack_content(unpack_content(pack_content(packed.pack_content(content))))
    assert (found.cells.keys.tolist(), found.counts.values.tolist(), found.scores.level) == ([1, 5], [2, 3], 4)
    assert found.sums.values.dtype == np.float64
    rows = KeptLabels(np.array([1, 2]), np.array([1, 1 << 63], np.uint64), np.array([0.5, 1.0]))
    back = unpack_rows(KeptLabels, pack_rows(rows))
    assert (back.time.tolist(), back.key.tolist(), back.value.tolist()) == ([1, 2], [1, 1 << 63], [0.5, 1.0])


def test_what_has_no_place_in_the_state() -> None:
    with pytest.raises(TypeError, match="object has no place in the state"):
        pack(object())
