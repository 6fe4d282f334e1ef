"""Durations and moments: exact values, refusals with hints, and round trips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.durations import (
    LONGEST,
    DurationError,
    format_duration,
    format_timestamp,
    parse_duration,
    parse_timestamp,
)

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", 30 * SECOND),
        ("5m", 300 * SECOND),
        ("24h", 86_400 * SECOND),
        ("7d", 604_800 * SECOND),
        ("2w", 1_209_600 * SECOND),
        ("1h30m", 5_400 * SECOND),
        ("500ms", 500_000),
        ("1w2d3h4m5s6ms", 788_645_006_000),
        ("0s", 0),
        ("36500d", LONGEST),
    ],
)
def test_a_duration_is_read(text: str, expected: int) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "units w, d, h"),
        ("30", 'such as "30s"'),
        ("1y", "365d"),
        ("1.5h", "1h30m"),
        ("1,5h", "1h30m"),
        ("5M", 'small letters: "5m"'),
        ("30m1h", "from large to small"),
        ("1h1h", "at most once"),
        ("1h 30m", "units w, d, h"),
        ("-5m", "units w, d, h"),
        ("5min", "units w, d, h"),
        ("5m\n", "units w, d, h"),
        ("٣s", "units w, d, h"),
        ("h", "units w, d, h"),
        ("36501d", "longest duration"),
        ("9" * 59 + "d", "longest duration"),
        ("9" * 9999 + "s", "units w, d, h"),
    ],
)
def test_a_text_that_is_no_duration_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_duration(text)
    assert isinstance(refused.value, DurationError)
    assert hint in refused.value.hint
    assert str(refused.value) == f"{refused.value.message}; {refused.value.hint}"
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, "0s"),
        (1, "0.001ms"),
        (1_500, "1.5ms"),
        (500_000, "500ms"),
        (90 * SECOND, "1m30s"),
        (86_400 * SECOND, "1d"),
        (7 * 86_400 * SECOND, "1w"),
        (8 * 86_400 * SECOND, "8d"),
        (90_061_001_000, "1d1h1m1s1ms"),
        (-90 * SECOND, "-1m30s"),
    ],
)
def test_a_duration_is_written_short(length: int, expected: str) -> None:
    assert format_duration(length) == expected


@given(st.integers(0, LONGEST // 1000))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds * 1000)) == milliseconds * 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:01-00:00", SECOND),
        ("1970-01-01T01:00:00.25+01:00", 250_000),
        ("1970-01-01T00:00:00.1234569Z", 123_456),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2025-03-03T00:00:00.564Z", 1_740_960_000_564_000),
        ("9999-12-31T23:59:59-23:59", 253_402_387_139 * SECOND),
    ],
)
def test_a_moment_is_read(text: str, expected: int) -> None:
    assert parse_timestamp(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2025-03-03",
        "2025-03-03T00:00:00",
        "2025-03-03T00:00Z",
        "2025-03-03T00:00:00+0100",
        "2025-03-03T00:00:00+24:00",
        "2025-03-03T00:00:00.Z",
        "2025-03-03T00:00:00Z\n",
        "2025-02-29T00:00:00Z",
        "2025-03-03T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "\uff12025-03-03T00:00:00Z",
    ],
)
def test_a_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse_timestamp(text)


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - the strategy wants them naive
def test_a_moment_survives_writing_and_reading(naive: datetime) -> None:
    moment = (naive.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert parse_timestamp(format_timestamp(moment)) == moment


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_500_000, "1970-01-01T00:00:01.500Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_is_written_with_the_digits_it_needs(moment: int, expected: str) -> None:
    assert format_timestamp(moment) == expected


def test_a_moment_that_no_calendar_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        format_timestamp(2**62)
