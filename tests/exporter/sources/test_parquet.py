from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.sources import Cursor, ParquetSource, SourceError
from exporter.sources import parquet as module
from exporter.sources.parquet_parts import GONE_KEPT
from tests.exporter.sources.logs import batches


def write(path: Path, begin: int, end: int, **options: Any) -> None:
    table = pa.table({"id": list(range(begin, end)), "text": [f"text {number}" for number in range(begin, end)]})
    parquet.write_table(table, path, **{"row_group_size": 7, "write_page_checksum": True, **options})


def source(*paths: Path, rows: int = 4, **options: Any) -> ParquetSource:
    return ParquetSource("test", [str(path) for path in paths], batch_bytes=128 * rows, **options)


class Reader:
    def __init__(self, of: ParquetSource) -> None:
        self.source = of
        self.cursor: Cursor = {}
        self.notes: list[str] = []
        self.ids: list[int] = []

    def read(self) -> list[int]:
        """Return the ids that are new."""
        known = len(self.ids)
        for batch in batches(self.source, self.cursor):
            self.cursor = batch.cursor
            self.notes += batch.notes
            self.ids += batch.payload.column("id").to_pylist() if batch.payload.num_rows else []
        return self.ids[known:]

    def restart(self, of: ParquetSource) -> None:
        self.source.close()
        self.source = of


def test_batches_are_bounded_and_stay_within_row_groups(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 20)
    got = list(batches(source(tmp_path), {}))
    assert [batch.payload.num_rows for batch in got] == [4, 3, 4, 3, 4, 2]


def test_reading_goes_on_at_any_row_with_any_batch_size(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 20)
    for batch in batches(source(tmp_path, rows=3), {}):
        first = batch.payload.column("id").to_pylist()[-1] + 1
        reader = Reader(source(tmp_path, rows=5))
        reader.cursor = batch.cursor
        assert reader.read() == list(range(first, 20))


def test_files_are_read_one_after_the_other_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for hour in (2, 0, 1):
        write(tmp_path / f"{hour}.parquet", 10 * hour, 10 * hour + 10)
    assert Reader(source(tmp_path)).read() == list(range(30))


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    table = pa.table({"features": [{"x": 1.0, "y": 2.0}], "a.b": [1], "scores": [[0.5]], "other": ["z"]})
    parquet.write_table(table, tmp_path / "a.parquet")
    (batch,) = batches(source(tmp_path, paths_wanted=[("features", "x"), ("a", "b"), ("scores",), ("absent",)]), {})
    assert batch.payload.to_pylist() == [{"features": {"x": 1.0}, "a.b": 1, "scores": [0.5]}]
    (batch,) = batches(source(tmp_path, paths_wanted=[("absent",)]), {})
    assert (batch.payload.num_rows, batch.payload.num_columns) == (1, 0)


@pytest.mark.parametrize("size", [0, 3, 4, 200, -1])
def test_a_file_without_a_footer_is_waited_for(tmp_path: Path, size: int) -> None:
    write(tmp_path / "whole", 0, 20)
    data = (tmp_path / "whole").read_bytes()
    path = tmp_path / "a.parquet"
    path.write_bytes(data[:size])
    reader = Reader(source(tmp_path / "*.parquet"))
    assert reader.read() == []
    with pytest.raises(SourceError, match=r"a.parquet: has no Parquet footer"):
        source(tmp_path / "*.parquet", finish=True).poll({})
    path.write_bytes(data)
    assert reader.read() == list(range(20))


def test_a_file_without_rows(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 0)
    write(tmp_path / "b.parquet", 0, 2)
    reader = Reader(source(tmp_path))
    assert reader.read() == [0, 1]
    assert reader.read() == []


def test_a_replaced_file_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write(path, 0, 10)
    reader = Reader(source(path))
    assert reader.read() == list(range(10))
    write(path, 10, 13)
    assert reader.read() == [10, 11, 12]
    write(tmp_path / "new", 13, 15)
    (tmp_path / "new").rename(path)
    assert reader.read() == [13, 14]
    assert reader.notes == ["replaced", "replaced"]


def test_a_replaced_file_that_looks_the_same_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write(path, 100, 110)
    before = path.stat()
    reader = Reader(source(path))
    assert reader.read() == list(range(100, 110))
    write(path, 200, 210)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    assert reader.read() == list(range(200, 210))


def test_a_file_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write(path, 0, 20)
    reader = Reader(source(path))
    first = reader.source.poll({})
    assert first is not None
    write(tmp_path / "new", 100, 103)
    (tmp_path / "new").rename(path)
    reader.cursor = first.cursor
    # What was opened is read to its end: it is still there.
    assert reader.read() == [*range(4, 20), 100, 101, 102]
    reader.restart(source(path))
    reader.cursor = first.cursor
    assert reader.read() == [100, 101, 102]


@pytest.mark.parametrize("restart", [False, True])
def test_a_file_that_is_moved_copied_or_touched_is_not_read_again(tmp_path: Path, restart: bool) -> None:
    path = tmp_path / "a.parquet"
    write(path, 0, 10)
    reader = Reader(source(tmp_path))
    reader.read()
    for change in (
        lambda: os.utime(path, (1, 1)),
        lambda: shutil.copy(path, tmp_path / "b.parquet"),
        lambda: path.rename(tmp_path / "c.parquet"),
        lambda: shutil.copy(tmp_path / "c.parquet", path),
    ):
        change()
        if restart:
            reader.restart(source(tmp_path))
        assert reader.read() == []
    assert reader.notes == ["already_seen"] * 3


def test_a_file_that_makes_room_for_another_is_not_taken_for_it(tmp_path: Path) -> None:
    write(tmp_path / "b.parquet", 0, 10)
    reader = Reader(source(tmp_path))
    reader.read()
    (tmp_path / "b.parquet").rename(tmp_path / "c.parquet")
    write(tmp_path / "b.parquet", 10, 12)
    assert reader.read() == [10, 11]
    assert reader.read() == []


def test_a_moved_file_is_read_on(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 20)
    first = source(tmp_path).poll({})
    assert first is not None
    (tmp_path / "a.parquet").rename(tmp_path / "z.parquet")
    reader = Reader(source(tmp_path))
    reader.cursor = first.cursor
    assert reader.read() == list(range(4, 20))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


def test_a_flipped_byte_is_found_by_its_checksum_and_stops_no_other_file(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 20, compression="none", use_dictionary=False)
    write(tmp_path / "b.parquet", 20, 23)
    whole = (tmp_path / "a.parquet").read_bytes()
    flip(tmp_path / "a.parquet", whole.index(b"text 15"))
    reader = Reader(source(tmp_path))
    with pytest.raises(SourceError, match=r"a.parquet: cannot be read behind row 14: .*(CRC|checksum)"):
        reader.read()
    assert reader.ids == [*range(14), 20, 21, 22]
    with pytest.raises(SourceError, match=r"a.parquet"):
        reader.read()


def test_damage_that_was_the_disks_is_read_on_from_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    write(path, 0, 3000, compression="none", use_dictionary=False, row_group_size=1000)
    place = path.read_bytes().index(b"text 1500")
    flip(path, place)
    reader = Reader(source(path, rows=1000))
    with pytest.raises(SourceError, match="row 1000"):
        reader.read()
    flip(path, place)
    # Not at every poll: what is read in vain costs as much as what is not.
    with pytest.raises(SourceError, match="row 1000"):
        reader.read()
    monkeypatch.setattr(module, "_PAUSE", 0)
    reader.restart(source(path))
    assert reader.read() == list(range(1000, 3000))


def test_a_footer_that_cannot_be_read_names_the_file(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 5)
    flip(tmp_path / "a.parquet", (tmp_path / "a.parquet").stat().st_size - 40)
    for number in range(30):
        flip(tmp_path / "a.parquet", (tmp_path / "a.parquet").stat().st_size - 100 - number)
    with pytest.raises(SourceError, match=r"a.parquet: cannot be read behind row 0"):
        source(tmp_path).poll({})


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="the column 'x' is there 2 times"):
        source(tmp_path).poll({})


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file matches"):
        source(tmp_path / "a.parquet").poll({})
    with pytest.raises(SourceError, match=r"a.parquet: no such file"):
        source(tmp_path / "a.parquet", finish=True).poll({})
    with pytest.raises(SourceError, match=r"no Parquet file \(.parquet, .pq\) in"):
        source(tmp_path).poll({})


def test_a_cursor_of_another_kind_is_refused() -> None:
    with pytest.raises(SourceError, match="the cursor is not one of a Parquet source"):
        source(Path("/x")).poll({"files": {"a": {"inode": 1}}})


def test_the_cursor_stays_bounded_when_files_come_and_go(tmp_path: Path) -> None:
    reader = Reader(source(tmp_path, rows=100))
    for hour in range(GONE_KEPT + 40):
        write(tmp_path / f"{hour:04}.parquet", hour, hour + 1)
        assert reader.read() == [hour]
        if hour:
            (tmp_path / f"{hour - 1:04}.parquet").unlink()
    assert len(reader.cursor["files"]) <= GONE_KEPT + 2
    # The last ones are known again when they come back.
    write(tmp_path / "back.parquet", GONE_KEPT, GONE_KEPT + 1)
    assert reader.read() == []


def test_a_name_that_is_no_text_can_be_remembered(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.parquet")
    write(tmp_path / "a", 0, 3)
    (tmp_path / "a").rename(name)
    reader = Reader(source(tmp_path))
    assert reader.read() == [0, 1, 2]
    json.dumps(reader.cursor, ensure_ascii=False).encode()
    assert reader.read() == []
    assert reader.notes == []


def test_files_in_a_folder_that_cannot_be_looked_at_are_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.parquet_parts.GONE_KEPT", 0)
    (tmp_path / "x").mkdir()
    write(tmp_path / "x" / "a.parquet", 0, 3)
    reader = Reader(source(tmp_path))
    reader.read()
    (tmp_path / "x").rename(tmp_path / "y.parquet.tmp")
    (tmp_path / "x").symlink_to(tmp_path / "x")
    write(tmp_path / "b.parquet", 3, 5)
    with pytest.raises(SourceError, match="symbolic link"):
        reader.read()
    assert len(json.loads(json.dumps(reader.cursor))["files"]) >= 1


def test_a_small_file_of_many_rows_does_not_fill_the_memory(tmp_path: Path) -> None:
    rows = 4_000_000
    table = pa.table({"x": pa.array([0.0]).take(pa.nulls(rows, pa.int32()).fill_null(0))})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=rows, compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 200_000
    del table
    before = pa.total_allocated_bytes()
    bomb = source(tmp_path, rows=10_000)
    batch = bomb.poll({})
    assert batch is not None
    assert batch.payload.num_rows == 10_000
    assert pa.total_allocated_bytes() - before < rows * 8 / 4
    bomb.close()
