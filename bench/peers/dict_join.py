"""A dict from identifier to prediction, from which a label takes its own away."""

from __future__ import annotations

from pathlib import Path

from bench.join_data import Requests, batches


class Work(Requests):
    """Forgets a prediction with its first label, and knows no times."""

    def __call__(self) -> int:
        waiting: dict[str, float] = {}
        for ids in batches(self.predicted):
            for request in ids:
                waiting[request] = 1.0
        right = 0
        for ids in batches(self.labelled):
            for request in ids:
                right += waiting.pop(request, 0.0) == 1.0
        return right


def prepare(folder: Path) -> Work:
    del folder
    return Work()
