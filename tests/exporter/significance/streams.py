"""Streams of rows that depend on the rows before them."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from exporter.statistics.arrays import Counts, Floats


def autoregressive(random: np.random.Generator, rows: int, likeness: float) -> Floats:
    """Return standard normal values each of which has the correlation ``likeness`` with the one before."""
    steps = random.normal(size=rows) * np.sqrt(1 - likeness**2)
    steps[0] = random.normal()
    stream: Floats = lfilter([1.0], [1.0, -likeness], steps)
    return stream


def by_block(values: Floats, cuts: Floats, blocks: int) -> Counts:
    """Return rows by block, in order, and bin (a, b] between ``cuts``: (blocks, cuts + 1)."""
    found = np.zeros((blocks, len(cuts) + 1), np.int64)
    np.add.at(found, (np.arange(len(values)) * blocks // len(values), np.searchsorted(cuts, values)), 1)
    return found
