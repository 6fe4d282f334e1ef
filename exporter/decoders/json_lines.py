"""JSON lines to columns.

Lines that are as they should be are read by the compiled reader, where there is one. All others, or all, are parsed a
few hundred at a time into typed records, turned into columns and let go at once: keeping thousands of records alive costs
more than parsing them. A line that the typed parser refuses is read again the slow, forgiving way, which says what was
wrong with it. All three ways make the same rows of a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from exporter.decoders.columns import floats, times
from exporter.decoders.compiled import CompiledReader
from exporter.decoders.gatherer import Gatherer
from exporter.decoders.leaf import INVALID_VALUE, Leaf, UnusableError
from exporter.decoders.record_type import Columns, Record, RecordType
from exporter.decoders.typed import Column, completed
from exporter.rows.record import Decoded, Refusals, Rows, concatenate

_MICRO_BATCH = 400
# As many as the typed parser takes.
_MOST_DIGITS = 4300
_REFUSED = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)

R = TypeVar("R", bound=Rows)


class RejectedError(Exception):
    """A record is of no use; its argument is the reason."""


class JsonLines(Generic[R]):
    """Decodes lines (bytes without line ends) into the rows of a gatherer."""

    def __init__(self, gatherer: Gatherer[R]) -> None:
        self._gatherer = gatherer
        self._type = RecordType(gatherer.leaves)
        self._compiled = CompiledReader.of(gatherer.leaves)
        self._leaves = {leaf.path: leaf for leaf in reversed(gatherer.leaves)}

    def decode(self, payload: Sequence[bytes], now: int) -> Decoded[R]:
        """Return the rows of the lines, in their order, and what could not be used."""
        refusals = Refusals()
        read = self._compiled.read(payload) if self._compiled and payload else None
        rows = (
            self._by_records(payload, now, refusals)
            if read is None
            else self._by_columns(payload, *read, now, refusals)
        )
        return Decoded(self._gatherer.finish(rows, refusals), len(payload), refusals)

    def _by_columns(self, lines: Sequence[bytes], columns: Columns, left: list[int], now: int, refusals: Refusals) -> R:
        """Return the rows of columns, once the lines that were ``left`` have theirs."""
        count = len(lines)
        if left:
            late, kept = np.zeros(count, np.bool_), np.ones(count, np.bool_)
            late[left] = True
            found = [self._record(lines[row], refusals) for row in left]
            kept[late] = [record is not None for record in found]
            others = self._type.columns([record for record in found if record is not None])
            columns = {
                path: completed(column, kept, late, self._like(column, path, others))
                for path, column in columns.items()
            }
            count = int(kept.sum())
        return self._gatherer.gather(columns, count, now, refusals)

    def _like(self, column: Column, path: tuple[str, ...], others: Columns) -> Column:
        """Return other values of a column in the form that it has."""
        values, leaf = others[path], self._leaves[path]
        if not isinstance(column, np.ndarray):
            return values
        return floats(values) if leaf.kind == "number" else times(values, leaf.time_format, leaf.zone)

    def _by_records(self, payload: Sequence[bytes], now: int, refusals: Refusals) -> R:
        parts = [self._gathered(records, now, refusals) for records in self._batches(payload, refusals)]
        return concatenate(parts) if parts else self._gathered((), now, refusals)

    def _gathered(self, records: Sequence[Record], now: int, refusals: Refusals) -> R:
        return self._gatherer.gather(self._type.columns(records), len(records), now, refusals)

    def _batches(self, lines: Sequence[bytes], refusals: Refusals) -> Iterator[list[Record]]:
        parse = self._type.parse
        for start in range(0, len(lines), _MICRO_BATCH):
            batch = list(lines[start : start + _MICRO_BATCH])
            try:
                yield [parse(line) for line in batch]
            except _REFUSED:
                yield list(self._one_by_one(batch, refusals))

    def _one_by_one(self, lines: Sequence[bytes], refusals: Refusals) -> Iterator[Record]:
        for line in lines:
            record = self._record(line, refusals)
            if record is not None:
                yield record

    def _record(self, line: bytes, refusals: Refusals) -> Record | None:
        """Return what is wanted of a line; None, and count it, if that is of no use."""
        try:
            return self._parsed(line)
        except RejectedError as rejected:
            refusals.rejected[str(rejected)] += 1
            return None

    def _parsed(self, line: bytes) -> Record:
        try:
            return self._type.parse(line)
        except _REFUSED:
            document = _document(line)
            return self._type.build({leaf.path: _value(leaf, document) for leaf in reversed(self._type.leaves)})


def _document(line: bytes) -> Mapping[str, Any]:
    """Parse a line forgivingly: a byte order mark, and NaN and Infinity as Python writes them, do no harm.

    Bytes that are no UTF-8 spoil the text that they are in, and not the line: the typed parser does not see those in
    texts that nobody wants.
    """
    try:
        document = json.loads(line.decode("utf-8-sig", "surrogateescape"), parse_int=_integer)
    except RecursionError:
        raise RejectedError("too_deep") from None
    except ValueError:
        raise RejectedError("malformed") from None
    if not isinstance(document, dict):
        raise RejectedError("not_an_object")
    return document


def _integer(digits: str) -> int | float:
    """Return a whole number; one of so many digits that Python refuses it is as good as infinite."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _value(leaf: Leaf, document: Mapping[str, Any]) -> Any:
    """Take a leaf out of a parsed document; what is of no use becomes INVALID_VALUE, or rejects the record."""
    value: Any = document
    for key in leaf.path:
        value = value.get(key) if isinstance(value, dict) else None
    if value is not None:
        try:
            value = leaf.coerce(value)
        except UnusableError:
            if leaf.required:
                raise RejectedError(f"bad_{leaf.name}") from None
            return INVALID_VALUE
    if value is None and leaf.required:
        raise RejectedError(f"missing_{leaf.name}")
    return value
