"""CSV files as a source: what is different from JSON lines. What is the same is tested in test_file and test_rotation."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.sources import SourceError
from exporter.sources.framing import CsvRecords
from exporter.sources.gzip_content import KEPT_BYTES
from tests.exporter.sources.logs import Reader, append, csv_source, member

ROWS = [b"%d,%s" % (number, b"x" * (number % 40)) for number in range(60)]
LOG = b"id,text\n" + b"".join(row + b"\n" for row in ROWS)


def payloads(reader: Reader) -> list[CsvRecords]:
    return [batch.payload for batch in reader.seen]


def test_the_header_is_no_record_and_comes_with_every_batch(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + LOG)
    reader = Reader(csv_source(tmp_path / "a.csv", batch_bytes=200))
    assert reader.read() == ROWS
    assert len(reader.seen) > 5
    assert {payload.names for payload in payloads(reader)} == {("id", "text")}


@pytest.mark.parametrize("compress", [bytes, member])
@pytest.mark.parametrize("columns", [2, 3000, KEPT_BYTES // 5])
def test_the_header_is_known_after_a_restart(tmp_path: Path, compress: type[bytes], columns: int) -> None:
    names = [b"col%d" % number for number in range(columns)]
    path = tmp_path / "a.csv"
    path.write_bytes(compress(b",".join(names) + b"\n1\n2\n3\n"))
    source = csv_source(path, line_bytes=1 << 20, batch_bytes=2)
    reader = Reader(source)
    first = source.poll({})
    assert first is not None
    reader.cursor = first.cursor
    reader.restart(csv_source(path, line_bytes=1 << 20, batch_bytes=2))
    assert reader.read() == [b"2", b"3"]
    assert {payload.names for payload in payloads(reader)} == {tuple(name.decode() for name in names)}
    assert reader.notes == {}


def test_a_header_without_an_end_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,te")
    reader = Reader(csv_source(path))
    assert reader.read() == []
    append(path, b"xt\n1,a\n")
    assert reader.read() == [b"1,a"]
    assert payloads(reader)[0].names == ("id", "text")


def test_a_finished_file_may_be_a_header_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,text")
    (tmp_path / "b.csv").write_bytes(b"id,text\n1,a")
    assert Reader(csv_source(tmp_path / "*.csv", finish=True)).read() == [b"1,a"]


def test_a_quoted_name_may_hold_a_line_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'id,"a\n""b"""\r\n1,2\r\n')
    reader = Reader(csv_source(tmp_path / "a.csv"))
    assert reader.read() == [b"1,2"]
    assert payloads(reader)[0].names == ("id", 'a\n"b"')


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (b"\n", "the header is empty; the first line must name the columns"),
        (b",,\n", "the header is empty"),
        (b"a,b,a\n", "the header names the column 'a' 2 times"),
        (b"\xff,b\n", "the header cannot be read"),
        (b'"a"b,c\n', "the header cannot be read"),
        (b"a" * 5000 + b",", "the header is longer than line_bytes (1000)"),
    ],
)
def test_an_unusable_header_is_an_error_that_names_the_file(tmp_path: Path, header: bytes, complaint: str) -> None:
    (tmp_path / "bad.csv").write_bytes(header + b"1,2\n")
    (tmp_path / "good.csv").write_bytes(LOG)
    reader = Reader(csv_source(tmp_path / "*.csv"))
    with pytest.raises(SourceError, match=r"bad\.csv") as caught:
        reader.read()
    assert complaint in str(caught.value)
    assert [record for payload in payloads(reader) for record in payload.records] == ROWS


def test_a_column_without_a_name_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b",a\n0,1\n")
    reader = Reader(csv_source(tmp_path / "a.csv"))
    assert reader.read() == [b"0,1"]
    assert payloads(reader)[0].names == ("", "a")


def test_files_with_the_same_long_header_are_not_copies_of_each_other(tmp_path: Path) -> None:
    header = b",".join(b"a_rather_long_column_name_%d" % number for number in range(400)) + b"\n"
    for hour in range(4):
        (tmp_path / f"{hour}.csv").write_bytes(header + b"%d\n" % hour)
    reader = Reader(csv_source(tmp_path / "*.csv", line_bytes=1 << 20))
    assert reader.read() == [b"0", b"1", b"2", b"3"]
    assert reader.notes == {}


def test_a_copy_that_is_compressed_is_known_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(LOG)
    reader = Reader(csv_source(tmp_path / "a.csv*"))
    assert reader.read() == ROWS
    (tmp_path / "a.csv.gz").write_bytes(member(LOG))
    path.unlink()
    assert reader.read() == []
    assert reader.notes == {"already_seen": 1}


def test_a_file_that_is_written_anew_has_its_new_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(LOG)
    reader = Reader(csv_source(path))
    reader.read()
    path.write_bytes(b"text,id,more\nz,1,2\n")
    assert reader.read() == [b"z,1,2"]
    assert payloads(reader)[-1].names == ("text", "id", "more")
    assert reader.notes == {"truncated": 1}


def test_a_record_longer_than_a_batch(tmp_path: Path) -> None:
    record = b'1,"' + b"line\n" * 100 + b'"'
    (tmp_path / "a.csv").write_bytes(b"id,text\n" + record + b"\n2,b\n")
    assert Reader(csv_source(tmp_path / "a.csv", batch_bytes=7)).read() == [record, b"2,b"]


def test_a_record_that_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,text\n1," + b"x" * 3000 + b"\n2,b\n")
    reader = Reader(csv_source(tmp_path / "a.csv", batch_bytes=64))
    assert reader.read() == [b"2,b"]
    assert reader.rejected == {"too_long": 1}
