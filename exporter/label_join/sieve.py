"""Says quickly of most keys that they are not among some others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.rows.record import Hashes

Positions = NDArray[np.intp]

# An eighth of the keys that are not there pass, or less; each key takes a byte, or two.
_CELLS_PER_KEY = 8
_KEY_BITS = 64


class Sieve:
    """A bit for each range of keys, set where there is at least one: a Bloom filter (1970) with one hash, the key's own.

    The keys are hashes, hence spread evenly. Their first bits say which cell is theirs, so that keys in order ask for
    cells in order, which stay in the cache.
    """

    def __init__(self, keys: Hashes) -> None:
        bits = max((_CELLS_PER_KEY * len(keys) - 1).bit_length(), 3)
        self._shift = np.uint64(_KEY_BITS - bits)
        cells = np.zeros(1 << bits, dtype=bool)
        cells[self._cells(keys)] = True
        self._bits = np.packbits(cells, bitorder="little")

    def passes(self, keys: Hashes) -> Positions:
        """Return the positions of all keys that may be there."""
        cells = self._cells(keys)
        bits = self._bits[cells >> 3] >> (cells & 7).astype(np.uint8)
        return np.flatnonzero(bits & 1)

    def _cells(self, keys: Hashes) -> NDArray[np.int64]:
        return (keys >> self._shift).view(np.int64)
