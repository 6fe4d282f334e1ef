"""A dict from identifier to prediction, from which a label takes its own away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.join_data import BATCH, ROWS, identifiers, order


def prepare(folder: Path) -> Callable[[], int]:
    del folder
    ids = identifiers()
    labelled = [ids[i] for i in order()]

    def work() -> int:
        waiting: dict[str, int] = {}
        for start in range(0, ROWS, BATCH):
            for request in ids[start : start + BATCH]:
                waiting[request] = 1
        right = 0
        for start in range(0, ROWS, BATCH):
            for request in labelled[start : start + BATCH]:
                right += waiting.pop(request, 0) == 1
        return right

    return work
