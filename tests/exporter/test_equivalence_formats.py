"""The same records give the same figures in any format, however they are cut, ordered within the lateness, or interrupted."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.state.database import State
from tests.exporter.decoders.tables import csv_line, csv_records, flattened
from tests.exporter.synthetic import Record, Task, World, differences, fill, world
from tests.exporter.test_equivalence import TASKS, in_one_go, piecemeal


class CsvWorld(World):
    """Logs that grow, each with its header."""

    def write(self, name: str, records: Iterable[Record]) -> None:
        path = self.folder / name.replace(".jsonl", ".csv")
        every = self.predictions if name.startswith("predictions") else self.labels
        names = list(dict.fromkeys(key for record in every for key in flattened(record)))
        lines = [] if path.exists() else [csv_line(names)]
        lines += csv_records(list(records), names=names).records
        with path.open("ab") as file:
            file.writelines(line + b"\n" for line in lines)


class ParquetWorld(World):
    """A folder of files that are complete when they appear; where all values are missing the types differ."""

    def write(self, name: str, records: Iterable[Record]) -> None:
        folder = self.folder / Path(name).stem
        folder.mkdir(exist_ok=True)
        if rows := list(records):
            names = dict.fromkeys(key for record in rows for key in record)
            table = pa.table({key: [record.get(key) for record in rows] for key in names})
            parquet.write_table(table, folder / f"{len(list(folder.iterdir())):04}.parquet", row_group_size=30)


def in_format(made: World, kind: str) -> World:
    changes: dict[str, Any] = {}
    for name in ("predictions", "labels"):
        paths = (str(made.folder / f"{name}*.csv"),) if kind == "csv" else (str(made.folder / name),)
        changes[name] = getattr(made.model, name).model_copy(update={"format": kind, "paths": paths})
    other = {"csv": CsvWorld, "parquet": ParquetWorld}[kind]
    values = {name: getattr(made, name) for name in ("folder", "profile", "predictions", "labels")}
    return replace(other(model=made.model, **values), model=made.model.model_copy(update=changes))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("task", TASKS)
def test_any_cut_any_order_any_restart_in_any_format(task: Task, kind: str, tmp_path: Path) -> None:
    random_ = random.Random(3)
    made = world(tmp_path / "logs", task)
    fill(made, random_, 250, 12 * 3600)
    expected, expected_books = in_one_go(made)
    made.clear()
    with State(tmp_path / "state") as state:
        found, found_books = piecemeal(in_format(made, kind), random_, state, stages=6)
    for one, other in zip(found, expected, strict=True):
        assert differences(one, other) == []
    assert found_books == expected_books
