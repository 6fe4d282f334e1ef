"""Numbers to counts by bin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from exporter.reference.edge_index import EdgeIndex

BATCH = 10_000


def prepare(folder: Path, edges: str) -> Callable[[], int]:
    """Count the columns of the wide window around ``edges`` quantiles of the reference, in batches of 10,000."""
    with np.load(folder / "wide-reference.npz") as reference, np.load(folder / "wide-window.npz") as window:
        quantiles = np.linspace(0, 1, int(edges))
        data = [
            (EdgeIndex(np.unique(np.quantile(reference[f"num_{i}"], quantiles))), window[f"num_{i}"]) for i in range(8)
        ]

    def work() -> int:
        checksum = 0
        for index, values in data:
            counts = np.zeros(index.number_of_slots, np.int64)
            for start in range(0, len(values), BATCH):
                index.tally(values[start : start + BATCH], counts)
            # Bins (a, b]: a value that equals an edge lies in the bin below it.
            bins = counts[0::2].copy()
            bins[:-1] += counts[1::2]
            checksum += int(bins @ np.arange(len(bins)))
        return checksum

    return work
