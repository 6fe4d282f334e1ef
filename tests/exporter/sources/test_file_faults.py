"""What happens to files that is nobody's plan: each fault is survived, and counted."""

from __future__ import annotations

import errno
import gzip
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import exporter.sources
from exporter import catalogue
from exporter.sources import EVENTS, SourceError, astray, handles
from exporter.sources.content import PlainContent
from tests.exporter.sources.logs import Reader, append, csv_source, member, rows, source, text

PATIENCE = 5


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles, "IDLE_PASSES", PATIENCE)


def rest(reader: Reader, passes: int = 3 * PATIENCE) -> list[bytes]:
    """What comes until everything that has to be waited for is over."""
    return [line for _ in range(passes) for line in reader.read()]


def read_log(tmp_path: Path, lines: list[bytes], pattern: str = "app.log") -> tuple[Path, Reader]:
    log = tmp_path / "app.log"
    log.write_bytes(text(lines))
    reader = Reader(source(tmp_path / pattern))
    assert reader.read() == lines
    return log, reader


# While the process was down, or slow.


@pytest.mark.parametrize("suffix", [".1", "-20260201", ".2026-02-01", ".1.gz", "-20260201.gz"])
@pytest.mark.parametrize("count", [3, 50])
def test_a_log_that_was_renamed_out_of_the_pattern_meanwhile_is_found(tmp_path: Path, suffix: str, count: int) -> None:
    log, reader = read_log(tmp_path, rows(0, count))
    reader.restart(source(log))
    append(log, text(rows(count, count + 4)))
    old = tmp_path / f"app.log{suffix}"
    if suffix.endswith(".gz"):
        old.write_bytes(member(log.read_bytes()))
        log.unlink()
    else:
        log.rename(old)
    log.write_bytes(text(rows(900, 903)))
    assert sorted(rest(reader)) == sorted(rows(count, count + 4) + rows(900, 903))
    assert "vanished" not in reader.notes
    assert rest(reader) == []


def test_logs_that_came_and_were_renamed_meanwhile_are_found_too(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 10))
    reader.restart(source(log))
    for turn in (3, 2, 1):
        log.rename(tmp_path / f"app.log.{turn}")
        log.write_bytes(text(rows(turn * 100, turn * 100 + 9)))
    assert sorted(rest(reader)) == sorted(row for turn in (1, 2, 3) for row in rows(turn * 100, turn * 100 + 9))


def test_what_was_rotated_before_the_first_start_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "app.log.1").write_bytes(text(rows(100, 110)))
    _, reader = read_log(tmp_path, rows(0, 10))
    (tmp_path / "app.log").rename(tmp_path / "app.log.2")
    (tmp_path / "app.log").write_bytes(text(rows(20, 25)))
    assert rest(reader) == rows(20, 25)


def test_a_log_that_went_for_good_meanwhile_is_counted(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 10))
    reader.restart(source(log))
    append(log, text(rows(10, 20)))
    log.unlink()
    assert rest(reader) == []
    assert reader.notes == {"vanished": 1}
    reader.restart(source(log))
    rest(reader)
    assert reader.notes == {"vanished": 1}


def test_an_old_rotated_log_that_is_deleted_meanwhile_is_no_loss(tmp_path: Path) -> None:
    log, old = tmp_path / "app.log", tmp_path / "app.log.1"
    old.write_bytes(text(rows(0, 10)))
    os.utime(old, ns=(0, old.stat().st_mtime_ns - 2 * astray.RECENT))
    log.write_bytes(text(rows(10, 20)))
    reader = Reader(source(tmp_path / "app.log*"))
    reader.read()
    reader.restart(source(tmp_path / "app.log*"))
    old.unlink()
    rest(reader)
    assert reader.notes == {}


def test_links_into_a_folder_that_is_swapped_lead_to_the_new_one(tmp_path: Path) -> None:
    """As Kubernetes does it: log -> ..data/log, ..data -> a folder with a new name."""
    for name, lines in (("..1", rows(0, 50)), ("..2", rows(50, 90))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.log").write_bytes(text(lines))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "app.log").symlink_to("..data/app.log")
    reader = Reader(source(tmp_path / "app.log"))
    assert reader.read() == rows(0, 50)
    append(tmp_path / "..1" / "app.log", text(rows(100, 110)))
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").rename(tmp_path / "..data")
    shutil.rmtree(tmp_path / "..1")
    assert sorted(rest(reader)) == sorted(rows(100, 110) + rows(50, 90))
    assert reader.notes == {}


def test_the_target_of_a_link_is_looked_for_in_its_own_folder(tmp_path: Path) -> None:
    """As the kubelet does it: containers/x.log -> pods/x/0.log, and 0.log is renamed and compressed."""
    pod = tmp_path / "pods" / "x"
    pod.mkdir(parents=True)
    (tmp_path / "x.log").symlink_to(pod / "0.log")
    (pod / "0.log").write_bytes(text(rows(0, 50)))
    reader = Reader(source(tmp_path / "*.log"))
    assert reader.read() == rows(0, 50)
    reader.restart(source(tmp_path / "*.log"))
    (pod / "0.log.20260201-101010.gz").write_bytes(member(text(rows(0, 55))))
    (pod / "0.log").unlink()
    (pod / "0.log").write_bytes(text(rows(60, 65)))
    assert sorted(rest(reader)) == sorted(rows(50, 55) + rows(60, 65))


def test_a_folder_that_goes_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "app.log").write_bytes(text(rows(0, 50)))
    reader = Reader(source(folder / "*.log"))
    reader.read()
    folder.rename(tmp_path / "away")
    assert rest(reader) == []
    append(tmp_path / "away" / "app.log", text(rows(50, 55)))
    (tmp_path / "away").rename(folder)
    assert rest(reader) == rows(50, 55)
    shutil.rmtree(folder)
    rest(reader)
    folder.mkdir()
    (folder / "app.log").write_bytes(text(rows(60, 65)))
    assert rest(reader) == rows(60, 65)


# Copies.


def test_a_copy_that_is_being_made_is_not_read(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 500), "app.log*")
    copy, whole = tmp_path / "app.log.1", log.read_bytes()
    for size in (1, 100, 3000, 9000, len(whole)):
        copy.write_bytes(whole[:size])
        assert reader.read() == []
    append(log, text(rows(500, 510)))
    assert reader.read() == rows(500, 510)
    os.truncate(log, 0)
    append(log, text(rows(600, 610)))
    assert sorted(rest(reader)) == rows(600, 610)
    assert reader.notes == {"truncated": 1, "already_seen": 1}


def test_a_copy_is_known_after_a_restart_although_its_original_was_read_further(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 500), "app.log*")
    shutil.copy(log, tmp_path / "app.log.1")
    append(log, text(rows(500, 510)))
    reader.read()
    os.truncate(log, 0)
    reader.restart(source(tmp_path / "app.log*"))
    assert rest(reader) == []
    assert reader.notes["truncated"] == 1


def test_copies_are_compared_although_few_files_may_be_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles, "OPEN_FILES", 2)
    for number in range(20):
        (tmp_path / f"{number}.log").write_bytes(text(rows(0, 50, str(number))))
    reader = Reader(source(tmp_path / "*.log*"))
    assert len(reader.read()) == 1000
    for number in range(20):
        shutil.copy(tmp_path / f"{number}.log", tmp_path / f"{number}.log.1")
    assert rest(reader) == []
    for number in range(20):
        os.truncate(tmp_path / f"{number}.log", 0)
    assert rest(reader) == []
    assert reader.notes == {"truncated": 20, "already_seen": 20}


@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_short_log_that_is_compressed_is_read_once(tmp_path: Path, count: int) -> None:
    log, reader = read_log(tmp_path, rows(0, count), "app.log*")
    old = tmp_path / "app.log.1"
    log.rename(old)
    assert reader.read() == []
    old.with_name("app.log.1.gz").write_bytes(member(old.read_bytes()))
    old.unlink()
    reader.restart(source(tmp_path / "app.log*"))
    assert rest(reader) == []


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("restart", [False, True])
def test_a_log_that_is_compressed_in_members_is_known_by_the_first_of_them(
    tmp_path: Path, restart: bool, goes_on: bool
) -> None:
    """Between two members a gzip file says of itself that it is complete."""
    log, reader = read_log(tmp_path, rows(0, 100), "app.log*")
    packed = tmp_path / "app.log.1.gz"
    packed.write_bytes(member(text(rows(0, 60))))
    assert reader.read() == []
    if restart:
        reader.restart(source(tmp_path / "app.log*"))
    if goes_on:
        second = member(text(rows(60, 100)))
        append(packed, second[:20])
        assert reader.read() == []
        append(packed, second[20:])
        assert reader.read() == []
    log.unlink()
    assert rest(reader) == []
    assert reader.notes["already_seen"] == 1


def test_a_compressed_log_of_nothing_is_a_copy_of_nothing(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 100), "app.log*")
    packed = tmp_path / "app.log.1.gz"
    packed.write_bytes(member(b""))
    assert reader.read() == []
    append(packed, member(text(rows(200, 260))))
    assert reader.read() == rows(200, 260)
    append(log, text(rows(100, 110)))
    assert rest(reader) == rows(100, 110)


def test_a_compressed_log_that_got_the_inode_of_another_is_read_once(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 100), "app.log*")
    other = tmp_path / "app.log.2"
    other.write_bytes(text(rows(500, 600)))
    reader.read()
    packed = tmp_path / "app.log.1.gz"
    packed.write_bytes(member(log.read_bytes()))
    log.unlink()
    for values in reader.cursor["files"].values():
        if values["inode"] == other.stat().st_ino:
            values["inode"] = packed.stat().st_ino
    other.unlink()
    reader.restart(source(tmp_path / "app.log*"))
    assert rest(reader) == []
    assert reader.notes == {"replaced": 1, "already_seen": 1}


def test_logs_that_begin_alike_are_told_apart_once_they_differ(tmp_path: Path) -> None:
    """One log is exactly the beginning of the other. That is a copy until it goes on in its own way."""
    (tmp_path / "a.log").write_bytes(text(rows(0, 100)))
    (tmp_path / "b.log").write_bytes(text(rows(0, 50)))
    reader = Reader(source(tmp_path / "*.log"))
    assert rest(reader) == rows(0, 100)
    append(tmp_path / "b.log", text(rows(700, 705)))
    assert rest(reader) == rows(0, 50) + rows(700, 705)


# Ends.


def test_the_end_of_a_last_line_may_never_come(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 10))
    append(log, b'{"half')
    log.unlink()
    assert rest(reader) == [b'{"half']
    assert reader.notes == {"unterminated": 1}
    assert rest(reader) == []


def test_a_gzip_without_an_end_is_counted_once_and_read_on_when_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.file.CUT_OFF_PASSES", 4)
    data = member(text(rows(0, 300)))
    (tmp_path / "a.gz").write_bytes(data[:-20])
    reader = Reader(source(tmp_path / "*"))
    got = rest(reader)
    assert reader.notes == {"cut_off": 1}
    (tmp_path / "a.gz").write_bytes(data)
    assert got + rest(reader) == rows(0, 300)
    assert reader.notes == {"cut_off": 1}


def test_a_gzip_that_goes_without_its_end_is_counted(tmp_path: Path) -> None:
    data = member(text(rows(0, 3000)))
    (tmp_path / "a.gz").write_bytes(data[:-20])
    reader = Reader(source(tmp_path / "*"))
    got = reader.read()
    assert got == rows(0, len(got))
    (tmp_path / "a.gz").unlink()
    assert rest(reader) == []
    assert reader.notes == {"cut_off": 1}


def test_damage_is_counted_once(tmp_path: Path) -> None:
    data = bytearray(member(text(rows(0, 300))))
    data[-6] ^= 1
    (tmp_path / "a.gz").write_bytes(data)
    reader = Reader(source(tmp_path / "*"))
    for _ in range(3):
        with pytest.raises(SourceError, match="damaged"):
            reader.read()
    assert reader.notes == {"damaged": 1}


def test_members_of_one_gzip_may_come_one_by_one(tmp_path: Path) -> None:
    path, got = tmp_path / "a.gz", []
    reader = Reader(source(path))
    for number in range(5):
        data = member(text(rows(number * 10, number * 10 + 10)))
        for part in (data[:7], data[7:]):
            append(path, part)
            got += reader.read()
        reader.restart(source(path))
    assert got == rows(0, 50)


# Time stamps, names and handles.


def test_a_clock_that_goes_back_changes_nothing(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 10), "app.log*")
    for turn in range(1, 6):
        append(log, text(rows(turn * 10, turn * 10 + 10)))
        os.utime(log, ns=(0, 10**18 - turn * 10**15))
        assert reader.read() == rows(turn * 10, turn * 10 + 10)
    log.rename(tmp_path / "app.log.1")
    log.write_bytes(text(rows(90, 95)))
    os.utime(log, ns=(0, 1))
    assert rest(reader) == rows(90, 95)


def test_hard_links_that_come_and_go_are_one_file(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 10), "app.*")
    (tmp_path / "app.1").hardlink_to(log)
    assert reader.read() == []
    log.unlink()
    append(tmp_path / "app.1", text(rows(10, 12)))
    assert rest(reader) == rows(10, 12)
    assert reader.notes == {}


@pytest.mark.parametrize("count", [5, 200])
def test_a_file_that_is_replaced_in_place_is_read_anew(tmp_path: Path, count: int) -> None:
    log, reader = read_log(tmp_path, rows(0, 50))
    log.write_bytes(text(rows(800, 800 + count)))
    assert rest(reader) == rows(800, 800 + count)
    assert reader.notes == {"truncated": 1}


@pytest.mark.parametrize("restart", [False, True])
def test_a_file_that_is_replaced_in_place_and_looks_the_same_is_read_anew(tmp_path: Path, restart: bool) -> None:
    log, reader = read_log(tmp_path, rows(100, 150))
    before = log.stat()
    log.write_bytes(text(rows(200, 250)))
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = log.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    if restart:
        reader.restart(source(log))
    assert rest(reader) == rows(200, 250)
    assert sum(reader.notes.values()) == 1


def test_a_file_that_only_its_mode_and_name_have_changed_of_is_not_read_again(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 50), "app.log*")
    log.chmod(0o640)
    assert reader.read() == []
    log.rename(tmp_path / "app.log.1")
    reader.restart(source(tmp_path / "app.log*"))
    assert rest(reader) == []
    assert reader.notes == {}


def test_a_log_that_is_emptied_is_noted_although_nothing_follows(tmp_path: Path) -> None:
    log, reader = read_log(tmp_path, rows(0, 50))
    append(log, text(rows(50, 60)))
    os.truncate(log, 0)
    rest(reader)
    assert reader.notes == {"truncated": 1}


def test_what_is_truncated_while_it_is_read_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, reader = read_log(tmp_path, rows(0, 50))
    append(log, text(rows(50, 60)))
    real, done = PlainContent.read, list[int]()

    def read(content: PlainContent, offset: int, size: int) -> bytes:
        if size > 100_000 and not done:  # between the check of what was read and reading on
            done.append(log.write_bytes(text(rows(900, 1100))))
        return real(content, offset, size)

    monkeypatch.setattr(PlainContent, "read", read)
    assert rest(reader) == rows(900, 1100)
    assert reader.notes == {"truncated": 1}


def test_permission_that_is_lost_and_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, reader = read_log(tmp_path, rows(0, 50))
    reader.restart(source(log))
    append(log, text(rows(50, 55)))
    real, forbidden = os.open, [True]

    def guarded(path: str, flags: int) -> int:
        if forbidden:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, flags)

    monkeypatch.setattr("exporter.sources.handles.os.open", guarded)
    for _ in range(3 * PATIENCE):
        with pytest.raises(SourceError, match="Permission denied"):
            reader.read()
    forbidden.clear()
    assert rest(reader) == rows(50, 55)
    assert reader.notes == {}


def test_a_handle_that_went_stale_is_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, reader = read_log(tmp_path, rows(0, 50))
    append(log, text(rows(50, 55)))
    real, stale = os.pread, [handle.descriptor for handle in reader.source._handles]  # type: ignore[attr-defined]
    opened: list[str] = []

    def pread(descriptor: int, size: int, offset: int) -> bytes:
        if descriptor in stale and not opened:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(descriptor, size, offset)

    monkeypatch.setattr("exporter.sources.content.os.pread", pread)
    with pytest.raises(SourceError, match=os.strerror(errno.ESTALE)):
        reader.read()
    assert all(handle.descriptor is None for handle in reader.source._handles)  # type: ignore[attr-defined]
    opened.append("again")
    assert reader.read() == rows(50, 55)


MANY = """
import os, resource, sys
from exporter.sources import JsonLinesSource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
source, cursor, lines = JsonLinesSource("many", [sys.argv[1]], line_bytes=1000), {}, []
while (batch := source.poll(cursor)) is not None:
    cursor, lines = batch.cursor, [*lines, *batch.payload]
open_files = len(os.listdir("/proc/self/fd"))
for number in (0, int(sys.argv[2]) - 1):
    with open(f"{sys.argv[1]}/{number}.jsonl", "ab") as file:
        file.write(b"more\\n")
while (batch := source.poll(cursor)) is not None:
    cursor, lines = batch.cursor, [*lines, *batch.payload]
print(len(lines), len(set(lines)), open_files)
"""


def test_thousands_of_files_with_few_descriptors(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 256
    for number in range(2000):
        (tmp_path / f"{number}.jsonl").write_bytes(b"%d\n" % number)
    done = subprocess.run(
        [sys.executable, "-c", MANY, str(tmp_path), "2000"], capture_output=True, text=True, check=True
    )
    lines, distinct, open_files = map(int, done.stdout.split())
    assert (lines, distinct) == (2002, 2001)
    assert open_files < 100


def test_a_table_is_followed_through_rotation(tmp_path: Path) -> None:
    """Positions of CSV count behind the header, which every file has."""
    log = tmp_path / "app.csv"
    log.write_bytes(b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(200)))
    reader = Reader(csv_source(tmp_path / "app.csv*"))
    assert len(reader.read()) == 200
    log.rename(tmp_path / "app.csv.1")
    (tmp_path / "app.csv.1.gz").write_bytes(gzip.compress((tmp_path / "app.csv.1").read_bytes()))
    (tmp_path / "app.csv.1").unlink()
    log.write_bytes(b"a,b\n900,x\n")
    assert rest(reader) == [b"900,x"]
    shutil.copy(log, tmp_path / "app.csv.2")
    os.truncate(log, 0)
    assert rest(reader) == []
    append(log, b"a,b\n901,x\n")
    assert rest(reader) == [b"901,x"]


def test_every_event_that_is_noted_is_explained() -> None:
    modules = [path for path in Path(exporter.sources.__path__[0]).glob("*.py") if path.name != "events.py"]
    noted = {event for path in modules for event in EVENTS if f'"{event}"' in path.read_text()}
    assert noted == set(EVENTS)
    assert set(catalogue.LABEL_VALUES["event"]) == set(EVENTS)
