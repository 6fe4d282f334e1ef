"""Ten thousand series of one metric, as an evaluation leaves them."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.snapshot import Sample, Snapshot, snapshot_of

SERIES = 10_000


def snapshots() -> Iterator[Snapshot]:
    """Yield snapshots of the same series with other values each time."""
    labels = [
        ("model", "3", "data", f"feature_{i // 100}", f"method_{i % 10}", "training", f"{i // 10 % 10}h")
        for i in range(SERIES)
    ]
    turn = 0
    while True:
        turn += 1
        yield snapshot_of(
            Sample(catalogue.DRIFT_SCORE, each, ((i * 7919 + turn) % 10_007) / 10_007) for i, each in enumerate(labels)
        )
