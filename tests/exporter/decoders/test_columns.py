from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders.columns import CodeCache, as_class, floats, table, times
from exporter.decoders.leaf import INVALID_VALUE
from exporter.decoders.typed import BAD_TIME
from exporter.rows.category import text_of
from exporter.rows.dictionary import Dictionary
from exporter.rows.record import INVALID, MISSING
from tests.exporter.decoders.models import MOMENT, TIME, Log

BERLIN = ZoneInfo("Europe/Berlin")

categories = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, -0.0, 0.5]) | st.sampled_from("01ab")
)


@given(st.lists(st.lists(categories, max_size=6), max_size=6))
def test_a_cache_never_takes_true_for_one(batches: list[list[Any]]) -> None:
    dictionary = Dictionary("d")
    cache = CodeCache(dictionary)
    for batch in batches:
        expected = [MISSING if value is None else dictionary.code(text_of(value)) for value in batch]
        assert cache.codes(batch).tolist() == expected


def test_a_cache_is_bounded_in_number_and_size() -> None:
    cache = CodeCache(Dictionary("d", limit=3))
    codes = cache.codes([f"value {i}" for i in range(5000)])
    assert codes.tolist() == [0, 1, 2] + [3] * 4997
    assert len(cache) <= 1100
    fresh = CodeCache(Dictionary("d", limit=3))
    assert fresh.codes(["x" * 100_000, "x" * 100_000]).tolist() == [0, 0]
    assert not any(isinstance(value, str) for value in fresh)


def test_missing_and_invalid_have_codes_of_their_own() -> None:
    dictionary = Dictionary("d")
    assert CodeCache(dictionary).codes([None, INVALID_VALUE, ""]).tolist() == [MISSING, INVALID, 0]
    assert CodeCache(dictionary, empty_is_missing=True).codes([None, ""]).tolist() == [MISSING, MISSING]


def test_a_class_is_carried_as_a_float() -> None:
    np.testing.assert_array_equal(as_class(np.array([0, 3, MISSING, INVALID], np.int32)), [0.0, 3.0, np.nan, np.inf])


def test_floats() -> None:
    np.testing.assert_array_equal(floats([1, None, INVALID_VALUE, 0.5]), [1.0, np.nan, np.inf, 0.5])
    assert floats([]).shape == (0,)


def test_a_table_has_a_row_for_each_record() -> None:
    np.testing.assert_array_equal(table([(1, None), (2, INVALID_VALUE)], 2), [[1.0, 2.0], [np.nan, np.inf]])
    assert (table([(), ()], 0).shape, table([], 3).shape) == ((0, 2), (3, 0))


@pytest.mark.parametrize(
    ("time_format", "value", "expected"),
    [
        ("epoch_s", 1_714_572_000, MOMENT),
        ("epoch_s", 1_714_572_000.25, MOMENT + 250_000),
        ("epoch_s", 1_714_572_000.123456, MOMENT + 123_456),
        ("epoch_ms", 1_714_572_000_001, MOMENT + 1000),
        ("epoch_ms", 1_714_572_000_000.5, MOMENT + 500),
        ("epoch_us", 1_714_572_000_000_001, MOMENT + 1),
        ("epoch_us", 1.714572e15, MOMENT),
        ("epoch_ns", 1_714_572_000_000_001_999, MOMENT + 1),
        ("epoch_ns", 1.714572e18, MOMENT),
        ("epoch_s", -1, -1_000_000),
        ("epoch_s", 253_402_300_800, BAD_TIME),
        ("epoch_s", -1e300, BAD_TIME),
        ("epoch_s", 1e308, BAD_TIME),
        ("epoch_s", 10**400, BAD_TIME),
        ("epoch_ms", 1_714_572_000_000_000_000, BAD_TIME),
    ],
)
def test_times_since_the_epoch(time_format: str, value: float, expected: int) -> None:
    assert times([value], time_format, None).tolist() == [expected]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - a bound
def test_times_are_exact_to_the_microsecond(moment: datetime) -> None:
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert times([moment], "rfc3339", None).tolist() == [expected]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        (TIME, TIME),
        ("2024-05-01t14:00:00z", TIME),
        ("2024-05-01 16:00:00+02:00", TIME),
        ("2024-05-01T14:00:00.000000400Z", TIME),
        ("2024-05-01T14:00:00.25-00:00", "2024-05-01T14:00:00.25Z"),
        ("0001-01-01T00:00:00+14:00", "0000-12-31T10:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "Pacific/Kiritimati"])
@pytest.mark.parametrize("feature", [1, "bad"])  # "bad" sends the record the slow way
def test_times_with_an_offset(text: str, utc: str, zone: str | None, feature: Any) -> None:
    log = Log(time_zone=zone, features={"x": "numeric"})
    decoded = log.records({"timestamp": text, "features": {"x": feature}})
    assert len(decoded.rows) == 1
    if not utc.startswith("0000"):
        expected = datetime.fromisoformat(utc)
        assert abs(decoded.rows.time[0] - expected.timestamp() * 1e6) <= 30


@pytest.mark.parametrize("feature", [1, "bad"])
@pytest.mark.parametrize(
    ("text", "utc_hour"),
    [
        ("2024-01-15T12:00:00", 11),
        ("2024-07-15T12:00:00", 10),
        ("2024-03-31T02:30:00", 1),  # skipped that night: as if the clock had not been moved
        ("2024-10-27T02:30:00", 0),  # there twice: the first one
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59", None),
    ],
)
def test_times_in_a_zone(text: str, utc_hour: int | None, feature: Any) -> None:
    decoded = Log(time_zone="Europe/Berlin", features={"x": "numeric"}).records(
        {"timestamp": text, "features": {"x": feature}}
    )
    assert (len(decoded.rows), decoded.refusals.rejected) == (1, {})
    if utc_hour is not None:
        assert datetime.fromtimestamp(decoded.rows.time[0] / 1e6, UTC).hour == utc_hour


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T14:00:00",
        "2024-05-01",
        "14:00",
        "",
        "\ud800",
        "2024-13-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        1,
        {},
    ],
)
def test_what_is_no_time_is_rejected(text: Any) -> None:
    assert Log().records({"timestamp": text}).refusals.rejected == {"bad_timestamp": 1}


def test_a_cache_looks_codes_up_anew_when_one_was_given_back() -> None:
    versions = Dictionary("model_version", limit=1)
    cache = CodeCache(versions, empty_is_missing=True)
    assert cache.codes(["1", "2", ""]).tolist() == [0, versions.other, MISSING]
    versions.release(0)
    assert cache.codes(["2", "1", "", None]).tolist() == [0, versions.other, MISSING, MISSING]


@given(st.lists(st.none() | st.floats(allow_nan=False) | st.integers(-9, 9) | st.just(INVALID_VALUE), max_size=5))
def test_floats_of_a_parsed_column(values: list[Any]) -> None:
    expected = [np.nan if value is None else np.inf if value is INVALID_VALUE else float(value) for value in values]
    np.testing.assert_array_equal(floats(tuple(values)), expected)
    np.testing.assert_array_equal(table([tuple(values), tuple(values)], len(values)), np.array([expected, expected]).T)
