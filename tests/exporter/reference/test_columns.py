from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from exporter.reference.columns import Numbers, Texts, kind_of, numbers, texts


def column(values: list[Any], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    half = len(values) // 2
    return pa.chunked_array([array(values[:half], kind), array(values[half:], kind)], kind)


def array(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    if kind is None or not pa.types.is_dictionary(kind):
        return pa.array(values, kind)
    # Older Arrow makes dictionaries of some types only from their parts.
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    indices = [None if value is None else distinct.index(value) for value in values]
    return pa.DictionaryArray.from_arrays(pa.array(indices, kind.index_type), pa.array(distinct, kind.value_type))


def as_texts(values: list[Any], kind: pa.DataType) -> Texts:
    return texts(column(values, kind), pa.field("x", kind))


def as_numbers(values: list[Any], kind: pa.DataType) -> Numbers:
    return numbers(column(values, kind))


def test_null_and_nan_are_missing_and_infinities_invalid() -> None:
    found = as_numbers([1.0, None, math.nan, math.inf, -math.inf, -2.5], pa.float64())
    assert found.finite.tolist() == [1.0, -2.5]
    assert (found.missing, found.invalid) == (2, 2)
    assert np.isnan(found.values).sum() == 4


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, None, 3, 2**62], pa.int64(), [1.0, 3.0, 2.0**62]),
        ([1, 2, None, 255], pa.uint8(), [1.0, 2.0, 255.0]),
        ([0.5, None, 1.5], pa.float32(), [0.5, 1.5]),
        ([True, None, False], pa.bool_(), [1.0, 0.0]),
        ([Decimal("1.25"), None, Decimal("-3.00")], pa.decimal128(9, 2), [1.25, -3.0]),
        (["1", None, "2.5"], pa.large_string(), [1.0, 2.5]),
        (["7", None, "7"], pa.dictionary(pa.int32(), pa.string()), [7.0, 7.0]),
    ],
)
def test_numbers_of_every_type(values: list[Any], kind: pa.DataType, expected: list[float]) -> None:
    found = as_numbers(values, kind)
    assert found.finite.tolist() == expected
    assert (found.missing, found.invalid) == (1, 0)


def test_text_that_is_no_number_is_invalid() -> None:
    found = as_numbers(["1", "one", None, "inf", "nan"], pa.string())
    assert found.finite.tolist() == [1.0]
    assert (found.missing, found.invalid) == (1, 3)


@pytest.mark.parametrize(
    ("values", "kind", "categories", "domain"),
    [
        (["b", "a", None, "b"], pa.string(), ("a", "b"), "text"),
        (["b", "a", None, "b"], pa.dictionary(pa.int8(), pa.large_string()), ("a", "b"), "text"),
        ([True, False, None, True], pa.bool_(), ("false", "true"), "boolean"),
        ([1.0, 0.5, math.nan, 1.0], pa.float64(), ("0.5", "1"), "number"),
        ([10, 9, None, 10], pa.int16(), ("10", "9"), "number"),
        ([Decimal("2.0"), Decimal("1.5"), None, Decimal("2.0")], pa.decimal128(3, 1), ("1.5", "2"), "number"),
        (
            [dt.date(2024, 1, 2), dt.date(2024, 1, 1), None, dt.date(2024, 1, 2)],
            pa.date32(),
            ("2024-01-01", "2024-01-02"),
            "text",
        ),
    ],
)
def test_categories_of_every_type(
    values: list[Any], kind: pa.DataType, categories: tuple[str, ...], domain: str
) -> None:
    found = as_texts(values, kind)
    assert found.categories == categories
    assert found.domain == {domain}
    assert found.missing == 1
    spelled = [None if code < 0 else categories[code] for code in found.codes]
    assert spelled.count(None) == 1
    assert spelled[0] == spelled[3] != spelled[1]
    assert found.counts.sum() == 3


def test_values_spelled_alike_are_one_category() -> None:
    field = pa.field("x", pa.string(), metadata={b"driftbell.domain": b"number,text"})
    found = texts(column(["1", "a", "1"], pa.string()), field)
    assert found.counts.tolist() == [2, 1]
    assert found.domain == {"number", "text"}


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 2], pa.int32(), "numeric"),
        ([0.5, None], pa.float64(), "numeric"),
        ([Decimal("1.5")], pa.decimal128(3, 1), "numeric"),
        (["a", "b"], pa.string(), "categorical"),
        (["a", "b"], pa.large_string(), "categorical"),
        ([True], pa.bool_(), "categorical"),
        ([1, 1], pa.dictionary(pa.int8(), pa.int64()), "categorical"),
        (["2024-01-01", None, "2024-01-01T10:00:00.000Z"], pa.string(), None),
        (["2024-01-01", "other"], pa.string(), "categorical"),
        ([dt.date(2024, 1, 1)], pa.date32(), None),
        ([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"), None),
        ([[1.0]], pa.list_(pa.float64()), None),
        ([None], pa.null(), None),
        ([None], pa.float64(), None),
        ([math.nan, math.inf, None], pa.float64(), None),
        ([math.nan, -math.inf], pa.float16(), None),
        ([f"r{i}" for i in range(200)], pa.string(), None),
        ([f"r{i}" for i in range(99)], pa.string(), "categorical"),
        ([f"r{i % 150}" for i in range(300)], pa.string(), "categorical"),
    ],
)
def test_kinds(values: list[Any], kind: pa.DataType, expected: str | None) -> None:
    found, reason = kind_of(column(values, kind))
    assert found == expected
    assert bool(reason) == (expected is None)
