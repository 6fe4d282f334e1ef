from __future__ import annotations

import csv
import io
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.csv_cut import cut_records, quoting_of

COMMA = quoting_of(",")
CELLS = st.text(st.sampled_from('ab,"\n\r ;'), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=8)
GROWTH = st.integers(0, 999).map(lambda seed: random.Random(seed).choices(range(1, 6), k=400))
# Anything at all, quotes that are never closed and quotes inside of cells.
HOSTILE = st.lists(st.sampled_from([b"a", b'"', b'""', b",", b"\n", b"\r\n", b"bc"]), max_size=60).map(b"".join)


def in_blocks(log: bytes, limit: int, growth: list[int]) -> tuple[list[bytes], int]:
    """Cut a log in blocks that grow by the given steps until something is used."""
    records: list[bytes] = []
    used, size, too_long, skipping = 0, 0, 0, False
    for more in [*growth, len(log) + 1]:
        size += more
        last = used + size >= len(log)
        part = cut_records(log[used : used + size], limit, COMMA, skipping=skipping, last=last)
        records += part.lines
        too_long, skipping = too_long + part.too_long, part.skipping
        used, size = used + part.used, size - part.used
        if last:
            break
    assert used == len(log)
    return records, too_long


def written(row: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue().removesuffix("\r\n").encode()


@given(TABLES, st.sampled_from([b"\n", b"\r\n"]), GROWTH)
def test_what_a_csv_writer_writes_comes_back_record_by_record(
    rows: list[list[str]], end: bytes, growth: list[int]
) -> None:
    rows = [["0", *row] for row in rows]
    records, too_long = in_blocks(b"".join(written(row) + end for row in rows), 1000, growth)
    assert (records, too_long) == ([written(row) for row in rows], 0)
    assert [next(csv.reader(io.StringIO(record.decode(), newline=""))) for record in records] == rows


@given(HOSTILE, st.integers(1, 12), GROWTH, GROWTH)
def test_where_blocks_end_does_not_matter(log: bytes, limit: int, one: list[int], other: list[int]) -> None:
    assert in_blocks(log, limit, one) == in_blocks(log, limit, other)


@pytest.mark.parametrize(
    ("line", "inside", "closes"),
    [
        (b"a,b", False, True),
        (b"a,b", True, False),
        (b'"a,b', False, False),
        (b'a,b"', True, True),
        (b'5" pipe', False, True),
        (b'5" pipe,"x', False, False),
        (b'"a""', False, False),
        (b'"a"""', False, True),
        (b'"a"b",c', False, True),
        (b'""', False, True),
        (b'"', False, False),
        (b',"",', False, True),
        (b'""', True, False),
        (b'",""', True, True),
        (b'0,,"', False, False),
        (b'"a","b', False, False),
        (b'"a","b",c,"d"', False, True),
        (b'a,b"c,"d"', False, True),
    ],
)
def test_a_quote_opens_a_cell_only_where_it_begins(line: bytes, inside: bool, closes: bool) -> None:
    assert COMMA.closes(line, inside=inside) is closes


@given(HOSTILE.map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"")), st.booleans())
def test_a_line_closes_as_it_does_for_who_reads_it_byte_by_byte(line: bytes, inside: bool) -> None:
    assert COMMA.closes(line, inside=inside) is (end_of(line, "quoted" if inside else "begin") != "quoted")


def end_of(line: bytes, state: str) -> str:
    """Where a line ends: at the beginning of a cell, in a plain one, in a quoted one, or behind one quote in it."""
    for byte in line.decode():
        if state == "begin" and byte == '"':
            state = "quoted"
        elif state == "quoted":
            state = "quote" if byte == '"' else state
        elif state == "quote" and byte == '"':
            state = "quoted"
        else:
            state = "begin" if byte == "," else "plain"
    return state


def test_other_delimiters() -> None:
    assert cut_records(b'1;"a\nb"\n2;c\n', 100, quoting_of(";")).lines == [b'1;"a\nb"', b"2;c"]
    assert cut_records(b'1\t"a\nb"\n', 100, quoting_of("\t")).lines == [b'1\t"a\nb"']
    assert cut_records(b'1|"a\nb"\n', 100, quoting_of("|")).lines == [b'1|"a\nb"']


def test_a_quote_that_is_never_closed_costs_a_bounded_stretch() -> None:
    log = b'1,"never\n' + b"2,b\n" * 10
    part = cut_records(log, 20, COMMA, last=True)
    assert part.too_long == 1
    # The record is given up at the first line end behind the limit: after four of the lines.
    assert part.lines == [b"2,b"] * 6


def test_many_quotes_do_not_take_quadratic_time() -> None:
    began = time.perf_counter()
    for hostile in (b'"' * 400_001 + b"\n", b'"' + b"a\n" * 200_000, b'a,"' * 150_000 + b"\n"):
        cut_records(hostile, 1 << 20, COMMA)
    assert time.perf_counter() - began < 5
