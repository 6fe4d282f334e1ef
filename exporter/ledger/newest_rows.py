"""The newest rows of a model: what windows of a number of rows need and sums cannot give.

Which rows are the newest follows from the set of rows alone, so neither order, batches nor restarts change it: of
rows of the same time those are the newer ones that are greater in the first column in which they differ, texts
compared as texts and not as codes, and the request's key last. Rows that agree in everything may stand in for each
other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import Layout
from exporter.label_join.dated_blocks import DatedBlocks
from exporter.rows.dictionary import Dictionary
from exporter.rows.record import Codes, Flags, Floats, Predictions, concatenate

# So many times the rows that are asked for may be there: to look for the oldest with each new row would cost too much.
ROOM = 1.5
# Who counts rows needs some hundred bytes for each feature of each row; so they are handed out so many at a time.
_AT_ONCE = 8192


class NewestRows:
    """Keeps at least the newest ``capacity`` rows, and at most ``ROOM`` times as many."""

    def __init__(self, layout: Layout, capacity: int) -> None:
        self.capacity = capacity
        self.blocks = DatedBlocks(no_rows(layout))
        self._layout = layout

    def __len__(self) -> int:
        return len(self.blocks)

    def add(self, rows: Predictions) -> None:
        # No figure of these rows is about amounts, and how many there are follows the objectives.
        rows = replace(rows, amounts=np.empty((len(rows), 0)))
        (newest,) = self._newest([rows], self.capacity)
        self.blocks.add(rows.take(newest))
        if len(self) > ROOM * self.capacity:
            kept = iter(self._newest(self._parts, self.capacity))
            self.blocks.keep(lambda _: next(kept))

    def newest(self, rows: int) -> Iterator[Predictions]:
        """Yield the newest rows, so many of them or as many as there are, in no particular order and in small parts."""
        parts = self._parts
        for part, flags in zip(parts, self._newest(parts, rows), strict=True):
            for start in range(0, len(part), _AT_ONCE):
                here = slice(start, start + _AT_ONCE)
                yield part.take(here).take(flags[here])

    def forget(self, version: int) -> None:
        """Forget the rows of a version."""
        self.blocks.keep(lambda rows: rows.version != version)

    @property
    def _parts(self) -> list[Predictions]:
        return [block.rows for block in self.blocks]

    def _newest(self, parts: Sequence[Predictions], most: int) -> list[Flags]:
        """Mark the newest rows of some parts, ``most`` of them if there are as many."""
        sizes = [len(part) for part in parts]
        if sum(sizes) <= most:
            return [np.ones(size, dtype=bool) for size in sizes]
        times = np.concatenate([part.time for part in parts])
        oldest = np.partition(times, len(times) - most)[len(times) - most]
        newest = times > oldest
        tied = np.flatnonzero(times == oldest)
        wanted = most - int(newest.sum())
        if wanted < len(tied):
            rows = concatenate([part.take(part.time == oldest) for part in parts])
            tied = tied[np.lexsort(list(_order(self._layout, rows)))][-wanted:]
        newest[tied] = True
        return np.split(newest, np.cumsum(sizes)[:-1])


def no_rows(layout: Layout) -> Predictions:
    """Return no rows, with the columns of a layout."""
    return Predictions(
        time=np.empty(0, np.int64),
        key=np.empty(0, np.uint64),
        has_key=np.empty(0, np.bool_),
        version=np.empty(0, np.int32),
        endpoint=np.empty(0, np.int32),
        status=np.empty(0, np.int32),
        latency=np.empty(0),
        numeric=np.empty((0, len(layout.numeric))),
        categorical=np.empty((0, len(layout.categorical)), np.int32),
        predicted=np.empty(0),
        scores=np.empty((0, layout.score_columns)),
        groups=np.empty((0, len(layout.segments)), np.int32),
        amounts=np.empty((0, 0)),
    )


def bytes_at_most(layout: Layout, capacity: int) -> int:
    """What the newest ``capacity`` rows take, with the room that they are given."""
    return math.ceil(ROOM * capacity) * row_bytes(layout)


def row_bytes(layout: Layout) -> int:
    """What one row takes."""
    rows = no_rows(layout)
    columns = (getattr(rows, column.name) for column in fields(rows))
    return sum(column.itemsize * math.prod(column.shape[1:]) for column in columns)


def _order(layout: Layout, rows: Predictions) -> Iterator[NDArray[Any]]:
    """Yield what rows of one time are ordered by, the least important first."""
    yield rows.key
    yield from _ranked_groups(layout, rows.groups)
    yield from rows.scores.T
    yield rows.predicted if layout.is_regression else _ranked_classes(layout, rows.predicted)
    for field, codes in zip(layout.categorical, rows.categorical.T, strict=True):
        yield _ranked(field.dictionary, codes)
    yield from rows.numeric.T
    yield rows.latency
    yield rows.status
    yield _ranked(layout.endpoints, rows.endpoint)
    yield _ranked(layout.versions, rows.version)


def _ranked(dictionary: Dictionary, codes: Codes) -> Codes:
    """Put codes into the order of their texts; those without a text stay where they are."""
    ranks = np.arange(dictionary.capacity, dtype=np.int32)
    order = sorted(range(len(dictionary.texts)), key=dictionary.texts.__getitem__)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return np.where(codes >= 0, ranks[codes], codes).astype(np.int32)


def _ranked_classes(layout: Layout, predicted: Floats) -> Floats:
    ranked = predicted.copy()
    known = np.isfinite(predicted)
    ranked[known] = _ranked(layout.classes, predicted[known].astype(np.int32))
    return ranked


def _ranked_groups(layout: Layout, groups: Codes) -> Iterator[Codes]:
    first = 1
    for dictionary, column in zip(layout.segments.values(), groups.T, strict=True):
        yield _ranked(dictionary, np.where(column >= 0, column - first, column).astype(np.int32))
        first += dictionary.capacity
