from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from exporter.reference.times import times_of

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
MICROSECONDS = int(MOMENT.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("values", "kind", "time_format"),
    [
        ([MOMENT], pa.timestamp("ns", "UTC"), "rfc3339"),
        ([MOMENT.replace(tzinfo=None)], pa.timestamp("ms"), "rfc3339"),
        (["2026-01-31T12:00:00Z"], pa.string(), "rfc3339"),
        (["2026-01-31T14:00:00+02:00"], pa.string(), "rfc3339"),
        (["2026-01-31 12:00:00"], pa.string(), "rfc3339"),
        ([MICROSECONDS // 1_000_000], pa.int64(), "epoch_s"),
        ([MICROSECONDS / 1000], pa.float64(), "epoch_ms"),
        ([MICROSECONDS * 1000], pa.int64(), "epoch_ns"),
    ],
)
def test_every_spelling_is_a_moment(values: list[object], kind: pa.DataType, time_format: str) -> None:
    found = times_of(pa.chunked_array([pa.array(values, kind)]), time_format)
    assert found is not None
    assert found.tolist() == [MICROSECONDS]


def test_a_date_is_its_midnight() -> None:
    found = times_of(pa.chunked_array([pa.array([date(2026, 1, 31)])]), "rfc3339")
    assert found is not None
    assert found.tolist() == [MICROSECONDS - 12 * 3600 * 1_000_000]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["soon"]),
        pa.array(["2026-01-31T12:00:00Z", None]),
        pa.array([1.5, None]),
        pa.array([True]),
        pa.array([17]),  # of no stated unit
    ],
)
def test_without_a_time_for_each_row_there_are_none(column: pa.Array) -> None:
    assert times_of(pa.chunked_array([column]), "rfc3339") is None
