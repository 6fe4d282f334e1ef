"""Both ways must find the distinct values in the order of their appearance, as a plain dict has them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.decoders import arrow_values, leaf
from exporter.decoders.arrow_columns import column_of
from exporter.decoders.leaf import INVALID_VALUE
from exporter.decoders.typed import values_of

# Texts that are hard to tell apart: of all lengths about those that are treated differently, with zeros at their ends.
_ALIKE = [fill * length + end for length in range(40) for fill in ("a", "\0", "é") for end in ("", "b", "\0")]
texts = st.one_of(st.sampled_from(_ALIKE), st.sampled_from(["yes", "no", ""]), st.text(max_size=40), st.none())
BOTH = [pa.string(), pa.large_string()]


@pytest.fixture(autouse=True, params=["compiled", "Arrow"])
def _one_of_the_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "Arrow":
            patch.setattr(arrow_values, "native", None)
        elif arrow_values.native is None:
            pytest.skip("there was no C compiler")
        yield


def by_hand(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    numbers = {value: number for number, value in enumerate(dict.fromkeys(v for v in values if v is not None))}
    return list(numbers), [numbers.get(value, len(numbers)) for value in values]


def check(array: pa.Array, values: Sequence[Any]) -> None:
    found, places = arrow_values.distinct(array)
    assert places.dtype == np.int64
    assert (list(found), places.tolist()) == by_hand(values)


@settings(max_examples=200, deadline=None)
@given(st.lists(texts, max_size=60), st.sampled_from(BOTH), st.data())
def test_texts_of_every_kind(values: list[str | None], kind: pa.DataType, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(values)))
    stop = data.draw(st.integers(start, len(values)))
    array = pa.array(values, kind)
    check(array, values)
    check(array.slice(start, stop - start), values[start:stop])


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("count", [1, 255, 256, 257, 511, 513, 5000])
def test_many_texts(kind: pa.DataType, count: int) -> None:
    rng = np.random.default_rng(count)
    for ending in ("", " of a category with a long name"):
        values = [f"{number}{ending}" for number in [*rng.integers(0, count, 2 * count).tolist(), *range(count)]]
        check(pa.array(values, kind), values)


@pytest.mark.parametrize("values", [[], [None], [None, None], ["", None, ""], ["x"] * 300])
def test_little_to_tell_apart(values: list[str | None]) -> None:
    for kind in BOTH:
        check(pa.array(values, kind), values)


def test_texts_that_lie_in_front_of_foreign_bytes() -> None:
    """What a null had, and what stands behind a slice, is no part of any text."""
    offsets, validity = pa.py_buffer(struct.pack("<6i", 0, 3, 6, 6, 9, 12)), pa.py_buffer(b"\x1d")
    array = pa.StringArray.from_buffers(5, offsets, pa.py_buffer(b"abc" * 4), validity)
    check(array, ["abc", None, "", "abc", "abc"])
    check(array.slice(0, 3), ["abc", None, ""])


def test_values_of_other_types() -> None:
    check(pa.array([2, None, 1, 2]), [2, None, 1, 2])
    check(pa.array([b"x", b"\xff", None, b"x"]), [b"x", b"\xff", None, b"x"])
    check(pa.array([True, None, False]), [True, None, False])


def test_what_is_no_text_is_read_as_bytes() -> None:
    """A pair of bytes that is no UTF-8 is kept as Python keeps such names of files, whichever row has it."""
    column = leaf.category("c", ("c",), frozenset({"text"}))
    array = pa.StringArray.from_buffers(3, pa.py_buffer(struct.pack("<4i", 0, 1, 3, 4)), pa.py_buffer(b"a\xff\xfea"))
    with pytest.raises(UnicodeDecodeError):
        arrow_values.distinct(array)
    assert values_of(column_of(column, array)) == ["a", INVALID_VALUE, "a"]


def _encoded(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "offsets": struct.pack("<4i", 0, 1, 3, 3),
        "data": b"abc",
        "validity": None,
        "width": 4,
        "first": 0,
        "places": np.empty(3, np.int64),
        "key": 7,
    }
    return arrow_values.native.encode(*(given | changes).values())


@pytest.mark.parametrize(
    "changes",
    [
        {"offsets": struct.pack("<4i", 0, 1, 3, 4)},
        {"offsets": struct.pack("<4i", 0, 1, 2**31 - 1, 3)},
        {"offsets": struct.pack("<4i", 0, 2, 1, 3)},
        {"offsets": struct.pack("<4i", -1, 1, 3, 3)},
        {"offsets": struct.pack("<4i", 0, -5, 3, 3)},
        {"offsets": struct.pack("<3i", 0, 1, 3)},
        {"offsets": struct.pack("<4q", 0, 1, -(2**63), 3), "width": 8},
        {"offsets": b""},
        {"data": None},
        {"data": b"ab"},
        {"validity": b""},
        {"width": 2},
        {"width": 0},
        {"width": 8},
        {"first": 1},
        {"first": -1},
        {"first": 2**63 - 2},
    ],
)
def test_buffers_that_do_not_belong_together_are_refused(changes: dict[str, Any]) -> None:
    if arrow_values.native is None:
        return
    assert _encoded() == ["a", "bc", ""]
    with pytest.raises(ValueError, match=r"belong together|outside"):
        _encoded(**changes)
