"""JSON lines to columns where only a hundred lines are there at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import NOW, SEED, pipeline_of
from exporter.decoders.json_lines import JsonLines
from exporter.decoders.prediction import PredictionGatherer
from exporter.rows.record import Predictions

_BATCH = 100


def prepare(folder: Path) -> Callable[[], float]:
    layout = pipeline_of(folder).layout
    decoder = JsonLines[Predictions](PredictionGatherer(layout, SEED))
    column = [field.name for field in layout.numeric].index("num_0")

    def work() -> float:
        lines = (folder / "predictions.jsonl").read_bytes().splitlines()
        batches = (lines[start : start + _BATCH] for start in range(0, len(lines), _BATCH))
        return sum(float(decoder.decode(batch, NOW).rows.numeric[:, column].sum()) for batch in batches)

    return work
