"""The same table gives the same rows and the same refusals in every format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.exporter.decoders.models import column, profile_of
from tests.exporter.decoders.tables import Reading, Records, batch, csv_records, jsonl, plainly

PROFILE = profile_of(
    colour=column("red", "blue"),
    grade=column("1", "2", domain="number"),
    flag=column("false", "true", domain="boolean"),
)
SETTINGS: dict[str, Any] = {
    "features": {"x": "numeric", "n": "numeric", "word": "numeric"},
    "segments": {"region": "region"},
    "fields": {"model": "model"},
}
SCORES: dict[str, Any] = {
    "task": "multiclass",
    "classes": ["a", "b", "c.d"],
    "segments": {"region": "region"},
}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
ANY_FLOAT = st.floats(allow_subnormal=False)
WORDS = st.text(st.sampled_from('ab,"\n é.'), min_size=1, max_size=5)
STAMPS = st.none() | MOMENTS.map(datetime.isoformat) | st.sampled_from(["soon", "2026-02-30T00:00:00Z"])
FEATURES = st.fixed_dictionaries(
    {
        "x": st.none() | ANY_FLOAT,
        "n": st.none() | st.integers(-(2**62), 2**62),
        "word": st.none() | st.sampled_from(["word", "1,5", "--"]),
        "colour": st.none() | st.sampled_from(["red", "blue", "True", "1.0", "007", "nan", "green"]),
        "grade": st.none() | st.sampled_from([1.0, 2.0, 2.5, -0.0, 1e22, float("nan"), float("inf")]),
        "flag": st.none() | st.booleans(),
    }
)
RECORDS = st.fixed_dictionaries(
    {
        "timestamp": STAMPS,
        "request_id": st.none() | WORDS,
        "model": st.sampled_from(["m", "m", "m", "other", None]),
        "version": st.none() | st.sampled_from(["1.10", "1.1", "v2"]),
        "endpoint": st.none() | st.sampled_from(["/a", "/b"]),
        "status": st.none() | st.sampled_from([200, 404, 500, 99, 600, -1]),
        "latency_ms": st.none() | ANY_FLOAT,
        "score": st.none() | st.floats(-0.5, 1.5),
        "prediction": st.none() | st.sampled_from([0, 1, 2]),
        "region": st.none() | WORDS,
        "features": FEATURES,
    }
)
TYPES: Mapping[str, pa.DataType] = {
    "timestamp": pa.string(),
    "request_id": pa.large_string(),
    "model": pa.dictionary(pa.int8(), pa.string()),
    "version": pa.string(),
    "endpoint": pa.string(),
    "status": pa.int16(),
    "latency_ms": pa.float64(),
    "score": pa.float64(),
    "prediction": pa.uint8(),
    "region": pa.dictionary(pa.int16(), pa.string()),
    "features": pa.struct(
        {
            "x": pa.float64(),
            "n": pa.int64(),
            "word": pa.string(),
            "colour": pa.string(),
            "grade": pa.float64(),
            "flag": pa.bool_(),
        }
    ),
}


def facts(kind: str, payload: Any, settings: Mapping[str, Any] = SETTINGS, profile: Any = PROFILE) -> dict[str, Any]:
    reading = Reading(profile, settings)
    return reading.facts(reading.predictions(kind, payload))


def shouting(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else plainly(value)


@given(st.lists(RECORDS, max_size=6))
def test_predictions(records: Records) -> None:
    wanted = facts("jsonl", jsonl(records))
    assert facts("csv", csv_records(records)) == wanted
    assert facts("csv", csv_records(records, shouting)) == wanted
    assert facts("parquet", batch(records, TYPES)) == wanted


@given(st.lists(RECORDS, max_size=6))
def test_typed_times(records: Records) -> None:
    usable = [record for record in records if record["timestamp"] not in ("soon", "2026-02-30T00:00:00Z")]
    wanted = facts("jsonl", jsonl(usable))
    typed = [{**record, "timestamp": moment(record["timestamp"])} for record in usable]
    for unit in ("ms", "us", "ns"):
        kind = pa.timestamp(unit, "Europe/Berlin")
        # Nanoseconds end in the year 2262, all others here well after the records.
        assert facts("parquet", batch(typed, {**TYPES, "timestamp": kind})) == wanted


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


EPOCHS = st.none() | st.integers(-(2**60), 2**60) | st.sampled_from([0, 1_700_000_000, 1_700_000_000_123_456_789])


@given(st.lists(EPOCHS, max_size=6), st.sampled_from(["epoch_s", "epoch_ms", "epoch_us", "epoch_ns"]))
def test_whole_numbers_since_the_epoch(times: list[int | None], time_format: str) -> None:
    records = [{"timestamp": time, "request_id": "a"} for time in times]
    settings = {**SETTINGS, "time_format": time_format, "fields": {}}
    wanted = facts("jsonl", jsonl(records), settings)
    assert facts("csv", csv_records(records, names=["timestamp", "request_id"]), settings) == wanted
    for kind in (pa.int64(), pa.decimal128(38, 0)):
        types = {"timestamp": kind, "request_id": pa.string()}
        assert facts("parquet", batch(records, types), settings) == wanted


@given(st.lists(st.none() | st.floats(), max_size=6), st.sampled_from(["epoch_s", "epoch_ms", "epoch_us", "epoch_ns"]))
def test_fractions_since_the_epoch(times: list[float | None], time_format: str) -> None:
    records = [{"timestamp": time, "request_id": "a"} for time in times]
    settings = {**SETTINGS, "time_format": time_format, "fields": {}}
    wanted = facts("jsonl", jsonl(records), settings)
    assert facts("csv", csv_records(records, names=["timestamp", "request_id"]), settings) == wanted
    assert facts("parquet", batch(records, {"timestamp": pa.float64(), "request_id": pa.string()}), settings) == wanted


CLASS_SCORES = st.none() | st.fixed_dictionaries(
    dict.fromkeys(["a", "b", "c.d"], st.none() | st.floats(-0.5, 1.5) | st.just(float("inf")))
)


@given(st.lists(CLASS_SCORES, max_size=6))
def test_a_score_for_each_class(scores: list[dict[str, float | None] | None]) -> None:
    records = [{"timestamp": "2026-01-01T00:00:00Z", "request_id": "a", "scores": each} for each in scores]
    wanted = facts("jsonl", jsonl(records), SCORES, None)
    names = ["timestamp", "request_id", "scores.a", "scores.b", "scores.c.d"]
    assert facts("csv", csv_records(records, names=names), SCORES, None) == wanted
    inner = pa.struct({"a": pa.float64(), "b": pa.float32() if not scores else pa.float64(), "c.d": pa.float64()})
    types = {"timestamp": pa.string(), "request_id": pa.string(), "scores": inner}
    assert facts("parquet", batch(records, types), SCORES, None) == wanted
    mapping = {**SCORES, "fields": {"scores": {"a": "scores.a", "b": "scores.b", "c.d": ["scores", "c.d"]}}}
    wanted = facts("jsonl", jsonl(records), mapping, None)
    assert facts("csv", csv_records(records, names=names), mapping, None) == wanted
    assert facts("parquet", batch(records, types), mapping, None) == wanted


LISTS = st.none() | st.lists(st.floats(-0.5, 1.5) | st.none(), min_size=2, max_size=4)


@given(st.lists(LISTS, max_size=6))
def test_a_list_of_scores(scores: list[list[float | None] | None]) -> None:
    records = [{"timestamp": "2026-01-01T00:00:00Z", "request_id": "a", "scores": each} for each in scores]
    wanted = facts("jsonl", jsonl(records), SCORES, None)
    assert facts("csv", csv_records(records, names=["timestamp", "request_id", "scores"]), SCORES, None) == wanted
    for kind in (pa.list_(pa.float64()), pa.large_list(pa.float64())):
        types = {"timestamp": pa.string(), "request_id": pa.string(), "scores": kind}
        assert facts("parquet", batch(records, types), SCORES, None) == wanted


LABELS = st.fixed_dictionaries(
    {
        "timestamp": STAMPS,
        "request_id": st.none() | WORDS,
        "label": st.none() | st.sampled_from([0, 1, 7]),
    }
)


@given(st.lists(LABELS, max_size=6), st.sampled_from(["binary", "regression"]))
def test_labels(records: Records, task: str) -> None:
    def read(kind: str, payload: Any) -> dict[str, Any]:
        reading = Reading(None, {"task": task})
        return reading.label_facts(reading.labels(kind, payload))

    wanted = read("jsonl", jsonl(records))
    assert read("csv", csv_records(records, names=["timestamp", "request_id", "label"])) == wanted
    assert read("csv", csv_records(records, as_floats, ["timestamp", "request_id", "label"])) == wanted
    types = {"timestamp": pa.string(), "request_id": pa.string(), "label": pa.int64()}
    assert read("parquet", batch(records, types)) == wanted
    assert read("parquet", batch(records, {**types, "label": pa.float64()})) == wanted


def as_floats(value: Any) -> str:
    """Spell whole numbers the way of a data frame in which some are missing."""
    return f"{value}.0" if isinstance(value, int) else plainly(value)
