"""Files that are made to fill the memory, read by the real program: they cost what a batch costs, whatever their size."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyarrow import parquet

TIME = "2026-01-01T00:00:00Z"
GOOD = b'{"timestamp": "%s", "features": {"x": 1.5, "c": "red"}}\n' % TIME.encode()
MODEL = """\
models:
  m:
    task: multiclass
    classes: [a, b]
    predictions: %s
    features: {x: numeric, c: categorical}
    segments: [region]
    windows: [all]
    %s
"""
# What the kernel says of the process when it ends; the usage that a parent is told begins with the parent's own.
PROGRAM = """\
import atexit, pathlib, sys
atexit.register(lambda: sys.stderr.write(pathlib.Path("/proc/self/status").read_text()))
from exporter.cli import script
script()
"""
MIB = 1 << 20
CHUNK = b"[" * MIB
# Above what a row of Parquet takes; the other formats take less than that, without Arrow.
ALLOWED = 200


@dataclass(frozen=True)
class Outcome:
    """The figures of a page without model's name, source and window, and the memory that it took, in MiB."""

    figures: dict[tuple[str, ...], float]
    memory: float


def evaluate(folder: Path, log: str, settings: str = "") -> Outcome:
    (folder / "driftbell.yml").write_text(MODEL % (log, settings))
    command = [sys.executable, "-c", PROGRAM, "evaluate", f"--config.file={folder / 'driftbell.yml'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", done.stderr, re.MULTILINE)
    return Outcome(figures_of(done.stdout), int(peak) / 1024)


def figures_of(page: str) -> dict[tuple[str, ...], float]:
    left_out = ("model_name", "source", "window")
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()) if name not in left_out)): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return the memory that it takes to read a line, and with Arrow a row."""
    folder = tmp_path_factory.mktemp("usual")
    parquet.write_table(pa.table({"timestamp": [TIME]}), folder / "p.parquet")
    return evaluate(folder, "p.parquet").memory


def long_lines(path: Path) -> None:
    """Write lines of 200 MiB, 10 MiB and just not too many bytes."""
    with path.open("wb") as file:
        file.write(GOOD)
        # Holes in a file are zero bytes.
        file.truncate(200 * MIB)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + GOOD)
        for bomb in (b"[", b'{"a":', b'"\\', b"9", b"-", b'{"features":{"x":[', b"{}", b"1e", b"\xff"):
            file.write(GOOD + bomb * (10 * MIB // len(bomb)) + b"\n")
            file.write(bomb * (MIB // len(bomb) - 1) + b"\n")


def gzip_bomb(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.write(GOOD)
        for _ in range(60):
            file.write(CHUNK)
        file.write(b"\n" + GOOD)
    assert path.stat().st_size < 0.002 * 60 * MIB


def open_quote(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'timestamp,features.x\n%s,1\n%s,"' % (TIME.encode(), TIME.encode()))
        for _ in range(100):
            file.write(b"," * MIB)
        file.write(b"\n%s,2\n" % TIME.encode())


def header_without_end(path: Path) -> None:
    path.write_bytes(b"timestamp," * (5 * MIB))


CASES = {
    "long lines": (long_lines, "p.jsonl", 11, {"too_long": 10, "too_deep": 3, "malformed": 5, "not_an_object": 1}),
    "gzip bomb": (gzip_bomb, "p.jsonl.gz", 2, {"too_long": 1}),
    "open quote": (open_quote, "p.csv", 2, {"too_long": 1}),
    "header without end": (header_without_end, "p.csv", None, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_text(case: str, tmp_path: Path, usual: float) -> None:
    write, name, good, rejected = CASES[case]
    write(tmp_path / name)
    found = evaluate(tmp_path, name)
    assert found.memory < usual
    if good is not None:
        said = {key[1]: value for key, value in found.figures.items() if key[0] == "ml_exporter_rejected_rows_total"}
        assert {reason: count for reason, count in said.items() if count} == rejected
        assert found.figures["ml_exporter_rows_total",] == good + sum(rejected.values())


def same(value: object, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([value]))


def long_texts(path: Path) -> int:
    """Write texts of 100 kB: 50 GB, in some kB."""
    rows, text = 100_000, same("x" * 100_000, 100_000)
    columns = dict.fromkeys(("request_id", "version", "region", "endpoint", "model"), text)
    table = pa.table({"timestamp": same(TIME, rows), **columns, "features.c": text})
    parquet.write_table(table, path, compression="zstd", row_group_size=rows)
    return rows


def plain_texts(path: Path) -> int:
    """Write the same without saying that it was a dictionary."""
    rows = 20_000
    table = pa.table({"timestamp": same(TIME, rows), "region": same("x" * 20_000, rows)})
    parquet.write_table(table, path, compression="zstd", store_schema=False)
    return rows


def long_lists(path: Path) -> int:
    """Write lists of 20,000 probabilities: 160 MB."""
    rows, length = 1000, 20_000
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * length)
    lists = pa.ListArray.from_arrays(offsets, pa.array(np.zeros(rows * length)))
    parquet.write_table(pa.table({"timestamp": same(TIME, rows), "scores": lists}), path, compression="zstd")
    return rows


@pytest.mark.parametrize("write", [long_texts, plain_texts, long_lists])
def test_parquet(write: Callable[[Path], int], tmp_path: Path, usual: float) -> None:
    rows = write(tmp_path / "p.parquet")
    assert (tmp_path / "p.parquet").stat().st_size < 100_000
    found = evaluate(tmp_path, "p.parquet")
    assert found.figures["ml_exporter_rows_total",] == rows
    assert found.memory < usual + ALLOWED


def explosion() -> Iterator[dict[str, object]]:
    for i in range(100_000):
        features = {"x": i, "c": f"category {i}" + "y" * (i % 300)}
        names = {
            "region": f"region {i % 20_000}",
            "version": f"v{i % 5000}",
            "endpoint": f"/{i}",
            "prediction": f"p{i}",
        }
        yield {"timestamp": TIME, **names, "features": features}


def test_names_without_number_share_one(tmp_path: Path, usual: float) -> None:
    """100,000 categories, classes and endpoints, 20,000 segments and 5,000 versions."""
    with (tmp_path / "p.jsonl").open("w") as file:
        file.writelines(json.dumps(record) + "\n" for record in explosion())
    found = evaluate(tmp_path, "p.jsonl", "fields: {scores: null}")
    assert found.figures["ml_exporter_rows_total",] == 100_000
    assert found.memory < usual
    assert len(found.figures) < 11_000
    shared = {key[1]: value for key, value in found.figures.items() if key[0] == "ml_exporter_overflowing_values_total"}
    assert shared["model_version"] == 100_000 - 50 * 20
    assert shared["endpoint"] == 100_000 - 50
    assert shared["feature c"] == 100_000 - 1000
    assert shared["class"] == 100_000 - 100
    requests = [value for key, value in found.figures.items() if key[0] == "ml_requests_total"]
    assert sum(requests) == 100_000
