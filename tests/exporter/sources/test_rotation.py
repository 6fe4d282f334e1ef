"""Files that are renamed, truncated, replaced, compressed and copied."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import zlib
from pathlib import Path

import pytest

from exporter.sources import SourceError, handles, positions
from tests.exporter.sources.logs import Reader, append, member, rows, source, text


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
def test_a_renamed_log_is_drained_before_the_new_one(tmp_path: Path, pattern: str) -> None:
    log, old = tmp_path / "app.log", tmp_path / "app.log.1"
    log.write_bytes(text(rows(0, 10)))
    reader = Reader(source(tmp_path / pattern, batch_bytes=300))
    assert reader.read() == rows(0, 10)
    log.rename(old)
    append(old, text(rows(10, 30)))
    log.write_bytes(text(rows(30, 50)))
    got = reader.read()
    assert sorted(got) == sorted(rows(10, 50))
    if pattern == "app.log":
        assert got == rows(10, 50)
    append(old, text(rows(50, 52)))
    assert reader.read() == rows(50, 52)
    assert reader.notes == {}


def test_two_rotations_between_polls_lose_nothing_that_matches(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 10)))
    reader = Reader(source(tmp_path / "app.log*"))
    got = reader.read()
    for turn in range(1, 5):
        append(log, text(rows(turn * 100, turn * 100 + 5)))
        for number in range(turn, 1, -1):
            (tmp_path / f"app.log.{number - 1}").rename(tmp_path / f"app.log.{number}")
        log.rename(tmp_path / "app.log.1")
        log.write_bytes(text(rows(turn * 100 + 5, turn * 100 + 9)))
        if turn == 3:
            reader.restart(source(tmp_path / "app.log*"))
        if turn != 1:
            got += reader.read()
    wanted = rows(0, 10) + [row for turn in range(1, 5) for row in rows(turn * 100, turn * 100 + 9)]
    assert sorted(got) == sorted(wanted)


def test_a_deleted_log_is_read_to_its_end_and_let_go(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 10)))
    reader = Reader(source(log))
    reader.read()
    writer = log.open("ab")
    log.unlink()
    writer.write(text(rows(10, 12)))
    writer.flush()
    assert reader.read() == rows(10, 12)
    writer.close()
    for _ in range(handles.IDLE_PASSES + 2):
        assert reader.read() == []
    assert not list(reader.source._handles)  # type: ignore[attr-defined]


def test_an_older_cursor_reads_the_renamed_file_again(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 10)))
    reader = Reader(source(log))
    reader.read()
    before = reader.cursor
    log.rename(tmp_path / "elsewhere")
    append(tmp_path / "elsewhere", text(rows(10, 20)))
    assert reader.read() == rows(10, 20)
    reader.cursor = before
    assert reader.read() == rows(10, 20)


@pytest.mark.parametrize("size", [3, 10, 200])
@pytest.mark.parametrize("restart", [False, True])
def test_a_truncated_log_is_read_from_its_beginning(tmp_path: Path, size: int, restart: bool) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 100)))
    reader = Reader(source(log))
    reader.read()
    with log.open("r+b") as file:
        file.truncate(0)
    append(log, text(rows(1000, 1000 + size)))
    if restart:
        reader.restart(source(log))
    assert reader.read() == rows(1000, 1000 + size)
    assert reader.notes == {"replaced" if restart else "truncated": 1}
    append(log, text(rows(3000, 3001)))
    assert reader.read() == rows(3000, 3001)


def test_truncating_to_a_part_of_the_old_content_is_noticed(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 500)))
    reader = Reader(source(log))
    reader.read()
    with log.open("r+b") as file:
        file.truncate(len(text(rows(0, 300))))
    reader.restart(source(log))
    assert [reader.read() for _ in range(handles.SETTLE_PASSES)] == [[]] * handles.SETTLE_PASSES
    assert reader.read() == rows(0, 300)
    assert reader.notes == {"truncated": 1}


@pytest.mark.parametrize("restart", [False, True])
def test_a_log_that_is_written_back_in_place_is_not_read_again(tmp_path: Path, restart: bool) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 500)))
    reader = Reader(source(log))
    reader.read()
    whole = text(rows(0, 510))
    for size in (0, 1000, 20_000):  # as cp does, which empties the file first
        log.write_bytes(whole[:size])
        if restart:
            reader.restart(source(log))
        assert reader.read() == []
    log.write_bytes(whole)
    assert reader.read() == rows(500, 510)
    assert reader.notes == {}


def test_a_rewritten_middle_is_noticed_by_the_bytes_before_the_offset(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 500)))
    reader = Reader(source(log))
    reader.read()
    log.write_bytes(text(rows(0, 400) + rows(900, 1100)))
    assert reader.read() == rows(0, 400) + rows(900, 1100)
    assert reader.notes == {"truncated": 1}


def test_an_inode_given_to_a_new_file_is_a_new_file(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 10)))
    reader = Reader(source(log))
    reader.read()
    first = reader.cursor
    log.write_bytes(text(rows(50, 90)))  # the same inode, by the look of it
    reader.restart(source(log))
    assert reader.read() == rows(50, 90)
    assert reader.notes == {"replaced": 1}
    assert set(first["files"]) < set(reader.cursor["files"])


def test_replacing_a_file_by_a_longer_copy_goes_on_where_it_was(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(text(rows(0, 40)))
    reader = Reader(source(log))
    reader.read()
    (tmp_path / "new").write_bytes(text(rows(0, 60)))
    (tmp_path / "new").rename(log)
    assert reader.read() == rows(40, 60)
    assert reader.notes == {"already_seen": 1}


def test_a_remount_changes_the_device_but_not_the_log(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"short\n")
    reader = Reader(source(log))
    reader.read()
    for values in reader.cursor["files"].values():
        values["device"] += 1
    append(log, b"more\n")
    reader.restart(source(log))
    assert reader.read() == [b"more"]


def flushed(data: bytes) -> bytes:
    """Compress so that every line can be inflated as soon as it is there."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as writer:
        for line in data.splitlines(keepends=True):
            writer.write(line)
            writer.flush()
    return buffer.getvalue()


@pytest.mark.parametrize("read_before", [0, 20, 100])
@pytest.mark.parametrize("restart", [False, True])
def test_a_log_that_is_compressed_is_not_counted_twice(tmp_path: Path, read_before: int, restart: bool) -> None:
    log, packed = tmp_path / "app.log.1", tmp_path / "app.log.1.gz"
    log.write_bytes(text(rows(0, read_before)))
    reader = Reader(source(tmp_path / "app.log*", batch_bytes=2000))
    got = reader.read() if read_before else []
    append(log, text(rows(read_before, 120)))
    data = flushed(log.read_bytes())
    for size in (1, 2, 30, 80, 120, 200, 1500, len(data)):
        packed.write_bytes(data[:size])
        batch = reader.source.poll(reader.cursor)
        if batch is not None:
            got += batch.payload
            reader.cursor = batch.cursor
    log.unlink()
    if restart:
        reader.restart(source(tmp_path / "app.log*", batch_bytes=2000))
    got += reader.read()
    assert sorted(got) == sorted(rows(0, 120))
    reader.restart(source(tmp_path / "app.log*"))
    assert reader.read() == []


def test_copy_and_truncate_loses_and_doubles_nothing_when_nobody_writes_meanwhile(tmp_path: Path) -> None:
    log, copy = tmp_path / "app.log", tmp_path / "app.log.1"
    log.write_bytes(text(rows(0, 50)))
    reader = Reader(source(tmp_path / "app.log*"))
    reader.read()
    append(log, text(rows(50, 60)))
    shutil.copy(log, copy)
    os.truncate(log, 0)
    append(log, text(rows(60, 70)))
    assert sorted(reader.read()) == sorted(rows(50, 70))
    assert reader.notes == {"truncated": 1, "already_seen": 1}
    assert reader.read() == []


def test_a_copy_beside_its_original_is_read_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(text(rows(0, 100)))
    (tmp_path / "c.gz").write_bytes(member(text(rows(0, 100))))
    reader = Reader(source(tmp_path / "*", batch_bytes=1000, finish=True))
    assert reader.read() == rows(0, 100)
    assert reader.notes == {"already_seen": 2}
    append(tmp_path / "b", b"own\n")
    assert reader.read() == [b"own"]


def test_the_longer_copy_of_a_finished_log_needs_no_second_poll(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(text(rows(0, 100)))
    reader = Reader(source(tmp_path / "*"))
    reader.read()
    (tmp_path / "a").write_bytes(text(rows(0, 110)))
    reader.restart(source(tmp_path / "*"))
    assert reader.read() == rows(100, 110)


def test_two_logs_with_the_same_first_kilobytes_are_both_read(tmp_path: Path) -> None:
    header = rows(0, 150, "header")
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(text(header + rows(0, 5, name)))
    reader = Reader(source(tmp_path / "?"))
    assert sorted(reader.read()) == sorted(header * 2 + rows(0, 5, "a") + rows(0, 5, "b"))


def test_two_logs_with_the_same_first_line_are_both_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"started\n")
    reader = Reader(source(tmp_path / "?"))
    assert reader.read() == [b"started"]
    (tmp_path / "b").write_bytes(b"started\nmore\n")
    assert reader.read() == [b"started", b"more"]


@pytest.mark.parametrize("cut", [40, 250, -5])
def test_a_broken_off_gzip_waits_live_and_fails_at_the_end_of_finish(tmp_path: Path, cut: int) -> None:
    data = member(text(rows(0, 300)))
    (tmp_path / "a.gz").write_bytes(data[:cut])
    (tmp_path / "b").write_bytes(b"other\n")
    live, once = Reader(source(tmp_path / "*")), Reader(source(tmp_path / "*", finish=True))
    got = live.read()
    for _ in range(2):
        with pytest.raises(SourceError, match=r"a\.gz: the gzip data breaks off behind byte \d+ of the content"):
            once.read()
    assert [line for batch in once.seen for line in batch.payload] == got
    assert set(got) <= {*rows(0, 300), b"other"}
    (tmp_path / "a.gz").write_bytes(data)
    assert got + live.read() == [*got[:-1], b"other", *rows(len(got) - 1, 300)]


def test_a_damaged_gzip_gives_the_rows_before_the_damage_and_keeps_failing(tmp_path: Path) -> None:
    data = bytearray(member(text(rows(0, 300))))
    data[-6] ^= 1
    (tmp_path / "a.gz").write_bytes(data)
    (tmp_path / "b").write_bytes(b"other\n")
    reader = Reader(source(tmp_path / "*"))
    for _ in range(3):
        with pytest.raises(SourceError, match=r"a\.gz: damaged gzip data behind byte \d+ of the content: .*incorrect"):
            reader.read()
        append(tmp_path / "b", b"other\n")
    assert [line for batch in reader.seen for line in batch.payload] == [*rows(0, 300), b"other", b"other", b"other"]
    reader.restart(source(tmp_path / "*"))
    with pytest.raises(SourceError, match="damaged"):
        reader.read()


def test_a_line_that_breaks_off_at_a_damage_is_not_a_line(tmp_path: Path) -> None:
    packer = zlib.compressobj(wbits=31)
    good = packer.compress(text(rows(0, 100)) + b"half a line") + packer.flush(zlib.Z_FULL_FLUSH)
    (tmp_path / "a.gz").write_bytes(good + b"\xff" * 50)
    reader = Reader(source(tmp_path / "a.gz", finish=True))
    with pytest.raises(SourceError, match="damaged"):
        reader.read()
    got = [line for batch in reader.seen for line in batch.payload]
    assert got == rows(0, 100)


def test_a_gzip_that_is_written_anew_in_place_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(member(text(rows(0, 100))))
    reader = Reader(source(path))
    reader.read()
    path.write_bytes(member(text(rows(500, 520))))
    assert reader.read() == rows(500, 520)
    assert reader.notes == {"truncated": 1}


def test_rubbish_behind_a_gzip_is_noted_once(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(member(text(rows(0, 3)) + b"tail") + b"rubbish")
    reader = Reader(source(path))
    assert reader.read() == [*rows(0, 3), b"tail"]
    append(path, b"more rubbish")
    reader.restart(source(path))
    assert reader.read() == []
    assert reader.notes == {"trailing_garbage": 1}


def test_a_gzip_that_is_still_written_is_followed(tmp_path: Path) -> None:
    path, buffer, got = tmp_path / "a.gz", io.BytesIO(), []
    reader = Reader(source(path))
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as writer:
        for number in range(20):
            writer.write(text(rows(number * 10, number * 10 + 10)))
            writer.flush()
            path.write_bytes(buffer.getvalue())
            got += reader.read()
            assert got == rows(0, number * 10 + 10)
            if number % 5 == 0:
                reader.restart(source(path))
    path.write_bytes(buffer.getvalue() + member(b"next member\n"))
    assert reader.read() == [b"next member"]


def test_the_cursor_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "GONE_KEPT", 3)
    monkeypatch.setattr(handles, "IDLE_PASSES", 1)
    reader = Reader(source(tmp_path / "*.log"))
    for number in range(30):
        path = tmp_path / f"{number}.log"
        path.write_bytes(text(rows(0, 5, str(number))))
        assert reader.read() == rows(0, 5, str(number))
        path.unlink()
    assert len(reader.cursor["files"]) <= 6
