"""Every source keeps the contract, whatever it reads from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.sources import SOURCES, Source
from tests.exporter.sources.logs import append, batches, rows, text


@dataclass(frozen=True)
class Setup:
    """How to feed one kind of source; every kind in SOURCES needs one."""

    make: Callable[[Path], Source[Any]]
    write: Callable[[Path, list[bytes]], None]
    records: Callable[[Any], list[bytes]]


def add_csv(folder: Path, lines: list[bytes]) -> None:
    path = folder / "a.csv"
    append(path, text(lines) if path.exists() else text([b"a,b", *lines]))


def add_parquet(folder: Path, lines: list[bytes]) -> None:
    number = len(list(folder.iterdir()))
    parquet.write_table(pa.table({"line": lines}), folder / f"{number}.parquet", row_group_size=19)


SETUPS = {
    "jsonl": Setup(
        lambda folder: SOURCES["jsonl"]("test", [str(folder / "*.log")], line_bytes=1000, batch_bytes=300),
        lambda folder, lines: append(folder / "a.log", text(lines)),
        list,
    ),
    "csv": Setup(
        lambda folder: SOURCES["csv"]("test", [str(folder / "*.csv")], line_bytes=1000, batch_bytes=300),
        add_csv,
        lambda payload: list(payload.records),
    ),
    "parquet": Setup(
        lambda folder: SOURCES["parquet"]("test", [str(folder / "*.parquet")], batch_bytes=300),
        add_parquet,
        lambda payload: [row["line"] for row in payload.to_pylist()],
    ),
}


@pytest.fixture(params=sorted(SOURCES))
def setup(request: pytest.FixtureRequest) -> Setup:
    return SETUPS[request.param]


def test_everything_arrives_once_and_then_nothing(setup: Setup, tmp_path: Path) -> None:
    setup.write(tmp_path, rows(0, 50))
    source = setup.make(tmp_path)
    got = list(batches(source, {}))
    assert [record for batch in got for record in setup.records(batch.payload)] == rows(0, 50)
    assert len(got) > 3
    assert source.poll(got[-1].cursor) is None


def test_any_cursor_gives_what_follows_it_to_the_same_and_to_a_new_source(setup: Setup, tmp_path: Path) -> None:
    setup.write(tmp_path, rows(0, 50))
    source = setup.make(tmp_path)
    got = list(batches(source, {}))
    payloads = [setup.records(batch.payload) for batch in got]
    for index, batch in reversed(list(enumerate(got))):
        for again in (source, setup.make(tmp_path)):
            assert [setup.records(later.payload) for later in batches(again, batch.cursor)] == payloads[index + 1 :]


def test_what_is_written_later_follows_the_cursor(setup: Setup, tmp_path: Path) -> None:
    setup.write(tmp_path, rows(0, 9))
    source = setup.make(tmp_path)
    last = list(batches(source, {}))[-1]
    setup.write(tmp_path, rows(9, 20))
    assert [r for batch in batches(source, last.cursor) for r in setup.records(batch.payload)] == rows(9, 20)


def test_cursors_are_json(setup: Setup, tmp_path: Path) -> None:
    setup.write(tmp_path, rows(0, 50))
    for batch in batches(setup.make(tmp_path), {}):
        assert json.loads(json.dumps(batch.cursor)) == batch.cursor


def test_a_closed_source_can_be_polled_again(setup: Setup, tmp_path: Path) -> None:
    setup.write(tmp_path, rows(0, 9))
    source = setup.make(tmp_path)
    first = source.poll({})
    source.close()
    assert source.poll({}) == first
