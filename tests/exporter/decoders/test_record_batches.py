from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders import leaf as leaves
from exporter.decoders.arrow_columns import column_of
from exporter.decoders.leaf import INVALID_VALUE
from exporter.decoders.typed import BAD_TIME, NO_TIME, values_of
from exporter.rows.record import Decoded, Predictions
from tests.exporter.decoders.models import MOMENT
from tests.exporter.decoders.tables import Reading

PATH = ("x",)


def clock(*parts: int) -> datetime:
    """Return what a clock shows, wherever it hangs."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - times without a zone are what is tested


NOON = clock(2024, 5, 1, 12)
UNUSABLE = INVALID_VALUE


def decode(columns: dict[str, Any], **settings: Any) -> Decoded[Predictions]:
    reading = Reading(None, {"features": {"x": "numeric", "c": "categorical"}, **settings})
    rows = len(next(iter(columns.values())))
    stamps = pa.array([datetime(2024, 5, 1, 14, tzinfo=UTC)] * rows, pa.timestamp("us", "UTC"))
    return reading.predictions("parquet", pa.RecordBatch.from_pydict({"timestamp": stamps, **columns}))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None], pa.int8()), [1.0, np.nan]),
        (pa.array([2**64 - 1], pa.uint64()), [2.0**64]),
        (pa.array([1.5, float("nan"), None, float("-inf")], pa.float32()), [1.5, np.nan, np.nan, np.inf]),
        (pa.array([np.float16(0.5)], pa.float16()), [0.5]),
        (pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)), [1.25, np.nan]),
        (pa.array([2, 1, 2]).dictionary_encode(), [2.0, 1.0, 2.0]),
        (pa.array([True, None]), [np.inf, np.nan]),
        (pa.array(["1", None]), [np.inf, np.nan]),
        (pa.array([NOON, None]), [np.inf, np.nan]),
        (pa.array([[1.0], None]), [np.inf, np.nan]),
        (pa.nulls(2), [np.nan, np.nan]),
    ],
)
def test_numbers_of_every_type(array: pa.Array, expected: list[float]) -> None:
    np.testing.assert_array_equal(column_of(leaves.number("x", PATH), array), expected)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array(["a", None, "a", "1.0"]), ["a", None, "a", "1.0"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([1, None, 2**62]), ["1", None, str(2**62)]),
        (pa.array([1.0, 0.5, float("nan"), float("inf")]), ["1", "0.5", None, UNUSABLE]),
        (pa.array([Decimal("2.50"), Decimal("3.00")], pa.decimal128(10, 2)), ["2.5", "3"]),
        (pa.array([b"caf\xc3\xa9", b"\xff"]), ["café", UNUSABLE]),
        (pa.array([date(2024, 5, 1)]), ["2024-05-01"]),
        (pa.array([NOON], pa.timestamp("ns")), ["2024-05-01 12:00:00"]),
        (pa.array([2**62], pa.timestamp("s")), [UNUSABLE]),
        (pa.array(["b", "a", None, "b"]).dictionary_encode(), ["b", "a", None, "b"]),
        (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
        (pa.array([{"a": 1}, None]), [UNUSABLE, None]),
        (pa.array([[1], None]), [UNUSABLE, None]),
        (pa.nulls(2), [None, None]),
        (pa.array([], pa.string()), []),
    ],
)
def test_categories_of_every_type(array: pa.Array, expected: list[Any]) -> None:
    assert values_of(column_of(leaves.category("x", PATH), array)) == expected
    if not pa.types.is_nested(array.type):
        assert values_of(column_of(leaves.identifier("x", PATH), array)) == expected


def test_a_text_that_is_no_utf8_leaves_the_others_alone() -> None:
    array = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff", b"ok"]).buffers())
    assert values_of(column_of(leaves.category("x", PATH), array)) == [INVALID_VALUE, "ok"]
    assert values_of(column_of(leaves.identifier("x", PATH), array)) == [INVALID_VALUE, "ok"]


def times(array: pa.Array, time_format: str = "rfc3339", zone: str | None = None) -> list[Any]:
    column = column_of(leaves.timestamp(PATH, time_format, ZoneInfo(zone) if zone else None), array)
    return column.tolist() if isinstance(column, np.ndarray) else list(values_of(column))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("time_format", ["rfc3339", "epoch_ms"])
def test_typed_times_are_times_whatever_the_format_of_others_is(unit: str, time_format: str) -> None:
    aware = pa.array([datetime(2024, 5, 1, 14, tzinfo=UTC), None], pa.timestamp(unit, "Asia/Tokyo"))
    assert times(aware, time_format) == [MOMENT, NO_TIME]
    naive = pa.array([clock(2024, 5, 1, 14), None], pa.timestamp(unit))
    assert times(naive, time_format) == [BAD_TIME, NO_TIME]
    assert times(naive, time_format, "UTC") == [MOMENT, NO_TIME]
    local = pa.array([clock(2024, 5, 1, 16)], pa.timestamp(unit))
    assert times(local, time_format, "Europe/Berlin") == [MOMENT]


@given(
    st.lists(st.datetimes(clock(1930, 1, 1), clock(2090, 1, 1))),
    st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Africa/Monrovia"]),
)
def test_local_times_are_understood_as_python_understands_them(moments: list[datetime], name: str) -> None:
    zone = ZoneInfo(name)
    gaps = [clock(2024, 3, 31, 2, 30), clock(2024, 10, 27, 2, 30), clock(2024, 3, 10, 2, 30)]
    every = [*moments, *gaps]
    # Arrow does not say which of two is meant.
    expected = [moment.replace(tzinfo=zone, fold=0) - datetime(1970, 1, 1, tzinfo=UTC) for moment in every]
    assert times(pa.array(every, pa.timestamp("us")), zone=name) == [
        delta.days * 86_400_000_000 + delta.seconds * 1_000_000 + delta.microseconds for delta in expected
    ]


def test_dates_are_midnights() -> None:
    for kind in (pa.date32(), pa.date64()):
        array = pa.array([date(2024, 5, 1), None], kind)
        assert times(array, zone="UTC") == [MOMENT - 14 * 3_600_000_000, NO_TIME]
        assert times(array) == [BAD_TIME, NO_TIME]


def test_times_out_of_all_reason() -> None:
    assert times(pa.array([2**62, -(2**62)], pa.timestamp("s", "UTC"))) == [BAD_TIME, BAD_TIME]
    assert times(pa.array([2**64 - 1, None], pa.uint64()), "epoch_ns") == [BAD_TIME, NO_TIME]
    assert times(pa.array([1.0, float("nan"), 1e300, None]), "epoch_s") == [1_000_000, BAD_TIME, BAD_TIME, NO_TIME]


def test_numbers_are_no_times_unless_the_format_says_so() -> None:
    assert times(pa.array([1, None])) == [BAD_TIME, NO_TIME]
    assert times(pa.array(["1970-01-01T00:00:01Z", "soon", None])) == [1_000_000, BAD_TIME, NO_TIME]
    assert times(pa.array(["1970-01-01T00:00:01Z", "1"]), "epoch_s") == [BAD_TIME, BAD_TIME]


@pytest.mark.parametrize(
    "array", [pa.array([200, None, 99]), pa.array([200.0, None, 200.5]), pa.array(["200", None, "x"])]
)
def test_statuses(array: pa.Array) -> None:
    assert values_of(column_of(leaves.status(PATH), array)) == [200, None, UNUSABLE]


def test_scores_as_a_map() -> None:
    array = pa.array([[("a", 0.5), ("b", 0.25)], None], pa.map_(pa.string(), pa.float64()))
    assert values_of(column_of(leaves.scores(PATH), array)) == [{"a": 0.5, "b": 0.25}, None]


def test_values_lie_inside_structs_or_under_dotted_names() -> None:
    # The order in which pyarrow finds the members out depends on its version.
    kind = pa.struct([("x", pa.float64()), ("c", pa.string())])
    struct = pa.array([{"x": 1.0, "c": "red"}, None, {"x": None, "c": "blue"}], kind)
    for columns in (
        {"features": struct},
        {"features.x": struct.flatten()[0], "features.c": struct.flatten()[1]},
        {
            "features": pa.array([{"other": 1}] * 3),
            "features.x": struct.flatten()[0],
            "features.c": struct.flatten()[1],
        },
    ):
        rows = decode(columns).rows
        np.testing.assert_array_equal(rows.numeric, [[1.0], [np.nan], [np.nan]])
        assert rows.categorical.tolist() == [[0], [-1], [1]]


def test_a_key_may_hold_dots_itself() -> None:
    array = pa.array([{"a.b": {"c.d": 1.5}}])
    rows = decode({"features": array}, features={"z": {"kind": "numeric", "path": ["features", "a.b", "c.d"]}}).rows
    assert rows.numeric.tolist() == [[1.5]]


def test_what_lies_under_a_struct_that_is_null_is_missing() -> None:
    inner = pa.array([1.0, 2.0])
    struct = pa.StructArray.from_arrays([inner], names=["x"], mask=pa.array([False, True]))
    np.testing.assert_array_equal(decode({"features": struct}).rows.numeric, [[1.0], [np.nan]])


def test_values_of_other_models_rows_take_no_names() -> None:
    reading = Reading(None, {"fields": {"model": "model"}, "limits": {"versions": 1}})
    stamps = pa.array([NOON] * 3, pa.timestamp("us", "UTC"))
    columns = {"timestamp": stamps, "model": ["other", "m", "m"], "version": ["theirs", "ours", "ours"]}
    rows = reading.predictions("parquet", pa.RecordBatch.from_pydict(columns)).rows
    assert [reading.layout.versions.text(code) for code in rows.version.tolist()] == ["ours", "ours"]


def test_a_batch_without_rows_or_columns() -> None:
    reading = Reading(None, {"features": {"x": "numeric"}})
    decoded = reading.predictions("parquet", pa.RecordBatch.from_arrays([], names=[]))
    assert (len(decoded.rows), decoded.read) == (0, 0)
