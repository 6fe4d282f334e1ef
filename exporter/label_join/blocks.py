"""Rows kept for a while and found again by key: sorted, immutable blocks.

New rows make a new block; four blocks of one size are merged into one of the next, so a row is moved a handful
of times in its life and a look-up searches few blocks. Blocks that were saved need never be written again.
Most look-ups find nothing in most blocks, so each has a sieve that keeps nearly all of those from being searched.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from exporter.label_join.sieve import Sieve
from exporter.rows.record import Hashes, Rows, concatenate

_FAN = 4
_SMALLEST = 1024

Positions = NDArray[np.intp]
R = TypeVar("R", bound=Rows)


class Matches(NamedTuple, Generic[R]):
    """Pairs of a query and a row that has its key: ``query`` (m,) positions in the queries, ``rows`` m rows."""

    query: Positions
    rows: R


@dataclass(slots=True, eq=False)
class Block(Generic[R]):
    """Rows sorted by key. ``number`` names the block for as long as its content stays the same."""

    number: int
    rows: R
    _sieve: Sieve | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def keys(self) -> Hashes:
        return self.rows.key  # type: ignore[attr-defined, no-any-return]  # rows that are kept have keys

    def find(self, queries: Hashes) -> tuple[Positions, Positions]:
        """Return (m,) positions of queries and (m,) of their rows, a pair for each row with a query's key.

        Queries in order are found several times as fast as others.
        """
        if self._sieve is None:
            self._sieve = Sieve(self.keys)
        hit = self._sieve.passes(queries)
        first = np.searchsorted(self.keys, queries[hit], "left")
        same = self.keys[np.minimum(first, len(self) - 1)] == queries[hit]
        hit, first = hit[same], first[same]
        widths = self._widths(first)
        if widths is None:
            return hit, first
        query = np.repeat(hit, widths)
        offsets = np.arange(len(query)) - np.repeat(np.cumsum(widths) - widths, widths)
        return query, np.repeat(first, widths) + offsets

    def _widths(self, first: Positions) -> Positions | None:
        """Return how many rows have the same key as the rows ``first``, each the first of them; None: one each."""
        keys = self.keys[first]
        several = np.flatnonzero(self.keys[np.minimum(first + 1, len(self) - 1)] == keys)
        several = several[first[several] + 1 < len(self)]
        if not len(several):
            return None
        widths = np.ones(len(first), np.intp)
        widths[several] = np.searchsorted(self.keys, keys[several], "right") - first[several]
        return widths


class BlockStore(Generic[R]):
    """Blocks of one kind of row."""

    def __init__(self, empty: R) -> None:
        self._empty = empty
        self._numbers = itertools.count()
        self.blocks: list[Block[R]] = []
        # What has to be written and deleted where blocks are saved.
        self.added: set[int] = set()
        self.removed: set[int] = set()

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def __iter__(self) -> Iterator[Block[R]]:
        return iter(self.blocks)

    def add(self, rows: R) -> None:
        if not len(rows):
            return
        self._append(rows.take(order_of(rows.key)))  # type: ignore[attr-defined]
        while (run := self._same_size()) is not None:
            self._merge(run)

    def find(self, queries: Hashes) -> Matches[R]:
        """Return every kept row that has one of the keys."""
        if not len(queries) or not self.blocks:
            return Matches(np.empty(0, np.intp), self._empty)
        order = order_of(queries)
        ordered = queries[order]
        query, parts = [], []
        for block in self.blocks:
            found, rows = block.find(ordered)
            if len(found):
                query.append(order[found])
                parts.append(block.rows.take(rows))
        if not parts:
            return Matches(np.empty(0, np.intp), self._empty)
        return Matches(np.concatenate(query), concatenate(parts))

    def drop_before(self, time: int) -> None:
        """Forget rows older than ``time`` wherever they are at least half of a block."""
        for block in list(self.blocks):
            old = block.rows.time < time  # type: ignore[attr-defined]
            if 2 * old.sum() >= len(block):
                self._remove(block)
                if not old.all():
                    self._append(block.rows.take(~old))

    def restore(self, number: int, rows: R) -> None:
        """Put back a block that was saved."""
        self.blocks.append(Block(number, rows))
        self._numbers = itertools.count(max(block.number for block in self.blocks) + 1)

    def forget_changes(self) -> None:
        self.added, self.removed = set(), set()

    def _same_size(self) -> list[Block[R]] | None:
        sizes: dict[int, list[Block[R]]] = {}
        for block in self.blocks:
            sizes.setdefault(_size(len(block)), []).append(block)
        return next((blocks for blocks in sizes.values() if len(blocks) >= _FAN), None)

    def _merge(self, blocks: Sequence[Block[R]]) -> None:
        for block in blocks:
            self._remove(block)
        rows = concatenate([block.rows for block in blocks])
        # Only a stable sort makes use of it that there are sorted runs to be merged; of others it is the slowest.
        self._append(rows.take(np.argsort(rows.key, kind="stable")))  # type: ignore[attr-defined]

    def _append(self, rows: R) -> None:
        block = Block(next(self._numbers), rows)
        self.blocks.append(block)
        self.added.add(block.number)

    def _remove(self, block: Block[R]) -> None:
        self.blocks.remove(block)
        if block.number in self.added:
            self.added.remove(block.number)
        else:
            self.removed.add(block.number)


def order_of(keys: Hashes) -> Positions:
    """Return positions (n,) that put keys (n,) into order; those in order, as they often are, cost next to nothing."""
    if (keys[1:] >= keys[:-1]).all():
        return np.arange(len(keys))
    return np.argsort(keys)


def _size(rows: int) -> int:
    """The size class of a block: 0 up to ``_SMALLEST`` rows, then one more for every factor ``_FAN``."""
    size = 0
    while rows > _SMALLEST:
        rows //= _FAN
        size += 1
    return size
