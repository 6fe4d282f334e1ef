"""The data of the memory benchmark: a day of one row a second with a hundred features, read by ten models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import FOLDER, columns

MODELS, NUMERIC, CATEGORICAL, EDGES = 10, 80, 20, 512
# The longest window is full a day after the first row.
ROWS = 87_000
_REFERENCE_ROWS = 20_000
_CHUNK = 5_000
BEGINNING = 1_767_225_600
_MODEL = """\
  model-{number}:
    task: binary
    predictions: predictions.jsonl
    reference: reference.parquet
    time_format: epoch_s
    windows: [1h, 24h]
    idle_timeout: 3650d
    limits: {{edges: {edges}}}
"""


def data() -> Path:
    """Return the folder with the data and ``driftbell.yml``, made if they are not there."""
    folder = FOLDER / "memory"
    if not (folder / "driftbell.yml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(2)
        score = random.beta(2, 5, _REFERENCE_ROWS)
        outputs = {"score": score, "prediction": (score > 0.5).astype(int), "label": (score > 0.4).astype(int)}
        features = columns(random, _REFERENCE_ROWS, NUMERIC, CATEGORICAL)
        pq.write_table(pa.table(features | outputs), folder / "reference.parquet")
        with (folder / "predictions.jsonl").open("w") as log:
            log.writelines(_lines(random))
        models = "".join(_MODEL.format(number=number, edges=EDGES) for number in range(MODELS))
        (folder / "driftbell.yml").write_text(f"models:\n{models}")
    return folder


def _lines(random: np.random.Generator) -> Iterator[str]:
    for start in range(0, ROWS, _CHUNK):
        rows = min(_CHUNK, ROWS - start)
        features = {name: each.tolist() for name, each in columns(random, rows, NUMERIC, CATEGORICAL).items()}
        score = random.beta(2, 5, rows).tolist()
        for i in range(rows):
            record = {
                "timestamp": BEGINNING + start + i,
                "request_id": str(start + i),
                "version": "1",
                "status": 200,
                "latency_ms": 5 + i % 50,
                "score": score[i],
                "prediction": int(score[i] > 0.5),
                "features": {name: each[i] for name, each in features.items()},
            }
            yield json.dumps(record, separators=(",", ":")) + "\n"
