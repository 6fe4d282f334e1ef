"""What becomes of a value that is not what it should be: the same by every way into the exporter (docs/records.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from exporter.counting.layout import Layout
from exporter.decoders.json_lines import JsonLines
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.rows.record import INVALID, MISSING, Decoded, Labels, Predictions
from exporter.sources.framing import CsvRecords
from tests.exporter.decoders.models import NOW, SEED, TIME
from tests.exporter.decoders.tables import Reading

WAYS = ("typed", "generic", "csv", "parquet")
missing, invalid = "missing", "invalid"
LONG = 10**999


def not_utf8(*values: bytes) -> pa.Array:
    """Return a column of texts that are none, as a writer that does not check may leave it."""
    return pa.Array.from_buffers(pa.string(), len(values), pa.array(values).buffers())


# Name to the value in JSON, as a CSV cell and as an Arrow array; None where a format cannot say it, or says another thing.
VALUES: dict[str, tuple[bytes, bytes | None, pa.Array | None]] = {
    "null": (b"null", b"", pa.nulls(1)),
    "typed null": (b"null", b"", pa.array([None], pa.float64())),
    "NaN": (b"NaN", b"nan", pa.array([np.nan])),
    "Infinity": (b"Infinity", b"inf", pa.array([np.inf])),
    "-Infinity": (b"-Infinity", b"-Infinity", pa.array([-np.inf])),
    "1e999": (b"1e999", b"1e999", pa.array([np.inf], pa.float32())),
    "-1e999": (b"-1e999", b"-1e999", None),
    "text NaN": (b'"NaN"', None, pa.array(["NaN"])),
    "text Infinity": (b'"Infinity"', None, pa.array(["Infinity"])),
    "text 1": (b'"1"', None, pa.array(["1"]).dictionary_encode()),
    "word": (b'"word"', b"word", pa.array(["word"], pa.large_string())),
    "empty text": (b'""', None, pa.array([""])),
    "true": (b"true", b"true", pa.array([True])),
    "list": (b"[1]", b'"[1]"', pa.array([[1.0]])),
    "object": (b'{"a":1}', b'"{""a"":1}"', pa.array([{"a": 1}])),
    "2**53 + 1": (b"9007199254740993", b"9007199254740993", pa.array([2**53 + 1])),
    "2**63": (b"9223372036854775808", b"9223372036854775808", pa.array([2**63], pa.uint64())),
    "1000 digits": (str(LONG).encode(), str(LONG).encode(), None),
    "5000 digits": (b"9" * 5000, b"9" * 5000, None),
    "-0": (b"-0.0", b"-0.0", pa.array([-0.0])),
    "tiny": (b"5e-324", b"5e-324", pa.array([5e-324])),
    "1e308": (b"1e308", b"1e308", pa.array([1e308])),
    "-1": (b"-1", b"-1", pa.array([-1], pa.int8())),
    "half a pair": (b'"a\\ud800"', b"a\xed\xa0\x80", not_utf8(b"a\xed\xa0\x80")),
    "no UTF-8": (b'"\xff"', b"\xff", not_utf8(b"\xff")),
    "Latin-1": ('"é"'.encode("latin-1"), "é".encode("latin-1"), pa.array(["é".encode("latin-1")])),
    "overlong": (b'"\xc0\xaf"', b"\xc0\xaf", not_utf8(b"\xc0\xaf").dictionary_encode()),
    "NUL": (b'"a\\u0000b"', b"a\0b", pa.array(["a\0b"])),
    "emoji": (b'"\\ud83d\\ude00"', "😀".encode(), pa.array(["😀"])),
}

ALL_BUT_NUMBERS = {
    **dict.fromkeys(["null", "typed null", "NaN"], missing),
    **dict.fromkeys(["Infinity", "-Infinity", "1e999", "-1e999", "text NaN", "text Infinity", "text 1"], invalid),
    **dict.fromkeys(["word", "empty text", "true", "list", "object", "1000 digits", "5000 digits"], invalid),
    **dict.fromkeys(["half a pair", "no UTF-8", "Latin-1", "overlong", "NUL", "emoji"], invalid),
}
NUMBER: dict[str, Any] = {
    **ALL_BUT_NUMBERS,
    "2**53 + 1": 2.0**53,
    "2**63": 2.0**63,
    "-0": 0.0,
    "tiny": 5e-324,
    "1e308": 1e308,
    "-1": -1.0,
}
NO_TEXTS = dict.fromkeys(["half a pair", "no UTF-8", "Latin-1", "overlong"], invalid)
CATEGORY: dict[str, Any] = {
    **dict.fromkeys(["null", "typed null"], missing),
    **NO_TEXTS,
    "word": "word",
    "2**53 + 1": str(2**53 + 1),
    "2**63": str(2**63),
    "-1": "-1",
    "true": "true",
    "NUL": "a\0b",
    "emoji": "😀",
}
# CSV cannot tell a text from a number: there these are texts, or what the reference says (see docs/definitions.md).
CATEGORY_BUT_CSV = {
    **dict.fromkeys(["NaN"], missing),
    **dict.fromkeys(["Infinity", "-Infinity", "1e999", "5000 digits", "list", "object"], invalid),
    "text NaN": "NaN",
    "text 1": "1",
    "empty text": "",
    "-0": "0",
}
NAME = {**CATEGORY, **dict.fromkeys(["null", "typed null"], "unknown"), **dict.fromkeys(NO_TEXTS, "unknown, invalid")}
IDENTIFIER = {
    name: "there" if isinstance(said, str) and said not in (missing, invalid) else said
    for name, said in CATEGORY.items()
}
LATENCY = {**NUMBER, "2**53 + 1": 2.0**53 / 1e3, "2**63": 2.0**63 / 1e3, "tiny": 0.0, "1e308": 1e305, "-1": invalid}
SCORE = {**ALL_BUT_NUMBERS, **dict.fromkeys(["2**53 + 1", "2**63", "1e308", "-1"], invalid), "-0": 0.0, "tiny": 5e-324}
STATUS = {
    **dict.fromkeys(["null", "typed null", "NaN"], 200),
    **{name: "bad_status" for name, said in NUMBER.items() if said != missing and name != "text 1"},
}
TIME_STAMP = {
    **dict.fromkeys(VALUES, "bad_timestamp"),
    **dict.fromkeys(["null", "typed null"], "missing_timestamp"),
    "NaN": "bad_timestamp",
}
EXPECTED: dict[str, dict[str, Any]] = {
    "x": NUMBER,
    "c": CATEGORY,
    "c, not of CSV": CATEGORY_BUT_CSV,
    "region": CATEGORY,
    "version": NAME,
    "request_id": {name: missing if said == invalid else said for name, said in IDENTIFIER.items()},
    "latency_ms": LATENCY,
    "score": SCORE,
    "prediction": CATEGORY,
    "status": STATUS,
    "timestamp": TIME_STAMP,
}
LABEL_NUMBER = {
    name: {missing: "missing_label", invalid: "bad_label"}.get(str(said), said) for name, said in NUMBER.items()
}
LABEL_CLASS = {
    name: {missing: "missing_label", invalid: "bad_label"}.get(said, said) for name, said in CATEGORY.items()
}
LABEL_ID = {
    name: {missing: "missing_request_id", invalid: "bad_request_id"}.get(said, said)
    for name, said in IDENTIFIER.items()
}
FLAT = ("timestamp", "request_id", "score", "prediction", "latency_ms", "status", "version", "region")
GOOD: dict[str, tuple[bytes, bytes, Any]] = {
    "timestamp": (f'"{TIME}"'.encode(), TIME.encode(), TIME),
    "request_id": (b'"a"', b"a", "a"),
    "label": (b"1", b"1", 1),
}


def cases(expected: dict[str, Any], *ways: str) -> Iterator[tuple[str, str, Any]]:
    for name, said in expected.items():
        for way in ways:
            if VALUES[name][max(WAYS.index(way) - 1, 0)] is not None:
                yield name, way, said


def spoilt(fields: tuple[str, ...], field: str, name: str, way: str, *, nested: bool) -> Any:
    """Return a payload of one good record, but for one field."""
    values = {each: GOOD[each] for each in fields if each in GOOD} | {field: VALUES[name]}
    if way == "csv":
        names = tuple(f"features.{each}" if nested and each in ("x", "c") else each for each in values)
        return CsvRecords(names, [b",".join(cell or b"" for _, cell, _ in values.values())])
    if way == "parquet":
        arrays = {
            each: array if isinstance(array, pa.Array) else pa.array([array]) for each, (_, _, array) in values.items()
        }
        if nested and field in ("x", "c"):
            arrays["features"] = pa.StructArray.from_arrays([arrays.pop(field)], [field])
        return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    pairs = [(each, text) for each, (text, _, _) in values.items()]
    if nested and field in ("x", "c"):
        pairs[-1] = ("features", b'{"%s":%s}' % (field.encode(), pairs[-1][1]))
    return [b"{" + b",".join(b'"%s":%s' % (each.encode(), text) for each, text in pairs) + b"}"]


def refuse(line: bytes) -> Any:
    raise msgspec.ValidationError(line)


def read(reading: Reading, way: str, payload: Any, *, labels: bool = False) -> Any:
    if way in ("csv", "parquet"):
        return reading.labels(way, payload) if labels else reading.predictions(way, payload)
    log = reading.layout.model.labels
    assert log is not None
    gatherer: Any = LabelGatherer(reading.layout, log, SEED) if labels else PredictionGatherer(reading.layout, SEED)
    decoder: JsonLines[Any] = JsonLines(gatherer)
    if way == "generic":
        decoder._type.parse = refuse
    return decoder.decode(payload, NOW)


def outcome(reading: Reading, decoded: Decoded[Predictions], field: str) -> Any:
    """Return what a field of the only record has become: its value, or a word for it."""
    if decoded.refusals.rejected:
        return next(iter(decoded.refusals.rejected))
    found = _value(reading.layout, decoded.rows, field)
    counted = decoded.refusals.invalid.get({"region": "segment", "latency_ms": "latency"}.get(field, field), 0)
    is_missing = np.isnan(found) if isinstance(found, float) else found == MISSING
    if field == "version":
        return f"{found}, invalid" if counted else found
    if field in ("x", "c"):
        return invalid if found in (INVALID, np.inf) else missing if is_missing else found
    # An id that is not there is counted like one of no use: the labels miss it.
    return invalid if counted and field != "request_id" else missing if is_missing else found


def _value(layout: Layout, rows: Predictions, field: str) -> Any:
    columns: dict[str, Any] = {
        "x": rows.numeric,
        "latency_ms": rows.latency,
        "score": rows.scores,
        "status": rows.status,
        "timestamp": rows.time,
    }
    if field in columns:
        return columns[field].item()
    if field == "request_id":
        return "there" if rows.has_key.item() else MISSING
    dictionary, codes = {
        "c": (layout.categorical[0].dictionary, rows.categorical),
        # Group 0 is everything.
        "region": (layout.segments["region"], np.where(rows.groups > 0, rows.groups - 1, rows.groups)),
        "version": (layout.versions, rows.version),
        "prediction": (layout.classes, rows.predicted),
    }[field]
    code = codes.item()
    return dictionary.text(int(code)) if 0 <= code < np.inf else code


SETTINGS: dict[str, Any] = {"features": {"x": "numeric", "c": "categorical"}, "segments": {"region": "region"}}


@pytest.mark.parametrize("nested", [True, False], ids=["nested", "flat"])
@pytest.mark.parametrize("field", EXPECTED)
def test_a_value_of_a_prediction(field: str, nested: bool) -> None:
    """One reading for all values: what came before must not matter."""
    ways = ("typed", "generic", "parquet") if field.endswith("not of CSV") else WAYS
    fields = {} if nested else {"fields": {"features": ""}}
    name_of = field.partition(",")[0]
    readings = {way: Reading(None, {**SETTINGS, **fields, "limits": {"classes": 99}}) for way in ways}
    wrong = {}
    for name, way, said in cases(EXPECTED[field], *ways):
        decoded = read(readings[way], way, spoilt(FLAT, name_of, name, way, nested=nested))
        found = outcome(readings[way], decoded, name_of)
        if found != said or decoded.read != len(decoded.rows) + decoded.refusals.rejected.total():
            wrong[name, way] = (found, said)
    assert wrong == {}


@pytest.mark.parametrize(
    ("field", "task", "expected"),
    [
        ("label", "regression", LABEL_NUMBER),
        ("label", "binary", LABEL_CLASS),
        ("request_id", "binary", LABEL_ID),
        ("timestamp", "binary", TIME_STAMP),
    ],
)
def test_a_value_of_a_label(field: str, task: str, expected: dict[str, Any]) -> None:
    readings = {way: Reading(None, {"task": task}) for way in WAYS}
    wrong = {}
    for name, way, said in cases(expected, *WAYS):
        payload = spoilt(("timestamp", "request_id", "label"), field, name, way, nested=True)
        decoded: Decoded[Labels] = read(readings[way], way, payload, labels=True)
        rejected = decoded.refusals.rejected
        values = ["there" if field == "request_id" else _label(readings[way], value) for value in decoded.rows.value]
        (found,) = values or list(rejected)
        if found != said or decoded.read != len(decoded.rows) + rejected.total():
            wrong[name, way] = (found, said)
    assert wrong == {}


def _label(reading: Reading, value: float) -> Any:
    return value if reading.layout.is_regression else reading.class_of(value)
