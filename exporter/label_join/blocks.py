"""Rows kept for a while and found again by key: sorted, immutable blocks.

New rows make a new block; four blocks of one size are merged into one of the next, so a row is moved a handful
of times in its life and a look-up searches few blocks. Blocks that were saved need never be written again.
Most look-ups find nothing in most blocks, so each has a sieve that keeps nearly all of those from being searched.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from exporter.label_join.sieve import Sieve
from exporter.rows.record import Flags, Hashes, Rows, concatenate

_FAN = 4
_SMALLEST = 1024

# So few queries are found sooner without a sieve; with it, nearly all keys are at most so many rows further on.
_FEW = 200
_STEPS = 3

Positions = NDArray[np.intp]
R = TypeVar("R", bound=Rows)


class Matches(NamedTuple, Generic[R]):
    """Pairs of a query and a row that has its key: ``query`` (m,) positions in the queries, ``rows`` m rows."""

    query: Positions
    rows: R


@dataclass(slots=True, eq=False)
class Block(Generic[R]):
    """Rows sorted by key. ``number`` names the block for as long as its content stays the same.

    ``met`` (n,) says which rows were met, and is no content: it is not saved. None: any of them may have been.
    """

    number: int
    rows: R
    met: Flags | None = None
    _sieve: Sieve | None = None
    _has_repetitions: bool | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def keys(self) -> Hashes:
        return self.rows.key  # type: ignore[attr-defined, no-any-return]  # rows that are kept have keys

    def find(self, queries: Hashes) -> tuple[Positions, Positions]:
        """Return (m,) positions of queries and (m,) of their rows, a pair for each row with a query's key.

        Queries in order are found several times as fast as others.
        """
        hit, first = self._candidates(queries)
        same = np.flatnonzero(self.keys[first] == queries[hit])
        if len(same) < len(hit):
            hit, first = hit[same], first[same]
        widths = self._widths(first)
        if widths is None:
            return hit, first
        query = np.repeat(hit, widths)
        offsets = np.arange(len(query)) - np.repeat(np.cumsum(widths) - widths, widths)
        return query, np.repeat(first, widths) + offsets

    def meet(self, rows: Positions) -> Flags:
        """Say which of some rows (m,) may have been met before, and remember that they are met now."""
        if self.met is None:
            return np.ones(len(rows), dtype=bool)
        before = self.met[rows]
        self.met[rows] = True
        return before

    def _candidates(self, queries: Hashes) -> tuple[Positions, Positions]:
        """Return (m,) positions of all queries that may be there, and (m,) the first row that may have the key of each."""
        if len(queries) <= _FEW or len(self) <= _SMALLEST:
            return np.arange(len(queries)), self._searched(queries)
        if self._sieve is None:
            self._sieve = Sieve(self.keys)
        hit, first = self._sieve.passes(queries)
        wanted = queries[hit]
        behind = np.flatnonzero(self.keys[first] < wanted)
        for _ in range(_STEPS):
            first[behind] = ahead = np.minimum(first[behind] + 1, len(self) - 1)
            behind = behind[self.keys[ahead] < wanted[behind]]
        first[behind] = self._searched(wanted[behind])
        return hit, first

    def _searched(self, wanted: Hashes) -> Positions:
        return np.minimum(np.searchsorted(self.keys, wanted), len(self) - 1)

    def _widths(self, first: Positions) -> Positions | None:
        """Return how many rows have the same key as the rows ``first``, each the first of them; None: one each."""
        if self._has_repetitions is None:
            self._has_repetitions = bool((self.keys[1:] == self.keys[:-1]).any())
        if not self._has_repetitions:
            return None
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

    def add(self, rows: R, met: Flags | None = None) -> None:
        """Keep rows; ``met`` (n,) says which count as met (None: all, and nobody has to remember any)."""
        if not len(rows):
            return
        order = order_of(rows.key)  # type: ignore[attr-defined]
        self._append(rows.take(order), None if met is None else met[order])
        while run := self._due():
            self._merge(run)

    def find(self, queries: Hashes) -> Matches[R]:
        """Return every kept row that has one of the keys."""
        return self._matches(self._places(queries))

    def meet(self, queries: Hashes) -> tuple[Matches[R], Flags]:
        """Return what is found, and (m,) which of these rows may have been met before: from now on, all have been."""
        places = self._places(queries)
        before = [block.meet(rows) for _, block, rows in places]
        return self._matches(places), np.concatenate(before) if before else np.empty(0, np.bool_)

    def _places(self, queries: Hashes) -> list[tuple[Positions, Block[R], Positions]]:
        """Return for each block in which there are some (k,) positions of queries and (k,) of their rows."""
        if not len(queries) or not self.blocks:
            return []
        order = order_of(queries)
        ordered = queries[order]
        found = [(block, *block.find(ordered)) for block in self.blocks]
        return [(order[query], block, rows) for block, query, rows in found if len(query)]

    def _matches(self, places: list[tuple[Positions, Block[R], Positions]]) -> Matches[R]:
        if not places:
            return Matches(np.empty(0, np.intp), self._empty)
        query = np.concatenate([query for query, _, _ in places])
        return Matches(query, concatenate([block.rows.take(rows) for _, block, rows in places]))

    def drop_before(self, time: int) -> None:
        """Forget rows older than ``time`` wherever they are at least half of a block."""
        for block in list(self.blocks):
            old = block.rows.time < time  # type: ignore[attr-defined]
            if 2 * old.sum() >= len(block):
                self._remove(block)
                if not old.all():
                    self._append_of(block, ~old)

    def restore(self, number: int, rows: R) -> None:
        """Put back a block that was saved."""
        self.blocks.append(Block(number, rows))
        self._numbers = itertools.count(max(block.number for block in self.blocks) + 1)

    def forget_changes(self) -> None:
        self.added, self.removed = set(), set()

    def _due(self) -> list[Block[R]]:
        """Return blocks to be merged, none or so many: those of one size, and of the next where one more is too many.

        Thus rows are moved once where a merged block would be merged again.
        """
        sizes: dict[int, list[Block[R]]] = {}
        for block in self.blocks:
            sizes.setdefault(_size(len(block)), []).append(block)
        run = next((blocks for blocks in sizes.values() if len(blocks) >= _FAN), [])
        while run:
            fellows = [block for block in sizes.get(_size(sum(map(len, run))), []) if block not in run]
            if len(fellows) < _FAN - 1:
                break
            run = fellows + run
        return run

    def _merge(self, blocks: Sequence[Block[R]]) -> None:
        for block in blocks:
            self._remove(block)
        # Only a stable sort makes use of it that there are sorted runs to be merged; of others it is the slowest.
        order = np.argsort(np.concatenate([block.keys for block in blocks]), kind="stable")
        self._append(_gathered([block.rows for block in blocks], order), _all_met(blocks, order))

    def _append_of(self, block: Block[R], some: Flags) -> None:
        """Go on with some rows of a block."""
        self._append(block.rows.take(some), None if block.met is None else block.met[some])

    def _append(self, rows: R, met: Flags | None) -> None:
        block = Block(next(self._numbers), rows, met)
        self.blocks.append(block)
        self.added.add(block.number)

    def _remove(self, block: Block[R]) -> None:
        self.blocks.remove(block)
        if block.number in self.added:
            self.added.remove(block.number)
        else:
            self.removed.add(block.number)


def _gathered(parts: Sequence[R], order: Positions) -> R:
    """Return the rows of some batches in another order, one column after the other: that takes the least memory."""
    names = [column.name for column in fields(parts[0])]  # type: ignore[arg-type]
    columns = {name: np.concatenate([getattr(part, name) for part in parts])[order] for name in names}
    return replace(parts[0], **columns)  # type: ignore[type-var]


def _all_met(blocks: Sequence[Block[Any]], order: Positions) -> Flags | None:
    """Return which rows of some blocks, put into order, were met; None where that need not be known any more."""
    if all(block.met is None for block in blocks):
        return None
    met = np.concatenate([np.ones(len(block), dtype=bool) if block.met is None else block.met for block in blocks])
    return None if met.all() else met[order]


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
