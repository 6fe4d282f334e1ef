"""Rows from Parquet files, each read once, when it is complete.

**Order.** A file that was begun is read to its end, then the others in the order of their paths: a folder of hourly
files is read in the order of time. The paths are listed anew when all that were listed are done.

**Which files.** Folders and globs pass over names that begin with ``_`` or ``.`` and those of unfinished files
(``.tmp``, ``.partial``, ``._COPYING_`` …). A file without a footer is not complete and waits for one, quietly, unless
all logs are known to be complete (`finish`).

**What is noted.** ``replaced``: something else lies under a path, and is read from its beginning; ``already_seen``: a
content that is known turns up under another path (moved or copied) and is not read again.

**Failures.** A file that cannot be read does not stop the others: SourceError is raised by a poll in which no other
file had anything new, and names every file that failed. What stands before the damage has been handed out; what
stands behind it in the same file is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporter.sources import reach
from exporter.sources.contract import Batch, Cursor, SourceError
from exporter.sources.listing import Listed, listing, nothing
from exporter.sources.naming import Names
from exporter.sources.parquet_file import ChangedError, ParquetFile, mark_of, no_rows
from exporter.sources.parquet_parts import Part, Parts

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET = Names("Parquet", (".parquet", ".pq"), whole=True)

# The rows of a batch are as many as lines of this length would be.
_ROW_BYTES = 128
# All files are one partition: none can grow, so none is a log of its own that later rows may be behind in.
_PARTITION = "files"
# A file with damage is tried again after so many rounds: the fault may have been the disk's or the network's.
_PAUSE = 100

_Looks = tuple[int, int, int, int, int]


class ParquetSource:
    """All rows of the files that some paths, folders and globs stand for, as Arrow record batches.

    ``paths_wanted`` says where in a row those values are that anybody will look at (None: all are wanted). A batch has
    at most ``batch_bytes`` / 128 rows, so that a small file of a billion rows does not fill the memory.
    """

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        *,
        batch_bytes: int = 1 << 20,
        finish: bool = False,
        paths_wanted: Sequence[tuple[str, ...]] | None = None,
    ) -> None:
        self.name = name
        self._paths = tuple(paths)
        self._batch_rows = max(batch_bytes // _ROW_BYTES, 1)
        self._finish = finish
        self._wanted = paths_wanted
        self._turns: deque[Listed] = deque()
        self._present: set[str] = set()
        self._is_known = False
        self._marks: dict[_Looks, str] = {}
        self._damaged: dict[str, tuple[str, int]] = {}
        self._round = 0
        self._errors: list[str] = []
        self._parts = Parts.of({})
        self._reader: _Reader | None = None

    def poll(self, cursor: Cursor) -> Batch[pa.RecordBatch] | None:
        """Return the next rows behind the cursor; see the module for order, notes and failures."""
        if cursor.get("files") != self._parts.files:
            self._parts = Parts.of(cursor)
        batch = self._take_turns()
        if batch is None:
            self._begin_round()
            batch = self._take_turns()
        if batch is None and self._errors:
            raise SourceError(f"{self.name}: " + "; ".join(dict.fromkeys(self._errors)))
        return batch

    def close(self) -> None:
        """Close all files. Polling again opens them again."""
        self._turns.clear()
        self._let_go()

    def _begin_round(self) -> None:
        self._round += 1
        found = listing(self._paths, PARQUET)
        self._errors = [*found.errors]
        if self._finish:
            self._errors += [f"{path}: no such file" for path in found.missing]
        elif not found.files and not self._parts.by_mark and not found.errors:
            self._errors.append(nothing(self._paths, PARQUET))
        self._present = {_written(file.path) for file in found.files.values()}
        looks = {_looks(file) for file in found.files.values()}
        self._marks = {key: mark for key, mark in self._marks.items() if key in looks}
        self._is_known = not found.errors
        self._turns.extend(sorted(found.files.values(), key=self._order))

    def _order(self, file: Listed) -> tuple[bool, str]:
        part = self._parts.by_mark.get(self._marks.get(_looks(file), ""))
        return part is None or part.row == 0, file.path

    def _take_turns(self) -> Batch[pa.RecordBatch] | None:
        while self._turns:
            batch = self._turn(self._turns[0])
            if batch is not None:
                return batch
            self._turns.popleft()
        return None

    def _turn(self, file: Listed) -> Batch[pa.RecordBatch] | None:
        try:
            mark = self._mark(file)
            return None if mark is None else self._read(file, mark)
        except (FileNotFoundError, ChangedError):
            return None  # It went or changed since it was listed; the next listing knows better.
        except OSError as error:
            self._errors.append(f"{file.path}: {error.strerror or error}")
            return None

    def _mark(self, file: Listed) -> str | None:
        looks = _looks(file)
        if looks not in self._marks:
            with Path(file.path).open("rb") as opened:
                # What is read later is known by this mark.
                reach.check(opened.fileno())
                mark = mark_of(opened)
            if mark is None:
                if self._finish:
                    self._errors.append(f"{file.path}: has no Parquet footer: it is not complete, or not Parquet")
                return None
            self._marks[looks] = mark
        return self._marks[looks]

    def _read(self, file: Listed, mark: str) -> Batch[pa.RecordBatch] | None:
        part, note = self._parts.found(mark, _written(file.path), self._present)
        if part.done:
            return None if note is None else self._batch(mark, part, no_rows(), note)
        complaint, again = self._damaged.get(mark, ("", 0))
        if self._round < again:
            self._errors.append(f"{file.path}: {complaint}")
            return None
        try:
            rows = self._rows(file, mark, part.row)
        except FileNotFoundError:
            raise
        except _unreadable() as error:
            self._let_go()
            self._damaged[mark] = (f"cannot be read behind row {part.row}: {error}", self._round + _PAUSE)
            self._errors.append(f"{file.path}: {self._damaged[mark][0]}")
            return None
        self._damaged.pop(mark, None)
        assert self._reader is not None  # for the type checker: rows come from a reader
        ahead = part.row + rows.num_rows
        return self._batch(mark, replace(part, row=ahead, done=ahead >= self._reader.file.rows), rows, note)

    def _rows(self, file: Listed, mark: str, row: int) -> pa.RecordBatch:
        """Read the next rows, with the reader of the last batch if it stands there."""
        if self._reader is None or not self._reader.stands_at(mark, row):
            self._let_go()
            self._reader = _Reader(ParquetFile(file.path, mark, self._wanted, self._batch_rows), row)
        rows = self._reader.next()
        return no_rows() if rows is None else rows

    def _batch(self, mark: str, part: Part, rows: pa.RecordBatch, note: str | None) -> Batch[pa.RecordBatch]:
        self._parts = self._parts.advanced(mark, part)
        if self._is_known:  # Files in a folder that cannot be looked at are not gone.
            self._parts = self._parts.pruned(self._present)
        if part.done:
            self._let_go()
        return Batch(_PARTITION, rows, {}, self._parts.cursor, {note: 1} if note else {})

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.file.close()
        self._reader = None


class _Reader:
    """Batches of an open file, and the row that comes next."""

    def __init__(self, file: ParquetFile, row: int) -> None:
        self.file = file
        self._row = row
        self._batches: Iterator[pa.RecordBatch] = file.batches(row)

    def stands_at(self, mark: str, row: int) -> bool:
        return (self.file.mark, self._row) == (mark, row)

    def next(self) -> pa.RecordBatch | None:
        rows = next(self._batches, None)
        self._row += 0 if rows is None else rows.num_rows
        return rows


def _looks(file: Listed) -> _Looks:
    status = file.stat
    # The last one changes even when somebody puts the one before it back.
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _written(path: str) -> str:
    """Return a path as the cursor holds it: names of files are bytes, and not all bytes are text."""
    return path.encode("utf-8", "backslashreplace").decode()


def _unreadable() -> tuple[type[BaseException], ...]:
    """What Arrow raises for damage: errors of its own, and OSErrors without a number."""
    import pyarrow as pa

    return (pa.ArrowException, OSError, EOFError, ValueError)
