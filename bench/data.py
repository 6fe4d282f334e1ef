"""The data of the benchmarks: made once, the same everywhere."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent / ".data"
# Part of the mark that says which data are there: a change in what is made must change it.
_VERSION = "1"

LINES = 200_000
REFERENCE_ROWS = 50_000
WINDOW_ROWS = 100_000
NUMERIC, CATEGORICAL = 12, 4
WIDE_NUMERIC, WIDE_CATEGORICAL = 35, 15
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# On average so many milliseconds lie between two records.
_PACE = 100
_LEVELS = (3, 5, 8, 20)
_CONFIGURATION = """\
models:
  bench:
    task: binary
    predictions: predictions.jsonl
    reference: reference.parquet
    fields: {{endpoint: endpoint}}
    endpoints: [/predict]
    limits: {{edges: {edges}}}
storage: {{path: state}}
"""

Columns = dict[str, NDArray[Any]]


def data() -> Path:
    """Return the folder with the data, made if they are not there."""
    mark = FOLDER / "made"
    if not (mark.exists() and mark.read_text() == _VERSION):
        FOLDER.mkdir(exist_ok=True)
        _make(FOLDER)
        mark.write_text(_VERSION)
    return FOLDER


def _make(folder: Path) -> None:
    random = np.random.default_rng(1)
    _write_reference(folder / "reference.parquet", random, columns(random, REFERENCE_ROWS, NUMERIC, CATEGORICAL))
    with (folder / "predictions.jsonl").open("w") as log:
        log.writelines(_lines(random, LINES))
    with (folder / "reference.jsonl").open("w") as log:
        log.writelines(_lines(random, REFERENCE_ROWS))
    for edges in (2048, 10_000):
        (folder / f"edges-{edges}.yml").write_text(_CONFIGURATION.format(edges=edges))
    for name, rows in (("wide-reference", REFERENCE_ROWS), ("wide-window", WINDOW_ROWS)):
        wide = columns(random, rows, WIDE_NUMERIC, WIDE_CATEGORICAL, levels=(20,))
        np.savez(folder / f"{name}.npz", **wide)  # type: ignore[arg-type]  # no column has the name of an option


def columns(
    random: np.random.Generator, rows: int, numeric: int, categorical: int, levels: tuple[int, ...] = _LEVELS
) -> Columns:
    """Return features: normal, log-normal, with cents and exponential ones in turn; categories by Zipf's law."""
    found: Columns = {}
    for i in range(numeric):
        kinds = (
            random.normal(size=rows),
            random.lognormal(size=rows),
            random.gamma(2.0, 40.0, rows).round(2),
            random.exponential(size=rows),
        )
        found[f"num_{i}"] = kinds[i % 4].round(4)
    for i in range(categorical):
        count = levels[i % len(levels)]
        shares = 1 / np.arange(1, count + 1)
        texts = np.array([f"lev{level}" for level in range(count)])
        found[f"cat_{i}"] = texts[random.choice(count, rows, p=shares / shares.sum())]
    return found


def _write_reference(path: Path, random: np.random.Generator, features: Columns) -> None:
    score = random.beta(2, 5, REFERENCE_ROWS)
    label = (random.random(REFERENCE_ROWS) < score).astype(int)
    pq.write_table(pa.table(features | {"score": score, "prediction": (score > 0.5).astype(int), "label": label}), path)


def _lines(random: np.random.Generator, rows: int) -> Iterator[str]:
    """Yield records of about 445 bytes: 8 fields beside the features, a time stamp with milliseconds, a UUID."""
    features = {name: values.tolist() for name, values in columns(random, rows, NUMERIC, CATEGORICAL).items()}
    score = random.beta(2, 5, rows).round(4).tolist()
    latency = random.gamma(4.0, 6.0, rows).round(3).tolist()
    moments = np.cumsum(random.integers(0, 2 * _PACE, rows)).tolist()
    halves = random.integers(1 << 62, size=(rows, 2)).tolist()
    for i in range(rows):
        moment = _BEGINNING + timedelta(milliseconds=moments[i])
        record = {
            "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "request_id": str(uuid.UUID(int=halves[i][0] << 64 | halves[i][1])),
            "version": "3",
            "endpoint": "/predict",
            "status": 200,
            "latency_ms": latency[i],
            "score": score[i],
            "prediction": int(score[i] > 0.5),
            "features": {name: values[i] for name, values in features.items()},
        }
        yield json.dumps(record, separators=(",", ":")) + "\n"
