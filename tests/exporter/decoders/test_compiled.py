from __future__ import annotations

import gc
import json
import os
import random
import struct
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders import compiled
from exporter.decoders import leaf as leaves
from exporter.decoders.columns import times
from exporter.decoders.compiled import CompiledReader, is_available, native
from exporter.decoders.leaf import Leaf
from exporter.decoders.typed import Column, Encoded, values_of
from tests.exporter.decoders.models import TIME, Log
from tests.exporter.decoders.test_json_lines import same, typed_log

# Who has no compiler can do without; where the project is judged it must be there.
needs_reader = pytest.mark.skipif(not is_available() and not os.environ.get("CI"), reason="there was no C compiler")
pytestmark = needs_reader

X, C = leaves.number("x", ("x",)), leaves.category("c", ("c",))
BERLIN = ZoneInfo("Europe/Berlin")
# Empty without a reader: tests that are skipped are collected all the same.
KINDS: Mapping[str, int] = defaultdict(int, vars(native) if native else {})


def reader(*wanted: Leaf) -> CompiledReader:
    found = CompiledReader.of(wanted)
    assert found is not None
    return found


def read(wanted: Leaf, *values: str) -> tuple[Column, list[int]]:
    """Read lines of one value each: JSON texts, or "" where there is none."""
    key = wanted.path[0]
    lines = [f'{{"{key}":{value}}}'.encode() if value else b"{}" for value in values]
    with mock.patch.object(compiled, "_MOST_LEFT", 1.0):
        found = reader(wanted).read(lines)
    assert found is not None
    return found[0][wanted.path], found[1]


def numbers(*values: str) -> list[float]:
    column, left = read(X, *values)
    assert isinstance(column, np.ndarray)
    assert left == []
    return [float(value) for value in column]


def test_it_was_built() -> None:
    assert is_available()


doubles = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
written = (
    st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | doubles.filter(np.isfinite).map(lambda value: f"{value:.16e}")
    | st.builds("{}e{}".format, st.integers(0, 10**20), st.integers(-90, 70))
    | st.builds("0.{:0>{}}".format, st.integers(0, 10**18), st.integers(1, 40))
    | st.integers(-(10**25), 10**25).map(str)
    | st.builds(
        "{}{}.{:0>{}}".format,
        st.sampled_from(["", "-"]),
        st.integers(0, 10**9),
        st.integers(0, 10**17),
        st.integers(1, 20),
    )
)


@given(st.lists(written, min_size=1, max_size=40))
def test_numbers_are_the_nearest_doubles(texts: list[str]) -> None:
    column, left = read(X, *texts)
    expected = [float(text) for text in texts if np.isfinite(float(text))]
    kept = [i for i in range(len(texts)) if i not in left]
    np.testing.assert_array_equal(np.asarray(column)[kept].view(np.int64), np.array(expected).view(np.int64))


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("whole", ["0", "7", "1234567890123456789012"])
def test_numbers_of_every_length(sign: str, whole: str) -> None:
    """They are read in pieces of eight bytes: one may end wherever such a piece does."""
    fractions = [
        "",
        *(f".{'0' * zeros}{'987654321' * 3}"[: places + 1] for places in range(1, 24) for zeros in range(6)),
    ]
    texts = [f"{sign}{whole[:count]}{fraction}" for count in range(1, len(whole) + 1) for fraction in fractions]
    assert numbers(*texts) == [float(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["1e3", "1.5e3", "-2.5E+2", "1.5e-7", "123456.789e-12", "12345678901234567e-20", "0e0"]
)
def test_usual_exponents_are_read(text: str) -> None:
    assert numbers(text) == [float(text)]


@given(st.lists(st.text("0123456789.-+eE", min_size=1, max_size=20), min_size=1, max_size=20))
def test_what_is_nearly_a_number_is_read_as_json_or_left(texts: list[str]) -> None:
    column, left = read(X, *texts)
    for row, text in enumerate(texts):
        if row in left:
            continue
        assert np.asarray(column)[row] == json.loads(text, parse_int=float)


def _halfway(bits: int, exponent: int) -> str:
    """Return, in full, what lies between two neighbouring doubles."""
    middle = (2 * Fraction(bits) + 1) * Fraction(2) ** exponent
    digits, places = middle.numerator, 0
    while middle.denominator > 1 << places:
        places += 1
    return f"{digits * 5**places}e-{places}"


def test_ties_go_to_the_even_double() -> None:
    random_bits = random.Random(1)
    texts = [_halfway(random_bits.getrandbits(52) | 1 << 52, exponent) for exponent in range(-60, 60)]
    assert numbers(*texts) == [float(text) for text in texts]


@pytest.mark.parametrize("text", ["0", "-0", "0.0", "-0.0", "0e5", "-0e-400", "1e-400", "00.0"[1:]])
def test_zeros_keep_their_sign(text: str) -> None:
    (value,) = numbers(text)
    assert (value, np.signbit(value)) == (0.0, text.startswith("-"))


def test_what_is_missing_is_nan() -> None:
    assert np.isnan(numbers("", "null", "NaN")).all()


@pytest.mark.parametrize(
    "value",
    [
        '"1"',
        "true",
        "[1]",
        "{}",
        "1e400",
        "Infinity",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "--1",
        "01.5",
        "-01.5",
        "-.5",
        "1.5.",
        "-",
    ],
)
def test_what_is_no_number_is_left(value: str) -> None:
    assert read(X, "1", value)[1] == [1]


@pytest.mark.parametrize("value", ["1x", "1 2", '"a', '"a"b', "nul", "nulll", "1.", "tru", "200é", "1\\u0020"])
def test_what_begins_with_a_known_value_is_not_taken_for_it(value: str) -> None:
    column, left = read(C, "1", '"a"', "null", "true", "200", value, "1")
    assert left == [5]
    assert isinstance(column, Encoded)
    assert column.values == [1, "a", None, True, 200]


def test_values_and_keys_of_every_length() -> None:
    """Short ones are compared as numbers of 16 bytes, longer ones as texts."""
    texts = ["".join(chr(97 + i % 26) for i in range(length)) for length in range(40)]
    texts += [f"{text[:-1]}{end}" for text in texts[1:] for end in "A "]
    fields = [leaves.category(text, (text,)) for text in texts if text]
    for shift in (0, 1, 17):
        record = dict(zip(texts[1:], texts[shift:] + texts[:shift], strict=False))
        lines = [json.dumps(record, separators=separators).encode() for separators in [(",", ":"), (", ", " : ")] * 2]
        found = reader(*fields).read(lines)
        assert found is not None
        assert found[1] == []
        for (key,), column in found[0].items():
            assert isinstance(column, Encoded)
            assert (column.values, column.places.tolist()) == ([record[key]], [0] * len(lines))


@pytest.mark.parametrize("zeros", [1000, 999_000, 999_998, 999_999, 1_000_000, 1_000_100])
@pytest.mark.parametrize("exponent", ["", "e900", "e1000000", "e1000001", "e-1000000", "e99999999999999999999"])
def test_very_long_fractions(zeros: int, exponent: str) -> None:
    text = f"0.{'0' * zeros}123{exponent}"
    column, left = read(X, text)
    assert left == [0] or np.asarray(column).tolist() == [float(text)]


def test_distinct_values_are_numbered_as_they_come() -> None:
    column, left = read(
        C, '"b"', '"a"', '"b"', "", "null", "1", "1.0", "true", '"1"', '"null"', '"caf\\u00e9"', "NaN", "[]"
    )
    assert isinstance(column, Encoded)
    assert column.values == ["b", "a", None, 1, 1.0, True, "1", "null", "café"]
    assert list(map(type, column.values[3:6])) == [int, float, bool]
    assert column.places[:11].tolist() == [0, 1, 0, 2, 2, 3, 4, 5, 6, 7, 8]
    assert left == [11, 12]


def test_what_is_not_there_is_not_taken_from_the_line_before() -> None:
    found = reader(X, C).read([b'{"x":1,"c":"a"}', b"{}", b'{"c":NaN}', b'{"x":NaN}'])
    assert found is not None
    columns, left = found
    assert np.isnan(np.asarray(columns["x",])[[1, 3]]).all()
    encoded = columns["c",]
    assert isinstance(encoded, Encoded)
    assert (encoded.values, encoded.places[[0, 1, 3]].tolist(), left) == (["a", None], [0, 1, 1], [2])


def test_many_distinct_values() -> None:
    texts = [f'"{i % 9973}"' for i in range(30_000)]
    column, left = read(C, *texts)
    assert isinstance(column, Encoded)
    assert left == []
    assert [f'"{column.values[place]}"' for place in column.places.tolist()] == texts


def test_values_of_a_line_that_is_left_are_not_among_the_distinct_ones() -> None:
    found = reader(C, X).read([b'{"c":"a","x":1}', b'{"c":"b","x":"no number"}', b'{"c":"c","x":2}'])
    assert found is not None
    encoded = found[0]["c",]
    assert isinstance(encoded, Encoded)
    assert (encoded.values, found[1]) == (["a", "c"], [1])


digits = st.integers(0, 99).map("{:02}".format)
moments = st.builds(
    "{}-{}-{}T{}:{}:{}{}{}".format,
    st.integers(1969, 2101) | st.just(2024),
    *[digits | st.just("12")] * 5,
    st.sampled_from(["", ".", ".5", ".123456", ".1234565", ".999999999"]),
    st.sampled_from(["Z", "+00:00", "-07:30", "+23:59", "+24:00", ""]),
) | st.datetimes(timezones=st.sampled_from([ZoneInfo("UTC"), BERLIN])).map(lambda moment: moment.isoformat())


@pytest.mark.parametrize("zone", [None, BERLIN])
@given(texts=st.lists(moments, min_size=1, max_size=20))
def test_times_are_what_the_other_way_reads(zone: ZoneInfo | None, texts: list[str]) -> None:
    wanted = leaves.timestamp(("t",), "rfc3339", zone)
    column, left = read(wanted, *map(json.dumps, texts))
    kept = [i for i in range(len(texts)) if i not in left]
    expected = times([wanted.coerce(texts[i]) for i in kept], "rfc3339", zone)
    assert np.asarray(column)[kept].tolist() == expected.tolist()


def test_ordinary_times_are_read() -> None:
    usual = [TIME, "2024-02-29 23:59:59.123+02:00", "1970-01-01T00:00:00Z", "2099-12-31T23:59:59.999999Z"]
    assert read(leaves.timestamp(("t",), "rfc3339", None), *map(json.dumps, usual))[1] == []
    local = ["2024-03-31T02:30:00", "2024-10-27T02:30:00.5"]
    assert read(leaves.timestamp(("t",), "rfc3339", BERLIN), *map(json.dumps, usual + local))[1] == []
    assert read(leaves.timestamp(("t",), "rfc3339", None), *map(json.dumps, local))[1] == [0, 1]


@pytest.mark.parametrize("digits", ["1234567891", "9999999999", "0000005000", "0000004999", "5555555555"])
def test_fractions_of_a_second(digits: str) -> None:
    wanted = leaves.timestamp(("t",), "rfc3339", None)
    texts = [f"2024-02-29T12:34:56.{digits[:count]}{zone}" for count in range(1, 11) for zone in ("Z", "+00:00")]
    column, left = read(wanted, *map(json.dumps, texts))
    assert left == []
    assert np.asarray(column).tolist() == times([wanted.coerce(text) for text in texts], "rfc3339", None).tolist()


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("2024-02-29T23:59:59.123Z", True),
        ("2024-02-30T23:59:59.123Z", False),
        ("2024-02-29T24:00:00.123Z", False),
        ("2024-02-29T23:60:00.123Z", False),
        ("2024-02-29T23:59:60.123Z", False),
        ("2024-02-29T23:59:5x.123Z", False),
        ("2024-02-29T23:59;59.123Z", False),
        ("2024-02-29T2/:59:59.123Z", False),
        ("2024-02-29T23:59:59.Z", False),
        ("2024-02-29T23:59:59.12x", False),
        ("2024-02-29T23:59:59Zx", False),
        ("2024-02-29x23:59:59Z", False),
        ("2024-02-2", False),
        (f"{chr(0) * 11}23:59:59Z", False),
    ],
)
def test_a_date_that_is_remembered(text: str, is_read: bool) -> None:
    """Of the line before, right or wrong; nothing but the same date is taken for it."""
    wanted, usual = leaves.timestamp(("t",), "rfc3339", None), "2024-02-29T00:00:01Z"
    for texts in ([text], [usual, text, usual], [text, text, usual]):
        column, left = read(wanted, *(f'"{each}"' for each in texts))
        assert left == [row for row, each in enumerate(texts) if each == text and not is_read]
        kept = [row for row in range(len(texts)) if row not in left]
        assert (
            np.asarray(column)[kept].tolist()
            == times([wanted.coerce(texts[i]) for i in kept], "rfc3339", None).tolist()
        )


def test_a_zone_that_once_had_an_offset_of_seconds() -> None:
    wanted = leaves.timestamp(("t",), "rfc3339", ZoneInfo("Africa/Monrovia"))
    texts = ["1972-01-07T00:44:40", "1972-12-31T23:59:59", "1973-01-01T00:00:00"]
    column, left = read(wanted, *map(json.dumps, texts))
    assert left == [0, 1]
    assert np.asarray(column)[2] == times([wanted.coerce(texts[2])], "rfc3339", wanted.zone)[0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@given(values=st.lists(st.integers(0, 2**64) | st.floats(0, 1e19), min_size=1, max_size=10))
def test_times_since_the_epoch(unit: str, values: list[float]) -> None:
    column, left = read(leaves.timestamp(("t",), f"epoch_{unit}", None), *map(json.dumps, values))
    kept = [i for i in range(len(values)) if i not in left]
    expected = times([values[i] for i in kept], f"epoch_{unit}", None)
    assert np.asarray(column)[kept].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("unit", "value"),
    [("s", "1714572000.25"), ("ms", "1714572000123"), ("us", "1714572000123456"), ("ns", "1714572000123456789")],
)
def test_ordinary_times_since_the_epoch_are_read(unit: str, value: str) -> None:
    assert read(leaves.timestamp(("t",), f"epoch_{unit}", None), value)[1] == []


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        (b'{"x":1}', True),
        (b' \t{ "x" : 1 , "other" : [ { "x" : 2 } , null ] } \r', True),
        (b'{"other":"\\"\\\\\\u12aB","x":1}', True),
        (b'{"\xc3\xa9":1,"x":1}', True),
        (b'{"other":NaN,"x":1,"more":[Infinity,-Infinity]}', True),
        (b'{"x":1,"x":2}', False),
        (b'{"\\u0078":1}', False),
        (b'{"x":1}{', False),
        (b'{"x":1,}', False),
        (b'{"x":1', False),
        (b'{"x":1 "y":2}', False),
        (b'{"x"1}', False),
        (b"{x:1}", False),
        (b'{"other":"\\q","x":1}', False),
        (b'{"other":"\\u12g4","x":1}', False),
        (b'{"other":"a\nb","x":1}', False),
        (b'{"other":nul,"x":1}', False),
        (b'{"other":[1,],"x":1}', False),
        (b'{"other":{"a"},"x":1}', False),
        (b'{"other":' + b"[" * 60 + b"]" * 60 + b',"x":1}', True),
        (b'{"other":' + b"[" * 100_000 + b"]" * 100_000 + b',"x":1}', False),
        (b'{"x":1}\x00', False),
        (b'\x00{"x":1}', False),
        (b"[]", False),
        (b"1", False),
        (b"", False),
    ],
)
def test_lines_are_read_or_left(line: bytes, is_read: bool) -> None:
    found = reader(X).read([line])
    assert found is not None
    assert found[1] == ([] if is_read else [0])


def test_an_object_twice_or_none_is_left() -> None:
    wanted = reader(leaves.number("x", ("a", "x")))
    found = wanted.read([b'{"a":{"x":1}}', b'{"a":{"x":1},"a":{}}', b'{"a":[1]}', b'{"a":null}', b"{}", b'{"a":{}}'])
    assert found is not None
    assert found[1] == [1, 2, 3]


@pytest.mark.parametrize("keys", [10, 300, 1000])
def test_keys_in_any_order_and_number(keys: int) -> None:
    dice = random.Random(keys)
    names = [f"k{i}" for i in range(keys)]
    wanted = [leaves.number(name, (name,)) for name in names[::3]]
    records = [{name: dice.randrange(1000) for name in dice.sample(names, keys)} for _ in range(20)]
    found = reader(*wanted).read([json.dumps(record).encode() for record in records])
    assert found is not None
    assert found[1] == []
    for each in wanted:
        assert np.asarray(found[0][each.path]).tolist() == [record[each.name] for record in records]


def test_a_log_cannot_fill_the_memory_with_its_keys() -> None:
    own = reader(leaves.number("x", ("a", "x")))
    tracemalloc.start()
    try:
        for i in range(100):
            text = f"{i}{'k' * 50_000}"
            own.read([f'{{"{text}":1,"a":{{"{text}":1,"x":2}}}}'.encode()])
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_any_number_of_keys_that_nobody_wants() -> None:
    own = reader(*(leaves.number(f"x{i}", (f"x{i}",)) for i in range(400)))
    records = [{f"{'x' if i % 3 else 'y'}{i + shift}": i for i in range(1000)} for shift in (0, 7)]
    found = own.read([json.dumps(record).encode() for record in records * 3])
    assert found is not None
    assert found[1] == []
    for path, column in found[0].items():
        expected = [record.get(path[0], np.nan) for record in records * 3]
        np.testing.assert_array_equal(np.asarray(column), expected)


def test_a_payload_of_which_most_is_left_is_left_altogether_and_then_there_is_a_rest() -> None:
    wanted, good, bad = reader(X), [b'{"x":1}'] * 100, [b'{"x":"1"}'] * 100
    assert wanted.read(good + bad[:50]) is not None
    assert wanted.read(good + bad * 2) is None
    rest = 0
    while wanted.read(good) is None:
        rest += 1
    assert 10 < rest < 1000


def test_rows_of_left_lines_stand_where_they_belong() -> None:
    """What is left to others, and what is rejected, lies anywhere between what is read."""
    dice = random.Random(3)
    kinds: list[Callable[[int], bytes]] = [
        lambda i: b'{"timestamp":"%s","request_id":"r%d","features":{"x":%d,"c":"v%d"}}' % (TIME.encode(), i, i, i % 7),
        lambda i: (
            b'{"timestamp":"%s","request_id":%d.5,"features":{"x":"%d","c":"w%d"}}' % (TIME.encode(), i, i, i % 5)
        ),
        lambda i: b'{"timestamp":"%s","request_id":"s%d","features":{"\\u0078":%d}}' % (TIME.encode(), i, i),
        lambda i: b"broken %d" % i,
        lambda i: b'{"request_id":"t%d"}' % i,
    ]
    settings: dict[str, Any] = {"features": {"x": "numeric", "c": "categorical"}, "segments": {"region": "features.c"}}
    for share in (0.0, 0.1, 0.4, 0.9):
        quick, typed = Log(**settings), typed_log(**settings)
        for _ in range(5):
            lines = [dice.choice(kinds[1:] if dice.random() < share else kinds[:1])(i) for i in range(300)]
            assert same(quick.lines(*lines), typed.lines(*lines))
        texts = [log.layout.categorical[0].dictionary.texts for log in (quick, typed)]
        assert texts[0] == texts[1]


def test_scores_of_several_classes() -> None:
    settings: dict[str, Any] = {"task": "multiclass", "classes": ["a", "b"]}
    scores = ['{"a":0.25,"b":0.75}', "[0.5,0.5]", "null", '{"a":NaN}', '[0.5,"x"]', '"text"', "7", '{"b":1}']
    lines = [b'{"timestamp":"%s","scores":%s}' % (TIME.encode(), each.encode()) for each in scores]
    log = Log(**settings)
    assert log._predictions._compiled is not None
    assert same(log.lines(*lines), typed_log(**settings).lines(*lines))


def test_a_number_that_is_a_segment_too() -> None:
    settings: dict[str, Any] = {"features": {"x": "numeric"}, "segments": {"x": "features.x"}}
    values = ["1", "1.0", '"1"', "null", "NaN", "true", "9007199254740993", "1e400", "0.5"]
    lines = [b'{"timestamp":"%s","features":{"x":%s}}' % (TIME.encode(), each.encode()) for each in values]
    assert same(Log(**settings).lines(*lines), typed_log(**settings).lines(*lines))


def test_a_field_under_a_key_that_has_no_plain_spelling_has_no_reader() -> None:
    assert CompiledReader.of([leaves.number("x", ('a"b',))]) is None


def test_without_it_there_is_no_reader() -> None:
    with mock.patch.object(compiled, "native", None):
        assert CompiledReader.of([X]) is None


def description(*path: bytes) -> tuple[Any, ...]:
    return path, KINDS["NUMBER"], False, True, 0, 0.0, str


@pytest.mark.parametrize(
    "arguments",
    [
        ((description(b'"x"'),), b"too few powers", 1),
        ((description(),), bytes(24 * 141), 1),
        ((description(b'"x"'), description(b'"x"')), bytes(24 * 141), 1),
        ((description(b'"x"'), description(b'"x"', b'"y"')), bytes(24 * 141), 1),
        ((((b'"x"',), 99, False, True, 0, 0.0, str),), bytes(24 * 141), 1),
        ((("x", KINDS["NUMBER"], False, True, 0, 0.0, str),), bytes(24 * 141), 1),
    ],
)
def test_wrong_fields_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        native.Reader(*arguments)


def test_wrong_columns_are_refused() -> None:
    own = reader(X, C)._reader
    line, column, places = b'{"x":1,"c":"a"}', np.empty(1), np.empty(1, np.int32)
    wrong: list[tuple[Any, ...]] = [
        (),
        ((column, None),),
        ((column, None), (places, None)),
        ((column[:0], None), (places, [])),
        ((column, None), (column, [])),
    ]
    whole = np.array([[0], [len(line)]])
    right: Any = ((column, None), (places, []))
    for columns in wrong:
        with pytest.raises((TypeError, ValueError, BufferError)):
            own.read(line, whole, columns, 0)
    with pytest.raises(TypeError):
        own.read("text", whole, right, 0)
    assert own.read(line, whole, right, 0) == []


@pytest.mark.parametrize("places", [[[0], [6]], [[-1], [5]], [[3], [2]], [[1 << 62], [1 << 62]], [[0, 0], [5, 6]]])
def test_lines_outside_of_their_block_are_refused(places: list[list[int]]) -> None:
    own, rows = reader(X)._reader, len(places[0])
    with pytest.raises(ValueError, match="not in the block"):
        own.read(b"{} {}", np.array(places), ((np.empty(rows), None),), 0)


def test_a_line_ends_where_it_stops() -> None:
    """To JSON line ends are white space: what comes behind them must not be taken for more of the same record."""
    halves = [
        b'{"x":1',
        b',"y":2}',
        b'{"x":',
        b"5}",
        b'{"x":6\r',
        b"}",
        b'{"x',
        b'":7}',
        b'{"x":8',
        b"9}",
        b'{"x":"8',
        b'9"}',
    ]
    whole = [b' {"x":3} ', b'{"x":4}\r', b'{"x":5}\r\r'] * 4
    found = reader(X).read(halves + whole)
    assert found is not None
    assert found[1] == list(range(len(halves)))
    assert np.asarray(found[0]["x",])[len(halves) :].tolist() == [3, 4, 5] * 4


@given(st.lists(st.integers(0, 130), min_size=1, max_size=5), st.integers(0, 70))
def test_where_a_block_ends_does_not_matter(lengths: list[int], blanks: int) -> None:
    """The last lines are read from a copy, since eight bytes are looked at where there may be no more than one."""
    lines = [b'{"i":"%s","x":%d.5,"c":"v%d"}' % (b"i" * length, length, length) for length in lengths]
    lines[-1] += b" " * blanks
    found = reader(X, C, leaves.identifier("i", ("i",))).read(lines)
    assert found is not None
    assert found[1] == []
    assert np.asarray(found[0]["x",]).tolist() == [length + 0.5 for length in lengths]
    assert list(values_of(found[0]["c",])) == [f"v{length}" for length in lengths]
    assert list(values_of(found[0]["i",])) == ["i" * length for length in lengths]


def test_a_line_that_does_not_end_where_it_stops_is_left() -> None:
    own, columns = reader(X)._reader, ((np.empty(2), None),)
    for end, left in ((b"\n", []), (b"\r\n", []), (b" ", [0]), (b"}", [0]), (b"\r ", [0])):
        block = b'{"x":1}%s{"x":2}' % end
        places = np.array([[0, 7 + len(end)], [7, len(block)]])
        for behind in (b"", b"\n" * 100):
            assert own.read(block + behind, places, columns, 2) == left


def test_lines_with_line_feeds_inside_are_left_to_others() -> None:
    found = reader(X).read([b'{"x":1}', b'{"x":2,\n"y":1}', b'\n{"x":3}', b'{"x":4}'])
    assert found is not None
    assert found[1] == [1, 2]
    assert Log(features={"x": "numeric"}).lines(
        b'{"timestamp":"%s",\n"features":{"x":2}}' % TIME.encode()
    ).rows.numeric.tolist() == [[2]]


def test_a_reader_that_is_reading_reads_nothing_else() -> None:
    columns: Any = ((np.empty(1, np.int32), []),)

    def decode(token: bytes) -> Any:
        return own.read(token, np.array([[0], [len(token)]]), columns, 0)

    own = native.Reader((((b'"c"',), native.CATEGORY, False, False, 0, 0.0, decode),), bytes(24 * 141), 1)
    with pytest.raises(RuntimeError, match="one thread"):
        own.read(b'{"c":"\\u0041"}', np.array([[0], [14]]), columns, 0)


def test_nothing_is_left_behind() -> None:
    """Neither values nor columns nor lines are kept beyond a call, whatever comes of it."""
    own = reader(X, C, leaves.identifier("i", ("i",)))
    lines = [b'{"x":%d,"c":"value %d","i":"%d"}' % (i, i, i) for i in range(500)] + [
        b'{"c":"\\ud800","i":"lost"}',
        b'{"x":"',
    ] * 20
    own.read(lines)
    gc.collect()
    before = sys.getrefcount(lines[0]), sys.getrefcount(None), len(gc.get_objects())
    for _ in range(20):
        own.read(lines)
    gc.collect()
    after = sys.getrefcount(lines[0]), sys.getrefcount(None), len(gc.get_objects())
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) < 100
    # Of what others have left there may be less by now.
    assert after[2] - before[2] < 100
