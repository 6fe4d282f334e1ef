"""JSON lines to columns: the source and the decoder, from the file's first byte to its last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.model import NOW, pipeline_of


def prepare(folder: Path) -> Callable[[], float]:
    def work() -> float:
        pipeline = pipeline_of(folder)
        column = [field.name for field in pipeline.layout.numeric].index("num_0")
        total = 0.0
        while (delivery := pipeline.predictions.poll(NOW)) is not None:
            total += float(delivery.rows.numeric[:, column].sum())
        pipeline.close()
        return total

    return work
