"""Real logs, converted to other formats, give the figures of the JSON lines that they were."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.configuration.schema import Model
from exporter.durations import parse_timestamp
from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from exporter.snapshot import Histogram
from tests.exporter.decoders.tables import flattened

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = parse_timestamp("2100-01-01T00:00:00Z")
Figures = dict[tuple[str, ...], float]
Log = Sequence[dict[str, Any]]


@cache
def model_of(example: str) -> Model:
    (model,) = load(ROOT / "examples" / example / "driftbell.yml").configuration.models.values()
    return model


def figures(example: str, **logs: tuple[str, ...]) -> Figures:
    """Evaluate an example; ``logs`` are a format and paths for predictions and labels."""
    model = model_of(example)
    assert model.labels is not None
    changes: dict[str, Any] = {}
    for name, (kind, *paths) in logs.items():
        section = getattr(model, name)
        changes[name] = section.model_copy(update={"format": kind, "paths": tuple(paths)})
    changed = model.model_copy(update=changes)
    pipeline = Pipeline(changed, profile_of(model, None), 7, finish=True)
    samples = Backtest(pipeline, None, "known").run(NOW)
    found: Figures = {}
    for sample in samples:
        key = (sample.metric.name, *sample.labels)
        if isinstance(sample.value, Histogram):
            found |= {(*key, str(number)): count for number, count in enumerate(sample.value.cumulative)}
            found[*key, "sum"] = sample.value.total
        elif sample.metric not in (catalogue.SOURCE_INFO, catalogue.MODEL_CONFIG_INFO):
            found[key] = sample.value
    pipeline.close()
    return found


def differing(one: Figures, other: Figures) -> set[tuple[str, ...]]:
    """Return which figures differ: counts in anything, others in more than the last digits of a sum of floats."""
    assert one.keys() == other.keys()
    return {
        key
        for key, value in one.items()
        if value != other[key] and (isinstance(value, int) or value != pytest.approx(other[key], rel=1e-11))
    }


@cache
def as_lines(example: str) -> Figures:
    return figures(example)


def records(example: str, name: str) -> Log:
    with gzip.open(ROOT / "examples" / example / f"{name}.jsonl.gz") as lines:
        return [json.loads(line) for line in lines]


def write_csv(path: Path, log: Log) -> None:
    flat = [flattened(record) for record in log]
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for record in flat for name in record)))
        writer.writeheader()
        writer.writerows(flat)


def write_parquet(path: Path, log: Log) -> None:
    typed = [{**record, "timestamp": datetime.fromisoformat(record["timestamp"])} for record in log]
    parquet.write_table(pa.Table.from_pylist(typed), path, row_group_size=5000)


def test_figures_of_csv(tmp_path: Path) -> None:
    for name in ("predictions", "labels"):
        write_csv(tmp_path / f"{name}.csv.gz", records("bike", name))
    got = figures(
        "bike", predictions=("csv", str(tmp_path / "pred*.csv.gz")), labels=("csv", str(tmp_path / "labels.csv.gz"))
    )
    assert len(got) > 300
    assert differing(got, as_lines("bike")) == set()


def test_figures_of_parquet(tmp_path: Path) -> None:
    log = records("elec2", "predictions")
    for day in range(0, len(log), 9000):
        folder = tmp_path / "predictions" / f"part={day:06}"
        folder.mkdir(parents=True)
        write_parquet(folder / "0.parquet", log[day : day + 9000])
    write_parquet(tmp_path / "labels.parquet", records("elec2", "labels"))
    got = figures(
        "elec2",
        predictions=("parquet", str(tmp_path / "predictions")),
        labels=("parquet", str(tmp_path / "labels.parquet")),
    )
    assert len(got) > 300
    assert differing(got, as_lines("elec2")) == set()


PROGRAM = """
import sys
from pathlib import Path
from exporter.configuration.loading import parse
from exporter.pipeline import Pipeline
text = "models: {m: {task: binary, features: {x: numeric}, predictions: %s}}"
model = parse(text, file="d.yml", folder=Path(sys.argv[1])).configuration.models["m"]
pipeline = Pipeline(model, None, 0, finish=True)
assert len(pipeline.predictions.poll(2_000_000_000_000_000).rows) == 1
print("pyarrow" in sys.modules)
"""


@pytest.mark.parametrize(("name", "loaded"), [("a.jsonl", False), ("a.csv", False), ("a.parquet", True)])
def test_pyarrow_is_loaded_for_parquet_alone(tmp_path: Path, name: str, loaded: bool) -> None:
    record = {"timestamp": "2026-01-01T00:00:00Z", "features": {"x": 1.5}}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    (tmp_path / "a.csv").write_text("timestamp,features.x\n2026-01-01T00:00:00Z,1.5\n")
    parquet.write_table(pa.Table.from_pylist([record]), tmp_path / "a.parquet")
    program = [sys.executable, "-c", PROGRAM % name, str(tmp_path)]
    found = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(loaded)
