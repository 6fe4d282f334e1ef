from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from exporter.sources import JsonLinesSource, Source, SourceError, handles
from exporter.sources.gzip_content import GzipContent
from tests.exporter.sources.logs import Reader, append, batches, member, rows, source, text


def test_files_take_turns_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).write_bytes(text(rows(0, 20, name)))
    reader = Reader(source(tmp_path / "*", batch_bytes=500))
    reader.read()
    turns = [bytes(batch.payload[0])[8:9] for batch in reader.seen]
    assert turns[:6] == [b"a", b"b", b"c", b"a", b"b", b"c"]
    assert len({batch.partition for batch in reader.seen}) == 3


def test_files_that_appear_later_and_deeper_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(text(rows(0, 3)))
    reader = Reader(source(tmp_path / "**" / "*.log"))
    assert reader.read() == rows(0, 3)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.log").write_bytes(text(rows(3, 6)))
    assert reader.read() == rows(3, 6)


def test_a_path_with_brackets_that_exists_is_meant_literally(tmp_path: Path) -> None:
    path = tmp_path / "a[1].log"
    path.write_bytes(b"x\n")
    assert Reader(source(path)).read() == [b"x"]


def test_links_to_one_file_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(text(rows(0, 5)))
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "c").hardlink_to(tmp_path / "a")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop2")
    (tmp_path / "loop2").symlink_to(tmp_path / "loop")
    of = source(tmp_path / "*")
    with pytest.raises(SourceError, match="symbolic"):
        list(batches(of, {}))
    (tmp_path / "loop").unlink()
    assert Reader(of).read() == rows(0, 5)


def test_a_link_that_is_swapped_leads_to_the_new_file(tmp_path: Path) -> None:
    for name, lines in (("1", rows(0, 5)), ("2", rows(5, 9))):
        (tmp_path / name).write_bytes(text(lines))
    (tmp_path / "log").symlink_to("1")
    reader = Reader(source(tmp_path / "log"))
    assert reader.read() == rows(0, 5)
    append(tmp_path / "1", text(rows(90, 92)))
    (tmp_path / "new").symlink_to("2")
    (tmp_path / "new").rename(tmp_path / "log")
    assert reader.read() == rows(90, 92) + rows(5, 9)


def test_an_unterminated_line_waits_and_comes_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"a":1}\n{"b"')
    reader = Reader(source(path))
    assert reader.read() == [b'{"a":1}']
    append(path, b":2}\r")
    assert reader.read() == []
    append(path, b"\n")
    assert reader.read() == [b'{"b":2}']


@pytest.mark.parametrize("packed", [False, True])
def test_finish_takes_the_last_line(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "log"
    path.write_bytes(member(b"a\nb") if packed else b"a\nb")
    assert Reader(source(path, finish=True)).read() == [b"a", b"b"]
    assert Reader(source(path)).read() == ([b"a", b"b"] if packed else [b"a"])


def test_finish_after_a_live_reader_takes_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"a\nb")
    reader = Reader(source(path))
    reader.read()
    reader.restart(source(path, finish=True))
    assert reader.read() == [b"b"]
    assert reader.read() == []


def test_every_split_of_multi_byte_text_crlf_and_byte_order_mark(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + "é\r\n漢🙂\n\r\n \nend\r\n".encode()
    for split in range(len(data) + 1):
        path = tmp_path / f"log{split}"
        path.write_bytes(data[:split])
        reader = Reader(source(path))
        lines = reader.read()
        append(path, data[split:])
        lines += reader.read()
        assert lines == ["é".encode(), "漢🙂".encode(), b"end"]
        assert reader.rejected == {}


def test_a_byte_order_mark_counts_only_at_the_beginning_of_a_file(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    (tmp_path / "log").write_bytes(mark + b"a\n" + mark + b"b\n")
    assert Reader(source(tmp_path / "log")).read() == [b"a", mark + b"b"]
    (tmp_path / "only").write_bytes(mark)
    assert Reader(source(tmp_path / "only", finish=True)).read() == []


@pytest.mark.parametrize("limit", [3, 10, 50, 98, 99, 100, 101, 1000])
@pytest.mark.parametrize("packed", [False, True])
def test_lines_that_are_too_long_are_counted_once(tmp_path: Path, limit: int, packed: bool) -> None:
    lines = [b"ok", b"x" * 99, b"y" * 100, b"no", b"z" * 5000, b"w" * 98]
    data = b"\r\n".join([*lines, b""])
    path = tmp_path / "log"
    path.write_bytes(member(data) if packed else data)
    for size in (1, 7, 100, 10_000):
        reader = Reader(source(path, line_bytes=limit, batch_bytes=size))
        assert reader.read() == [line for line in lines if len(line) <= limit]
        assert reader.rejected.get("too_long", 0) == sum(len(line) > limit for line in lines)


def test_a_long_line_that_grows_is_skipped_across_restarts(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"a\n" + b"x" * 40)
    reader = Reader(source(path, line_bytes=20))
    assert reader.read() == [b"a"]
    for _ in range(5):
        append(path, b"x" * 40)
        reader.restart(source(path, line_bytes=20))
        assert reader.read() == []
    append(path, b"\nb\n")
    assert reader.read() == [b"b"]
    assert reader.rejected == {"too_long": 1}


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "log"
    data = b"x" * (24 << 20) + b"\nnext\n"
    path.write_bytes(member(data) if packed else data)
    del data
    reader = Reader(source(path, line_bytes=1 << 16, batch_bytes=1 << 16))
    tracemalloc.start()
    assert reader.read() == [b"next"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    assert reader.rejected == {"too_long": 1}


def test_one_bad_file_does_not_stop_the_others_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(text(rows(0, 5, name)))
    real, locked = os.open, [str(tmp_path / "b")]

    def guarded(path: str, flags: int) -> int:
        if path in locked:
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr("exporter.sources.handles.os.open", guarded)
    of = source(tmp_path / "*")
    reader = Reader(of)
    with pytest.raises(SourceError, match=r"^test: .*/b: Permission denied$"):
        reader.read()
    got = [line for batch in reader.seen for line in batch.payload]
    assert got == rows(0, 5, "a") + rows(0, 5, "c")
    locked.clear()
    assert reader.read() == rows(0, 5, "b")


def test_no_file_at_all_is_an_error_until_something_was_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    reader = Reader(source(path, tmp_path / "no*"))
    with pytest.raises(SourceError, match=r"no file matches .*log, .*no"):
        reader.read()
    path.write_bytes(b"a\n")
    assert reader.read() == [b"a"]
    path.unlink()
    assert reader.read() == []
    reader.restart(source(path))
    assert reader.read() == []


def test_finish_wants_every_literal_path_but_reads_the_others_first(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\n")
    reader = Reader(source(tmp_path / "log", tmp_path / "typo", tmp_path / "none*", finish=True))
    with pytest.raises(SourceError, match=r"typo: no such file$"):
        reader.read()
    assert [batch.payload for batch in reader.seen] == [[b"a"]]


def test_folders_and_pipes_are_not_logs(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "log").write_bytes(b"a\n")
    (tmp_path / "empty").touch()
    assert Reader(source(tmp_path / "*")).read() == [b"a"]


def test_a_foreign_cursor_is_refused(tmp_path: Path) -> None:
    for cursor in ({"files": {"a": {"offset": 1, "page": 2}}}, {"files": [1]}, {"files": {"a": 7}}):
        with pytest.raises(SourceError, match="cursor"):
            source(tmp_path / "log").poll(cursor)


def open_files(of: Source[Any]) -> int:
    assert isinstance(of, JsonLinesSource)
    return sum(handle.descriptor is not None for handle in of._handles)


@pytest.mark.parametrize("packed", [False, True])
def test_many_files_need_few_handles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(handles, "OPEN_FILES", 5)
    for number in range(30):
        data = text(rows(0, 30, f"log{number}"))
        (tmp_path / f"{number}.log").write_bytes(member(data) if packed else data)
    inflations, restart = [], GzipContent._restart

    def counted(content: GzipContent) -> None:
        inflations.append(content)
        restart(content)

    monkeypatch.setattr(GzipContent, "_restart", counted)
    reader = Reader(source(tmp_path / "*.log", batch_bytes=500))
    lines = []
    while (batch := reader.source.poll(reader.cursor)) is not None:
        reader.cursor = batch.cursor
        lines += batch.payload
        assert open_files(reader.source) <= 5
    assert sorted(lines) == sorted(line for number in range(30) for line in rows(0, 30, f"log{number}"))
    assert len(inflations) == 30 * packed
    append(tmp_path / "7.log", member(b"more\n") if packed else b"more\n")
    assert reader.read() == [b"more"]
    reader.source.close()
    assert open_files(reader.source) == 0


def test_after_a_restart_idle_files_are_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(text(rows(0, 5, name)))
    reader = Reader(source(tmp_path / "*"))
    reader.read()
    reader.restart(source(tmp_path / "*"))
    monkeypatch.setattr("exporter.sources.handles.os.open", lambda *_: pytest.fail("opened"))
    assert reader.read() == []


def test_a_file_without_a_name_keeps_its_handle_when_handles_are_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles, "OPEN_FILES", 2)
    (tmp_path / "0.log").write_bytes(b"first\n")
    reader = Reader(source(tmp_path / "*.log"))
    reader.read()
    (tmp_path / "0.log").rename(tmp_path / "elsewhere")
    for number in range(1, 5):
        (tmp_path / f"{number}.log").write_bytes(b"%d\n" % number)
    assert reader.read() == [b"1", b"2", b"3", b"4"]
    append(tmp_path / "elsewhere", b"late\n")
    assert reader.read() == [b"late"]
