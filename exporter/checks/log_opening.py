"""The first records of a log's file, of any format, and where each of them stands."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exporter.configuration.log_files import LogFiles
from exporter.sources.csv_cut import Quoting, quoting_of
from exporter.sources.csv_header import HeaderError, names_of
from exporter.sources.framing import CsvRecords
from exporter.sources.gzip_content import MAGIC
from exporter.sources.parquet_file import ParquetFile, mark_of, no_rows

if TYPE_CHECKING:
    import pyarrow as pa

# Enough to meet every feature of a usual log, and read in a moment.
FIRST_RECORDS = 1000
_BOM = b"\xef\xbb\xbf"
_UNREADABLE = (OSError, EOFError, zlib.error, HeaderError, ValueError)


class OpeningError(Exception):
    """There is nothing to look at; the message says why."""


@dataclass(frozen=True, slots=True)
class FirstRecord:
    """``number`` is its line or row, from 1 on; ``keys`` are its own, those inside objects after a dot, at any depth."""

    number: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """``payload`` gives the records from one index to before another, as the format's source would."""

    unit: str
    records: tuple[FirstRecord, ...]
    payload: Callable[[int, int], Any]


def opening_of(path: str, log: LogFiles) -> Opening:
    """Read the first records of a file. Raises ``OpeningError``."""
    try:
        if log.format == "parquet":
            return _of_rows(path)
        return _of_cells(path, log.csv.delimiter) if log.format == "csv" else _of_lines(path)
    except _UNREADABLE as error:
        raise OpeningError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _of_lines(path: str) -> Opening:
    found = list(islice(_stripped(enumerate(_lines(path), 1)), FIRST_RECORDS))
    lines = [line for _, line in found]
    records = tuple(FirstRecord(number, _keys(line)) for number, line in found)
    return Opening("line", records, lambda start, stop: lines[start:stop])


def _of_cells(path: str, delimiter: str) -> Opening:
    cut = _csv_records(_lines(path), quoting_of(delimiter))
    _, header = next(cut, (1, b""))
    # An empty file is one that will have a header.
    names = names_of(header.rstrip(b"\r\n"), delimiter) if header else ()
    found = list(islice(_stripped(cut), FIRST_RECORDS))
    keys = tuple(filter(None, names))
    lines = [line for _, line in found]
    records = tuple(FirstRecord(number, keys) for number, _ in found)
    return Opening("line", records, lambda start, stop: CsvRecords(names, lines[start:stop]))


def _of_rows(path: str) -> Opening:
    with Path(path).open("rb") as file:
        mark = mark_of(file)
    if mark is None:
        raise OpeningError("has no Parquet footer yet; it is waited for")
    opened = ParquetFile(path, mark, None, FIRST_RECORDS)
    try:
        rows = next(opened.batches(0), None)
    finally:
        opened.close()
    if rows is None:
        rows = no_rows()
    keys = tuple(_columns(rows.schema))
    records = tuple(FirstRecord(number, keys) for number in range(1, rows.num_rows + 1))
    return Opening("row", records, lambda start, stop: rows.slice(start, stop - start))


def _lines(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as plain:
        is_gzip = plain.read(len(MAGIC)) == MAGIC
        plain.seek(0)
        for number, line in enumerate(gzip.GzipFile(fileobj=plain) if is_gzip else plain):
            yield line if number else line.removeprefix(_BOM)


def _stripped(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Leave out lines that are no records, and line ends."""
    return ((number, line.rstrip(b"\r\n")) for number, line in lines if line.strip())


def _csv_records(lines: Iterator[bytes], quoting: Quoting) -> Iterator[tuple[int, bytes]]:
    """Put together lines whose ends are quoted; a record's number is that of its first line."""
    parts: list[bytes] = []
    for number, line in enumerate(lines, 1):
        inside = bool(parts)
        parts.append(line)
        if quoting.closes(line.rstrip(b"\r\n"), inside=inside):
            yield number + 1 - len(parts), b"".join(parts)
            parts = []
    if parts:
        yield number + 1 - len(parts), b"".join(parts)


def _keys(line: bytes) -> tuple[str, ...]:
    try:
        record = json.loads(line)
        return tuple(_paths(record)) if isinstance(record, dict) else ()
    except (ValueError, RecursionError):
        return ()


def _paths(record: Mapping[str, Any]) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from (f"{key}.{inner}" for inner in _paths(value))
        else:
            yield key


def _columns(fields: Iterable[pa.Field]) -> Iterator[str]:
    from pyarrow import types

    for field in fields:
        if types.is_struct(field.type):
            yield from (f"{field.name}.{inner}" for inner in _columns(field.type))
        else:
            yield field.name
