"""One Parquet file: what it is known by, and its rows from any row on."""

from __future__ import annotations

import hashlib
import os
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from exporter.sources.parquet_strides import joined, stride

if TYPE_CHECKING:
    import pyarrow as pa

_MAGIC = b"PAR1"
# What ends a file whose footer is encrypted.
_ENCRYPTED = b"PARE"
_EDGE_BYTES = 4096
# The length of the footer, and the magic number.
_TRAILER_BYTES = 8


class _Readable(Protocol):
    def seek(self, position: int, whence: int = ..., /) -> Any: ...

    def tell(self) -> int: ...

    def read(self, size: int, /) -> bytes: ...


def mark_of(file: _Readable) -> str | None:
    """Return what a file is known by: a digest of its footer, of what stands before that, and of its beginning.

    None while the file has no footer: Parquet is written from the front, and the footer says that it is complete.
    Raises ``OSError`` for one that is encrypted, or whose footer cannot be one.
    """
    size = _size(file)
    if size < len(_MAGIC) + _TRAILER_BYTES:
        return None
    length, magic = struct.unpack("<I4s", _bytes(file, size - _TRAILER_BYTES, _TRAILER_BYTES))
    if magic == _ENCRYPTED:
        raise OSError("is encrypted, and there is no key for it")
    if magic != _MAGIC:
        return None
    if length + _TRAILER_BYTES > size:
        raise OSError("ends with a footer that is longer than the file: its beginning is missing")
    ending = min(length + _TRAILER_BYTES + _EDGE_BYTES, size)
    known = _bytes(file, size - ending, ending) + _bytes(file, 0, min(_EDGE_BYTES, size)) + struct.pack("<Q", size)
    return hashlib.blake2b(known, digest_size=12).hexdigest()


def _size(file: _Readable) -> int:
    file.seek(0, os.SEEK_END)
    return file.tell()


def _bytes(file: _Readable, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


class ParquetFile:
    """An open file of which some columns are wanted: those that lie at, above or under one of the ``paths``.

    Page checksums are verified where the file has them. Raises what Arrow raises; ``ChangedError`` when the file is
    not the one of the ``mark`` any more; ``ValueError`` when two columns have one name, ``EOFError`` when its numbers of
    rows contradict each other.
    """

    def __init__(self, path: str, mark: str, paths: Sequence[tuple[str, ...]] | None, batch_rows: int) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self.mark = mark
        self._batch_rows = batch_rows
        self._handle = pa.OSFile(os.fsencode(path))
        try:
            self._check(mark)
            self._file = parquet.ParquetFile(self._handle, pre_buffer=False, page_checksum_verification=True)
            self._check_rows()
            self._columns = self._wanted(paths)
            self._has_lists = self._repeats()
        except BaseException:
            self._handle.close()
            raise
        self.rows: int = self._file.metadata.num_rows

    def batches(self, row: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows from ``row`` on; no batch spans two row groups, none is empty."""
        start = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if row < start + rows:
                yield from joined(self._of_group(group, max(row - start, 0), rows), self._batch_rows)
            start += rows

    def close(self) -> None:
        self._file.close()
        self._handle.close()

    def _check(self, mark: str) -> None:
        if mark_of(self._handle) != mark:
            raise ChangedError

    def _check_rows(self) -> None:
        """A footer that contradicts itself says nothing about where the file ends."""
        metadata = self._file.metadata
        counts = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        if min(counts, default=0) < 0 or sum(counts) != metadata.num_rows:
            raise EOFError(f"the row groups have {sum(counts)} rows; the footer says {metadata.num_rows}")

    def _of_group(self, group: int, skipped: int, rows: int) -> Iterator[pa.RecordBatch]:
        reached = 0
        size = min(stride(self._file.metadata.row_group(group), lists=self._has_lists), self._batch_rows)
        for batch in self._file.iter_batches(size, row_groups=[group], columns=self._columns):
            before, reached = reached, reached + batch.num_rows
            if reached > skipped:
                yield _checked(batch.slice(max(skipped - before, 0)))
        if reached != rows:
            raise EOFError(f"row group {group} has {reached} rows; the footer says {rows}")

    def _repeats(self) -> bool:
        columns = (self._file.schema.column(i) for i in range(len(self._file.schema)))
        return any(
            column.max_repetition_level > 0
            for column in columns
            if self._columns is None or column.path in self._columns
        )

    def _wanted(self, paths: Sequence[tuple[str, ...]] | None) -> list[str] | None:
        names = self._file.schema_arrow.names
        if names and (name := Counter(names).most_common(1)[0])[1] > 1:
            raise ValueError(f"the column {name[0]!r} is there {name[1]} times")
        if paths is None:
            return None
        wanted = {".".join(path) for path in paths}
        leaves = [self._file.schema.column(i).path for i in range(len(self._file.schema))]
        return [leaf for leaf in leaves if any(stem in wanted for stem in _stems(leaf))]


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose dictionaries hold what is looked up in them; raise ``ArrowException`` for any other."""
    import pyarrow as pa

    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column.validate(full=True)
    return batch


def _stems(leaf: str) -> Iterator[str]:
    """Yield the names of a column and of everything that it lies in: a.b.c, a.b and a."""
    while leaf:
        yield leaf
        leaf = leaf.rpartition(".")[0]


def no_rows() -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([], names=[])


class ChangedError(Exception):
    """Something else lies under the path than was found there."""
