"""JSON lines to columns with orjson, a batch of lines at a time: what people write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

_TEXTS = ("timestamp", "request_id", "version", "endpoint")
_NUMBERS = ("status", "latency_ms", "score", "prediction")
_NUMERIC = [f"num_{i}" for i in range(12)]
_CATEGORICAL = [f"cat_{i}" for i in range(4)]


def columns(lines: Sequence[bytes]) -> dict[str, Any]:
    """Return an array for each number, a list for each text."""
    records = [orjson.loads(line) for line in lines]
    features = [record["features"] for record in records]
    found: dict[str, Any] = {name: [record[name] for record in records] for name in _TEXTS}
    found |= {name: np.array([record[name] for record in records], np.float64) for name in _NUMBERS}
    found |= {name: np.array([feature[name] for feature in features], np.float64) for name in _NUMERIC}
    return found | {name: [feature[name] for feature in features] for name in _CATEGORICAL}


def prepare(folder: Path, batch: str) -> Callable[[], float]:
    size = int(batch)

    def work() -> float:
        lines = (folder / "predictions.jsonl").read_bytes().splitlines()
        batches = (lines[start : start + size] for start in range(0, len(lines), size))
        return sum(float(columns(each)["num_0"].sum()) for each in batches)

    return work
