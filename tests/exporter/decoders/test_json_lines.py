from __future__ import annotations

import dataclasses
import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders import DECODERS, json_lines
from exporter.rows.record import INVALID, MISSING, Decoded, Predictions
from tests.exporter.decoders.models import TIME, Log, line

FEATURES = {"x": "numeric", "c": "categorical"}
SETTINGS: dict[str, Any] = {"features": FEATURES, "segments": {"region": "region"}, "time_format": "epoch_s"}


def refuse(line: bytes) -> Any:
    del line
    raise msgspec.ValidationError


def typed_log(**settings: Any) -> Log:
    """A log of which no line goes the compiled way."""
    log = Log(**settings)
    log._predictions._compiled = None
    return log


def slow_log(**settings: Any) -> Log:
    """A log of which every line goes the slow way."""
    log = typed_log(**settings)
    log._predictions._type.parse = refuse
    return log


WAYS = [Log, typed_log, slow_log]


def same(one: Decoded[Predictions], other: Decoded[Predictions]) -> bool:
    columns = [field.name for field in dataclasses.fields(Predictions)]
    equal = [
        np.array_equal(getattr(one.rows, name), getattr(other.rows, name), equal_nan=name != "has_key")
        for name in columns
    ]
    return all(equal) and (one.read, one.refusals) == (other.read, other.refusals)


def feature(raw: str, name: str = "x") -> bytes:
    return f'{{"timestamp":"{TIME}","request_id":"a","features":{{"{name}":{raw}}}}}'.encode()


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.sampled_from([0, 1, 200, 404, 99, 600, 10**400, 2**64])
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["", "200", "m", "\ud800", "é", "x" * 300, TIME])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "c", "0", "1"]), inner),
    max_leaves=6,
)
fields = ["timestamp", "request_id", "features", "score", "prediction", "latency_ms", "status", "version", "region"]
hostile = values | st.dictionaries(st.sampled_from([*fields, "endpoint", "other"]), values)
plausible = st.fixed_dictionaries(
    {"timestamp": st.floats(0, 2e9) | st.integers(0, 2**31)},
    optional={
        "request_id": scalars,
        "features": st.fixed_dictionaries({}, optional={"x": scalars, "c": scalars}) | values,
        "score": st.floats(0, 1) | scalars,
        "prediction": st.integers(0, 1) | scalars,
        "latency_ms": scalars,
        "status": st.integers(100, 599) | scalars,
        "version": scalars,
        "region": scalars,
        "endpoint": scalars,
    },
)


@given(st.lists(hostile | plausible, max_size=5))
def test_every_line_is_a_row_or_rejected_or_ignored(documents: list[Any]) -> None:
    shared_log = {"fields": {"model": "version"}}
    for settings in (SETTINGS, {**SETTINGS, **shared_log}):
        decoded = Log(**settings).lines(*(json.dumps(document).encode() for document in documents))
        refused = decoded.refusals.rejected.total() + decoded.refusals.ignored
        assert decoded.read == len(documents) == len(decoded.rows) + refused


@given(st.lists(hostile | plausible, max_size=5))
def test_all_ways_give_the_same_rows(documents: list[Any]) -> None:
    lines = [json.dumps(document).encode() for document in documents]
    compiled, typed, slow = (make(**SETTINGS).lines(*lines) for make in WAYS)
    assert same(compiled, slow)
    assert same(typed, slow)


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_any_bytes_are_counted(lines: list[bytes]) -> None:
    decoded = Log(**SETTINGS).lines(*lines)
    assert decoded.read == len(lines) == len(decoded.rows) + decoded.refusals.rejected.total()


@pytest.mark.parametrize("make", WAYS)
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1", 1.0),
        ("-0", 0.0),
        ("1e5", 1e5),
        ("0.1234567890123456789", 0.12345678901234568),
        ("9007199254740993", 9007199254740992.0),
        ("18446744073709551616", 2.0**64),
        ("null", np.nan),
        ("NaN", np.nan),
        ("Infinity", np.inf),
        ("-Infinity", np.inf),
        ("1e400", np.inf),
        ("-1e400", np.inf),
        ("1" * 400, np.inf),
        ("1" * 5000, np.inf),
        ('"1"', np.inf),
        ("true", np.inf),
        ("[]", np.inf),
        ("{}", np.inf),
    ],
)
def test_numbers(make: type[Log], raw: str, expected: float) -> None:
    decoded = make(features=FEATURES).lines(feature(raw))
    np.testing.assert_array_equal(decoded.rows.numeric, [[expected]])
    assert not decoded.refusals.rejected


@pytest.mark.parametrize("make", WAYS)
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('"Mon"', "Mon"),
        ('""', ""),
        ("true", "true"),
        ("false", "false"),
        ("0", "0"),
        ("1", "1"),
        ("1.0", "1"),
        ("0.5", "0.5"),
        ("18446744073709551616", "18446744073709551616"),
        ("1e22", "1" + 22 * "0"),
        ('"a\\ud800"', INVALID),
        ('"caf\\u00e9"', "café"),
        ("null", MISSING),
        ("NaN", MISSING),
        ("Infinity", INVALID),
        ("-Infinity", INVALID),
        ("1e400", INVALID),
        ("1" * 5000, INVALID),
        ("[1]", INVALID),
        ('{"a":1}', INVALID),
    ],
)
def test_categories(make: type[Log], raw: str, expected: str | int) -> None:
    log = make(features=FEATURES)
    decoded = log.lines(feature(raw, "c"))
    assert log.names(decoded.rows.categorical) == [expected]
    assert not decoded.refusals.rejected


@pytest.mark.parametrize("make", WAYS)
def test_a_whole_number_of_any_size_is_a_category(make: type[Log]) -> None:
    log = make(features=FEATURES)
    (name,) = log.names(log.lines(feature("7" * 500, "c")).rows.categorical)
    assert isinstance(name, str)
    assert name.startswith("7" * 100)
    assert len(name) == 128


DEEP = 100_000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "malformed"),
        (b"   ", "malformed"),
        (b"{", "malformed"),
        (b'{"timestamp":}', "malformed"),
        (b'{"a": 1} {"a": 1}', "malformed"),
        (b'{"\xff": 1}', "missing_timestamp"),
        (b'{"timestamp": "\xff"}', "bad_timestamp"),
        ('{"timestamp":1}'.encode("utf-16"), "malformed"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b"1", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"NaN", "not_an_object"),
        (b"{}", "missing_timestamp"),
        (b'{"timestamp": null}', "missing_timestamp"),
        (b'{"timestamp": true}', "bad_timestamp"),
        (b'{"timestamp": {}}', "bad_timestamp"),
        (b"[" * DEEP, "too_deep"),
        (b"[" * DEEP + b"]" * DEEP, "too_deep"),
        (b'{"features":' * DEEP, "too_deep"),
        (b'{"other": ' + b"[" * DEEP + b"]" * DEEP + b"}", "too_deep"),
    ],
)
@pytest.mark.parametrize("make", WAYS)
def test_what_is_no_record_is_rejected_with_its_reason(make: type[Log], raw: bytes, reason: str) -> None:
    decoded = make(features=FEATURES).lines(raw, line({}))
    assert decoded.refusals.rejected == {reason: 1}
    assert (decoded.read, len(decoded.rows)) == (2, 1)


def test_a_byte_order_mark_does_no_harm() -> None:
    decoded = Log().lines(b"\xef\xbb\xbf" + line({}))
    assert (len(decoded.rows), decoded.refusals.rejected) == (1, {})


@pytest.mark.parametrize("make", WAYS)
def test_the_last_of_equal_keys_counts(make: type[Log]) -> None:
    raw = (
        f'{{"timestamp":"{TIME}","status":500,"status":404,'
        '"features":{"x":1,"y":2},"features":{"x":3,"x":4},"score":"bad","score":0.25}'
    ).encode()
    rows = make(features={"x": "numeric", "y": "numeric"}).lines(raw).rows
    np.testing.assert_array_equal(rows.numeric, [[4.0, np.nan]])
    assert (rows.status.tolist(), rows.scores.tolist()) == ([404], [[0.25]])


@pytest.mark.parametrize("make", WAYS)
def test_keys_may_be_written_with_escapes(make: type[Log]) -> None:
    assert make(features=FEATURES).lines(feature("2.5", "\\u0078")).rows.numeric.tolist() == [[2.5]]


@pytest.mark.parametrize("raw", ["null", "[]", "1", '"x"'])
def test_features_without_an_object_are_missing(raw: str) -> None:
    decoded = Log(features=FEATURES).lines(f'{{"timestamp":"{TIME}","features":{raw}}}'.encode())
    assert np.isnan(decoded.rows.numeric).all()
    assert decoded.rows.categorical.tolist() == [[MISSING]]


def test_rows_stay_in_order_over_micro_batches_with_bad_lines_in_between() -> None:
    count = 2 * json_lines._MICRO_BATCH + 10
    lines = [feature(str(i)) if i % 7 else b"broken" for i in range(count)]
    decoded = Log(features=FEATURES).lines(*lines)
    assert decoded.rows.numeric[:, 0].tolist() == [i for i in range(count) if i % 7]
    assert decoded.refusals.rejected == {"malformed": len([i for i in range(count) if not i % 7])}


def test_no_lines_are_no_rows() -> None:
    decoded = Log(**SETTINGS).lines()
    assert (len(decoded.rows), decoded.read) == (0, 0)
    assert (decoded.rows.numeric.shape, decoded.rows.categorical.shape) == ((0, 1), (0, 1))


def test_the_format_has_its_decoder() -> None:
    assert DECODERS["jsonl"] is json_lines.JsonLines
