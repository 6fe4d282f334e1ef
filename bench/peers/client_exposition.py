"""generate_latest of prometheus_client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prometheus_client import generate_latest

from bench.peers.client_series import registry


def prepare(folder: Path) -> Callable[[], int]:
    del folder
    series = registry()

    def work() -> int:
        return sum(len(generate_latest(series)) for _ in range(10))

    return work
