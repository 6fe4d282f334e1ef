"""Columns on their way from a decoder to a gatherer.

A column is a sequence of single values as JSON would have them, with None and ``INVALID_VALUE``; or, where a format
has whole columns of one type, one of the shorter ways below. Whoever wants the single values can always have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.decoders.leaf import INVALID_VALUE
from exporter.rows.record import Flags, Floats

# Times that are there but of no use, and that are not there.
BAD_TIME = np.iinfo(np.int64).min
NO_TIME = BAD_TIME + 1


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Few distinct ``values`` and for each row (n,) which of them it has."""

    values: Sequence[Any]
    places: NDArray[np.integer[Any]]

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces(Sequence[Any]):
    """Plain texts that lie in a ``block``: to make objects of identifiers costs more than all else that is done with them.

    ``places`` (2, n) say where they start and where they stop; -1, -2, … stands for the first, the second, … of ``others``.
    """

    block: bytes
    places: NDArray[np.int64]
    others: Sequence[Any]

    def __len__(self) -> int:
        return len(self.places[0])

    def __getitem__(self, row: Any) -> Any:
        return list(self)[row] if isinstance(row, slice) else self._at(*self.places[:, row].tolist())

    def __iter__(self) -> Iterator[Any]:
        return map(self._at, *self.places.tolist())

    def _at(self, start: int, stop: int) -> Any:
        return self.block[start:stop].decode("ascii") if start >= 0 else self.others[~start]


@dataclass(frozen=True, slots=True, eq=False)
class ByClass:
    """Probabilities (n,) by class: NaN is not there, infinity not usable."""

    columns: Mapping[str, Floats]
    rows: int

    def __len__(self) -> int:
        return self.rows


Numbers = NDArray[Any]
"""Floats (n,), where NaN is "not there" and an infinity "not usable"; floats (n, C) for lists; times as int64 (n,)."""
Column = Sequence[Any] | Encoded | ByClass | Numbers


def taken(column: Column, rows: Flags) -> Column:
    """Return some of the rows, by a mask."""
    if isinstance(column, Encoded):
        return in_order(Encoded(column.values, column.places[rows]))
    if isinstance(column, ByClass):
        return ByClass({name: values[rows] for name, values in column.columns.items()}, int(rows.sum()))
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, Pieces):
        return Pieces(column.block, column.places[:, rows], column.others)
    return list(compress(column, rows.tolist()))


def in_order(column: Encoded) -> Encoded:
    """Return the column with the values that some row has, in the order in which they appear."""
    count = len(column)
    first = np.full(len(column.values), count)
    # Of several rows with a value the first one is written last, and stays.
    first[column.places[::-1]] = np.arange(count)[::-1]
    used = np.flatnonzero(first < count)
    order = used[np.argsort(first[used])]
    numbers = np.empty_like(first)
    numbers[order] = np.arange(len(order))
    return Encoded([column.values[place] for place in order.tolist()], numbers[column.places])


def completed(column: Column, kept: Flags, late: Flags, values: Column) -> Column:
    """Return the ``kept`` rows of a column, a mask (n,), with other values (m,) of the same kind in those that are ``late`` (n,).

    What stands in late rows may be anything.
    """
    rows = np.flatnonzero(late[kept])
    if isinstance(column, Encoded):
        more = values_of(values)
        places = column.places[kept]
        places[rows] = np.arange(len(column.values), len(column.values) + len(more))
        return in_order(Encoded([*column.values, *more], places))
    if isinstance(column, Pieces):
        more = values_of(values)
        places = column.places[:, kept]
        places[0, rows] = ~np.arange(len(column.others), len(column.others) + len(more))
        return Pieces(column.block, places, [*column.others, *more])
    found: Column = taken(column, kept)
    assert isinstance(found, list | np.ndarray)  # others have no late rows
    if isinstance(found, np.ndarray):
        found[rows] = values
    else:
        for row, value in zip(rows.tolist(), values_of(values), strict=True):
            found[row] = value
    return found


def values_of(column: Column) -> Sequence[Any]:
    """Return the single values of texts, booleans or numbers."""
    if isinstance(column, Encoded):
        return [column.values[place] for place in column.places.tolist()]
    if isinstance(column, np.ndarray):
        return [_number(value) for value in column.tolist()]
    assert not isinstance(column, ByClass)  # fields that are no scalars share their path with no others
    return list(column) if isinstance(column, Pieces) else column


def mapped(column: Column, each: Callable[[Sequence[Any]], NDArray[Any]]) -> NDArray[Any]:
    """Apply a function from values to an array; it sees each distinct value of an encoded column once."""
    if isinstance(column, Encoded):
        return each(column.values).take(column.places)
    if isinstance(column, np.ndarray):
        distinct, places = np.unique(column, return_inverse=True)
        return each(values_of(distinct))[places]
    return each(values_of(column))


def _number(value: float) -> Any:
    return None if value != value else INVALID_VALUE if value in (np.inf, -np.inf) else value  # noqa: PLR0124 - NaN


def presence(column: Column) -> tuple[Flags, Flags]:
    """Return which rows (n,) have no value, and which have one that is of no use."""
    if isinstance(column, np.ndarray):
        if column.dtype == np.int64:
            return column == NO_TIME, column == BAD_TIME
        return np.isnan(column), np.isinf(column)
    if isinstance(column, Encoded):
        absent, unusable = presence(column.values)
        return absent[column.places], unusable[column.places]
    assert not isinstance(column, ByClass)  # scores are never required
    absent = np.fromiter((value is None for value in column), np.bool_, len(column))
    unusable = np.fromiter((value is INVALID_VALUE for value in column), np.bool_, len(column))
    return absent, unusable
