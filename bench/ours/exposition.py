"""The page of 10,000 series, most of which the last page had."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from bench.ours.series import snapshots
from exporter.exposition.text import Renderer


def prepare(folder: Path) -> Callable[[], int]:
    del folder
    renderer = Renderer()
    ready = list(islice(snapshots(), 10))

    def work() -> int:
        return sum(len(renderer.render(snapshot)) for snapshot in ready)

    return work
