from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from exporter.sources import NAMES, SourceError, handles
from exporter.sources.listing import listing, nothing
from tests.exporter.sources.logs import Reader, append, csv_source, rows, source, text

JSONL, PARQUET = NAMES["jsonl"], NAMES["parquet"]


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def found(folder: Path, *patterns: str, names: object = JSONL) -> list[str]:
    assert names in (JSONL, PARQUET)
    files = listing([str(folder / pattern) for pattern in patterns], PARQUET if names is PARQUET else JSONL).files
    return [str(Path(file.path).relative_to(folder)) for file in files.values()]


def test_a_folder_stands_for_its_logs_at_any_depth(tmp_path: Path) -> None:
    make(
        tmp_path,
        "d/b.jsonl",
        "d/x/y/a.jsonl.gz",
        "d/a.jsonl.1",
        "d/notes.txt",
        "d/_temporary/c.jsonl",
        "d/.git/c.jsonl",
    )
    assert found(tmp_path, "d") == ["d/a.jsonl.1", "d/b.jsonl", "d/x/y/a.jsonl.gz"]
    assert found(tmp_path, "d/") == ["d/a.jsonl.1", "d/b.jsonl", "d/x/y/a.jsonl.gz"]


def test_globs_may_reach_any_depth(tmp_path: Path) -> None:
    make(tmp_path, "d/b.log", "d/x/y/a.log")
    assert found(tmp_path, "d/**/*.log") == ["d/b.log", "d/x/y/a.log"]


def test_unfinished_parquet_files_are_passed_over_unless_they_are_named(tmp_path: Path) -> None:
    make(tmp_path, "_d/a.parquet", "_d/_b.parquet", "_d/t.parquet.tmp", "_d/_temporary/0/c.parquet", "_d/h=1/e.parquet")
    assert found(tmp_path, "_d/**/*", names=PARQUET) == ["_d/a.parquet", "_d/h=1/e.parquet"]
    assert found(tmp_path, "_d/_*.parquet", names=PARQUET) == []
    assert found(tmp_path, "_d/_b.parquet", names=PARQUET) == ["_d/_b.parquet"]
    assert found(tmp_path, "_d", names=PARQUET) == ["_d/a.parquet", "_d/h=1/e.parquet"]


def test_a_log_that_grows_may_have_any_name_that_a_glob_matches(tmp_path: Path) -> None:
    make(tmp_path, "_d/_a.jsonl", "_d/a.jsonl.tmp")
    assert found(tmp_path, "*/*.jsonl*") == ["_d/_a.jsonl", "_d/a.jsonl.tmp"]


def test_a_link_that_leads_back_is_followed_once(tmp_path: Path) -> None:
    make(tmp_path, "d/a.jsonl")
    (tmp_path / "d" / "again").symlink_to(tmp_path / "d")
    assert found(tmp_path, "d") == ["d/a.jsonl"]


def test_what_appears_in_a_folder_later_is_found(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    reader = Reader(source(tmp_path / "d"))
    with pytest.raises(SourceError, match=r"no JSON lines file \(.jsonl, .ndjson, .json\) in "):
        reader.read()
    (tmp_path / "d" / "x").mkdir()
    (tmp_path / "d" / "x" / "a.jsonl").write_bytes(text(rows(0, 3)))
    assert reader.read() == rows(0, 3)
    (tmp_path / "d" / "b.jsonl").write_bytes(text(rows(3, 5)))
    assert reader.read() == rows(3, 5)


def test_csv_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    (tmp_path / "a.jsonl").write_bytes(b"{}\n")
    assert Reader(csv_source(tmp_path)).read() == [b"1"]


def test_that_nothing_was_found_is_said_in_the_words_of_the_configuration(tmp_path: Path) -> None:
    assert nothing(["/x/*.jsonl", "/y"], JSONL) == "no file matches /x/*.jsonl, /y"
    assert nothing([str(tmp_path)], PARQUET) == f"no Parquet file (.parquet, .pq) in {tmp_path}"


def test_a_pipe_that_is_named_is_refused_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(SourceError, match=r"a\.jsonl: is no regular file"):
        source(tmp_path / "a.jsonl").poll({})


WAYS = ("d", "d/*.jsonl", "**/*.jsonl", "*/*.jsonl", "d/**")


def forbid(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> list[bool]:
    """Make a folder one that cannot be listed, as long as what is returned says so; root may list every folder."""
    real, forbidden = os.scandir, [True]

    def guarded(path: str) -> Any:
        if forbidden[0] and path == str(folder):
            raise OSError(number, os.strerror(number))
        return real(path)

    monkeypatch.setattr("os.scandir", guarded)
    return forbidden


@pytest.mark.parametrize("number", [errno.EACCES, errno.EMFILE, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("way", WAYS)
def test_a_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, number: int
) -> None:
    make(tmp_path, "d/a.jsonl")
    forbid(monkeypatch, tmp_path / "d", number)
    with pytest.raises(SourceError) as failed:
        source(tmp_path / way).poll({})
    assert str(failed.value) == f"test: {tmp_path}/d: {os.strerror(number)}"


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_files_in_a_folder_that_cannot_be_listed_are_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, restarts: bool
) -> None:
    monkeypatch.setattr(handles, "IDLE_PASSES", 5)
    make(tmp_path, "d/a.jsonl", "d/b.jsonl")
    log = tmp_path / "d" / "a.jsonl"
    log.write_bytes(text(rows(0, 10)))
    reader = Reader(source(tmp_path / way))
    reader.read()
    forbidden = forbid(monkeypatch, tmp_path / "d", errno.EACCES)
    if restarts:
        reader.restart(source(tmp_path / way))
    for _ in range(20):
        with pytest.raises(SourceError, match="d: Permission denied"):
            reader.read()
    forbidden[0] = False
    append(log, text(rows(10, 15)))
    assert reader.read() == rows(10, 15)
    assert reader.notes == {}


def test_what_two_patterns_come_upon_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "d/a.jsonl")
    forbid(monkeypatch, tmp_path / "d", errno.EIO)
    patterns = [str(tmp_path / way) for way in WAYS]
    assert listing(patterns, JSONL).errors == [f"{tmp_path}/d: Input/output error"]


@pytest.mark.parametrize("way", ["", "*/*.jsonl", "**/*.jsonl"])
def test_what_every_volume_has_and_nobody_may_enter_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    make(tmp_path, "d/a.jsonl", "lost+found/#12")
    forbid(monkeypatch, tmp_path / "lost+found", errno.EACCES)
    found = listing([str(tmp_path / way)], JSONL)
    assert [file.path for file in found.files.values()] == [f"{tmp_path}/d/a.jsonl"]
    assert found.errors == []


@pytest.mark.parametrize("way", ["n", "n/**/*.jsonl", "**/*.jsonl"])
def test_links_that_lead_back_are_followed_once(tmp_path: Path, way: str) -> None:
    make(tmp_path, "n/a.jsonl", "n/x/b.jsonl")
    for link in ("n/current", "n/latest"):
        (tmp_path / link).symlink_to(".")
    assert found(tmp_path, way) == ["n/a.jsonl", "n/x/b.jsonl"]
    assert listing([str(tmp_path / way)], JSONL).errors == []


def test_a_folder_that_is_ready_is_found_beside_a_link_that_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "ready/a.parquet")
    (tmp_path / "_current").symlink_to("ready")
    assert found(tmp_path, "**/*.parquet", names=PARQUET) == ["ready/a.parquet"]
    assert found(tmp_path, "_current/*.parquet", names=PARQUET) == ["_current/a.parquet"]
