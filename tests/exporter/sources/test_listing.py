from __future__ import annotations

import os
from pathlib import Path

import pytest

from exporter.sources import NAMES, SourceError
from exporter.sources.listing import listing, nothing
from tests.exporter.sources.logs import Reader, csv_source, rows, source, text

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
