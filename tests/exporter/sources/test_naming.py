from __future__ import annotations

import pytest

from exporter.sources import NAMES
from exporter.sources.naming import unready


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("jsonl", "predictions.jsonl"),
        ("jsonl", "predictions.JSONL.gz"),
        ("jsonl", "predictions.jsonl.1"),
        ("jsonl", "predictions.jsonl-20260201.gz"),
        ("jsonl", "predictions.ndjson.2026-02-01T10"),
        ("jsonl", "a.json"),
        ("csv", "a.csv"),
        ("csv", "a.tsv.gz"),
        ("csv", "a.csv.2.gz"),
        ("parquet", "part-0.snappy.parquet"),
        ("parquet", "a.pq"),
    ],
)
def test_names_of_a_logs_files(kind: str, name: str) -> None:
    assert NAMES[kind].fits(name)
    assert [other for other in NAMES if NAMES[other].fits(name)] == [kind]


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "jsonl", "a.jsonl.bak", "a.csv.idx", "_SUCCESS", "_a.jsonl", ".a.csv", "a.parquet.1", "a.parquet.gz",
     "a.jsonl.tmp", "a.csv.partial", "a.parquet._COPYING_", ".a.parquet.crc"],
)  # fmt: skip
def test_names_of_other_files(name: str) -> None:
    assert [kind for kind in NAMES if NAMES[kind].fits(name)] == []


def test_what_is_not_ready() -> None:
    assert [
        name for name in ("_t", ".h", "a.TMP", "a.crc", "b.inprogress", "a.part", "x.parquet") if not unready(name)
    ] == ["x.parquet"]
