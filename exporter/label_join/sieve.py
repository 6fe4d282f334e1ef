"""Says quickly of most keys that they are not among some others, and of the rest about where they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.rows.record import Hashes

Positions = NDArray[np.intp]

# A sixth of the keys that are not there pass, or less; each key takes 9 bits: 6 cells, and its share of the counts.
_CELLS_PER_KEY = 6
# Words of 64 cells. Shifted and masked, since to divide takes NumPy several times as long.
_WORD_BITS, _IN_WORD = 6, 63
_HALF = np.uint64(32)


class Sieve:
    """A bit for each range of keys, set where there is at least one: a Bloom filter (1970) with one hash, the key's own.

    The keys are hashes, hence spread evenly, and sorted. Their first half says which cell is theirs, so that keys in
    order ask for cells in order, which stay in the cache. A count for each word of bits tells how many keys come before
    it, so that with the bits below its own a key's place is counted instead of searched for: ranks as in G. Jacobson,
    "Space-efficient static trees and graphs" (1989), but for the keys that share a cell.
    """

    def __init__(self, keys: Hashes) -> None:
        words = (_CELLS_PER_KEY * len(keys) >> _WORD_BITS) + 1
        self._size = np.uint64(words << _WORD_BITS)
        taken = self._cells(keys)
        cells = np.zeros(int(self._size), dtype=bool)
        cells[taken] = True
        self._words = np.packbits(cells, bitorder="little").view("<u8")
        counts = np.bincount(taken >> _WORD_BITS, minlength=words)
        self._before = (np.cumsum(counts) - counts).astype(np.int32)

    def passes(self, keys: Hashes) -> tuple[Positions, Positions]:
        """Return the positions (m,) of all keys that may be there, and (m,) the places before which they cannot be."""
        cells = self._cells(keys)
        word = cells >> _WORD_BITS
        # The key's own bit comes to the top, and what is above it is gone.
        bits = self._words[word] << (~cells & _IN_WORD).view(np.uint64)
        passed = np.flatnonzero(bits.view(np.int64) < 0)
        return passed, self._before[word[passed]] + np.bitwise_count(bits[passed]) - np.intp(1)

    def _cells(self, keys: Hashes) -> NDArray[np.int64]:
        return ((keys >> _HALF) * self._size >> _HALF).view(np.int64)
