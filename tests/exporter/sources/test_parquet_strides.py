from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources import parquet_strides
from exporter.sources.parquet_strides import BATCH_BYTES, joined, stride


def batches(lengths: list[int]) -> Iterator[pa.RecordBatch]:
    start = 0
    for length in lengths:
        yield pa.RecordBatch.from_pydict({"x": list(range(start, start + length))})
        start += length


def values(batch: pa.RecordBatch) -> list[int]:
    found: list[int] = batch.column("x").to_pylist()
    return found


@given(st.lists(st.integers(1, 10), max_size=12), st.integers(10, 25))
def test_rows_keep_their_order_in_batches_of_the_wanted_size(lengths: list[int], rows: int) -> None:
    found = list(joined(batches(lengths), rows))
    assert [value for batch in found for value in values(batch)] == list(range(sum(lengths)))
    assert all(batch.num_rows == rows for batch in found[:-1])
    assert all(batch.num_rows for batch in found)


def test_wide_rows_make_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_strides, "BATCH_BYTES", 100)
    assert [batch.num_rows for batch in joined(batches([10] * 4), 1000)] == [20, 20]


def test_what_came_before_a_failure_is_handed_out() -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield from batches([3, 3])
        raise EOFError

    found = joined(failing(), 1000)
    assert values(next(found)) == list(range(6))
    with pytest.raises(EOFError):
        next(found)


def test_nothing_is_decoded_before_it_is_wanted() -> None:
    def endless() -> Iterator[pa.RecordBatch]:
        while True:
            yield from batches([4])

    assert next(joined(endless(), 8)).num_rows == 8


@pytest.mark.parametrize(
    ("rows", "size", "lists", "expected"),
    [
        (1_000_000, 8_000_000, False, 1024),
        (1_000_000, 8_000_000, True, 64),
        (1_000_000, 0, False, 1024),
        (1_000_000, -(2**60), False, 1024),
        (1000, 1000 * BATCH_BYTES // 100, False, 100),
        (10, 2**62, False, 16),
        (0, 2**62, False, 16),
    ],
)
def test_the_wider_the_rows_the_shorter_the_stride(rows: int, size: int, lists: bool, expected: int) -> None:
    assert stride(SimpleNamespace(num_rows=rows, total_byte_size=size), lists=lists) == expected
