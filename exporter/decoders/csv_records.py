"""CSV records to columns.

Records are split some hundreds at a time, by the standard library where anything is quoted, and only the cells that somebody wants
become values. A record that cannot be split, or has not as many cells as the header, is rejected by itself.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Generic, TypeVar

import numpy as np

from exporter.decoders.csv_cells import column_of, numbers
from exporter.decoders.gatherer import Gatherer
from exporter.decoders.leaf import INVALID_VALUE, Leaf
from exporter.decoders.table import Path, gathered, leaves_by_path
from exporter.decoders.typed import ByClass, Column
from exporter.rows.category import is_unicode
from exporter.rows.record import Decoded, Refusals, Rows, concatenate
from exporter.sources.framing import CsvRecords

R = TypeVar("R", bound=Rows)

_MICRO_BATCH = 1000

Cells = Sequence[Sequence[str]]
"""Cells by column."""
_Read = Callable[[Cells, int], Column]


class CsvDecoder(Generic[R]):
    """Decodes records of CSV files into the rows of a gatherer.

    A value lies in the column that is called like its path with dots: the feature ``amount`` under ``features`` in
    ``features.amount``. Probabilities by class may have a column each, ``scores.setosa``.
    """

    def __init__(self, gatherer: Gatherer[R], delimiter: str = ",") -> None:
        self._gatherer = gatherer
        self._delimiter = delimiter
        self._leaves = leaves_by_path(gatherer)
        self._names: Sequence[str] | None = None
        self._reads: Mapping[Path, _Read] = {}
        # The source keeps records short; the library's own limit is one for all of the process.
        csv.field_size_limit(sys.maxsize)

    def decode(self, payload: CsvRecords, now: int) -> Decoded[R]:
        """Return the rows of the records, in their order, and what could not be used."""
        refusals = Refusals()
        self._look_at(payload.names)
        starts = range(0, max(len(payload.records), 1), _MICRO_BATCH)
        parts = [self._part(payload.records[i : i + _MICRO_BATCH], len(payload.names), now, refusals) for i in starts]
        return Decoded(self._gatherer.finish(concatenate(parts), refusals), len(payload.records), refusals)

    def _part(self, records: Sequence[bytes], width: int, now: int, refusals: Refusals) -> R:
        cells = self._plain_cells(records, width)
        if cells is None:
            rows = _of_width(width, self._split(records, refusals), refusals)
            cells, count = list(zip(*rows, strict=True)) or [()] * width, len(rows)
            columns = self._columns(cells, count)
            columns = columns if _is_utf8(records) else {path: _usable(column) for path, column in columns.items()}
        else:
            count = len(records)
            columns = self._columns(cells, count)
        return gathered(self._gatherer, columns, count, now, refusals)

    def _columns(self, cells: Cells, count: int) -> Mapping[Path, Column]:
        return {path: read(cells, count) for path, read in self._reads.items()}

    def _plain_cells(self, records: Sequence[bytes], width: int) -> Cells | None:
        """Split records in which nothing is quoted, all at once; None when it takes more care than that."""
        text = f"{self._delimiter}\n".encode().join(records)
        if not (records and width) or b'"' in text or b"\r" in text:
            return None
        try:
            cells = text.decode().split(self._delimiter)
        except UnicodeDecodeError:
            return None
        # Every record has as many cells as the header when each begins where the first cell of one is due.
        first = "".join(cells[::width]).split("\n")
        if len(cells) != width * len(records) or len(first) != len(records):
            return None
        return [first, *(cells[place::width] for place in range(1, width))]

    def _split(self, records: Sequence[bytes], refusals: Refusals) -> list[list[str]]:
        try:
            rows = list(csv.reader(map(bytes.decode, records), delimiter=self._delimiter, strict=True))
        except (csv.Error, UnicodeDecodeError):
            rows = []
        if len(rows) == len(records):
            return rows
        alone = [self._split_one(record) for record in records]
        rows = [row for row in alone if row is not None]
        refusals.rejected += Counter(malformed=len(records) - len(rows))
        return rows

    def _split_one(self, record: bytes) -> list[str] | None:
        try:
            # Bytes that are no UTF-8 spoil the cell that they are in, and not the record.
            text = record.decode("utf-8", "surrogateescape")
            return next(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None

    def _look_at(self, names: Sequence[str]) -> None:
        """Find the columns of a header; files of one log may have different ones."""
        if names != self._names:
            places = {name: place for place, name in enumerate(names) if name}
            self._names = names
            self._reads = {path: _reader(leaf, places) for path, leaf in self._leaves.items()}


def _is_utf8(records: Sequence[bytes]) -> bool:
    try:
        b"\n".join(records).decode()
    except UnicodeDecodeError:
        return False
    return True


def _usable(column: Column) -> Column:
    """Return a column without the texts that are no Unicode."""
    if not isinstance(column, list | tuple):
        return column
    return [value if is_unicode(value) else INVALID_VALUE for value in column]


def _of_width(width: int, rows: Sequence[Sequence[str]], refusals: Refusals) -> Sequence[Sequence[str]]:
    if not set(map(len, rows)) - {width}:
        return rows
    fits = [len(row) == width for row in rows]
    refusals.rejected["wrong_column_count"] += fits.count(False)
    return list(compress(rows, fits))


def _reader(leaf: Leaf, places: Mapping[str, int]) -> _Read:
    name = ".".join(leaf.path)
    if name in places:
        place = places[name]
        return lambda cells, _: column_of(leaf, cells[place])
    classes = {key.removeprefix(f"{name}."): place for key, place in places.items() if key.startswith(f"{name}.")}
    if leaf.kind == "scores" and classes:
        return lambda cells, rows: ByClass({key: numbers(cells[place]) for key, place in classes.items()}, rows)
    if leaf.kind == "number":
        return lambda _, rows: np.full(rows, np.nan)
    return lambda _, rows: [None] * rows
