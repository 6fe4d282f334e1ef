"""Blocks of rows that are also found by their time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from exporter.label_join.blocks import Block, BlockStore
from exporter.rows.record import Flags, Ints, Rows, concatenate

R = TypeVar("R", bound=Rows)


class DatedBlocks(BlockStore[R]):
    """Blocks of one kind of row, each row with a ``time``."""

    def __init__(self, empty: R) -> None:
        super().__init__(empty)
        # When the rows of each block are dated, so that most blocks need not be looked through.
        self._spans: dict[int, tuple[int, int]] = {}

    @property
    def times(self) -> Ints:
        """The time of every row, in no particular order."""
        return np.concatenate([_times(block.rows) for block in self.blocks] or [np.empty(0, np.int64)])

    @property
    def row_bytes(self) -> int:
        """What one row takes; 0 when there is none."""
        rows = self.blocks[0].rows if self.blocks else self._empty
        return sum(getattr(rows, column.name)[:1].nbytes for column in fields(rows))  # type: ignore[arg-type]

    def between(self, start: int, stop: int) -> R:
        """Return the rows dated in [start, stop)."""
        parts = [self._empty]
        for block in self.blocks:
            first, last = self._span(block)
            if first < stop and last >= start:
                times = _times(block.rows)
                parts.append(block.rows.take((times >= start) & (times < stop)))
        return concatenate(parts)

    def keep(self, which: Callable[[R], Flags]) -> None:
        """Forget all rows but those that ``which`` marks."""
        for block in list(self.blocks):
            kept = which(block.rows)
            if not kept.all():
                self._remove(block)
                if kept.any():
                    self._append_of(block, kept)

    def _span(self, block: Block[R]) -> tuple[int, int]:
        if len(self._spans) > 4 * len(self.blocks) + 16:
            numbers = {block.number for block in self.blocks}
            self._spans = {number: span for number, span in self._spans.items() if number in numbers}
        if block.number not in self._spans:
            times = _times(block.rows)
            self._spans[block.number] = int(times.min()), int(times.max())
        return self._spans[block.number]


def time_to_free(stores: Sequence[DatedBlocks[Any]], excess: int) -> int:
    """Return the time up to which the rows of some stores have to go, so that ``excess`` bytes are set free."""
    times = np.concatenate([store.times for store in stores])
    sizes = np.repeat([store.row_bytes for store in stores], [len(store) for store in stores])
    order = np.argsort(times)
    last = int(np.searchsorted(np.cumsum(sizes[order]), excess))
    return int(times[order[min(last, len(order) - 1)]])


def _times(rows: Rows) -> Ints:
    return rows.time  # type: ignore[attr-defined, no-any-return]  # rows that are kept have times
