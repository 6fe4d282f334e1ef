"""Records of text from files: plain or gzip, growing, rotated, late; every record once.

What a record is, is the format's affair (see `framing`): a line, or what stands between the line ends of a CSV file
that are not quoted.

**Order.** Files take turns, one batch each, so a big file starves nobody: first those that were begun, then
new ones, both in the order of their paths. A file that lost its name while it was read (rotation) is
drained before anything else. The paths are listed anew once per round of turns.

**What counts as a record.** Everything up to a newline, without ``\\n`` or ``\\r\\n``; a byte order mark at the
beginning of a file is dropped; lines of white space are no records and are not counted. A longer line
than allowed is skipped and counted as ``too_long``. An unterminated last line waits for its end, except in
a gzip file with a proper trailer, or when all logs are known to be complete (`finish`).

**What is noted.** ``truncated``: a file became shorter or was written over, and is read from its
beginning; ``replaced``: a known inode holds something else now (truncated and refilled, or given to a
new file); ``already_seen``: a new file repeats what was read (moved, copied or compressed) and is
continued there; ``trailing_garbage``: something that is no gzip member follows the last one.

**Failures.** A file that cannot be read does not stop the others: SourceError is raised by a poll
in which no other file had anything new, and names every file that failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from exporter.sources.content import Content
from exporter.sources.contract import Batch, Cursor, SourceError
from exporter.sources.csv_header import HeaderError
from exporter.sources.framing import CsvFraming, CsvRecords, Frame, Framing, LineFraming, Lines
from exporter.sources.handles import Handle, Handles
from exporter.sources.listing import listing, nothing
from exporter.sources.naming import Names
from exporter.sources.position import Position
from exporter.sources.positions import Positions
from exporter.sources.reading import Limits, Step, step
from exporter.sources.recognition import Recognised, recognise

Payload = TypeVar("Payload")

JSON_LINES = Names("JSON lines", (".jsonl", ".ndjson", ".json"))
CSV = Names("CSV", (".csv", ".tsv"))


class FileSource(Generic[Payload]):
    """Complete records of all files that some paths, folders and globs stand for.

    The line limit and the batch size are in bytes of content; memory holds about the larger of the two
    for each poll. The cursor has one entry a file (see `Position`) and a bounded number for files that are gone.
    """

    def __init__(
        self, name: str, paths: Sequence[str], framing: Framing[Payload], limits: Limits, names: Names
    ) -> None:
        self.name = name
        self._paths = tuple(paths)
        self._framing = framing
        self._limits = limits
        self._names = names
        self._handles = Handles()
        self._turns: deque[Handle] = deque()
        self._errors: list[str] = []
        self._positions = Positions.of({})

    def poll(self, cursor: Cursor) -> Batch[Payload] | None:
        """Return the next lines behind the cursor; see the module for order, notes and failures."""
        positions = self._read(cursor)
        batch = self._take_turns(positions)
        if batch is None:
            self._begin_round(positions)
            batch = self._take_turns(positions)
        if batch is None and self._errors:
            raise SourceError(f"{self.name}: " + "; ".join(dict.fromkeys(self._errors)))
        return batch

    def close(self) -> None:
        """Close all files. Polling again opens them again."""
        self._turns.clear()
        self._handles.close()

    def _read(self, cursor: Cursor) -> Positions:
        # Decoding is skipped for the cursor handed out last: with thousands of files it would dominate.
        if cursor.get("files") != self._positions.files:
            self._positions = Positions.of(cursor)
        return self._positions

    def _begin_round(self, positions: Positions) -> None:
        found = listing(self._paths, self._names)
        self._handles.refresh(found.files)
        self._errors = found.errors
        if self._limits.finish:
            self._errors += [f"{path}: no such file" for path in found.missing]
        elif not found.files and not positions.by_key and not found.errors:
            self._errors.append(nothing(self._paths, self._names))
        self._turns.extend(sorted(self._handles, key=lambda handle: _order(handle, positions)))

    def _take_turns(self, positions: Positions) -> Batch[Payload] | None:
        while self._turns:
            handle = self._turns.popleft()
            batch = self._turn(handle, positions)
            if batch is not None:
                if not handle.listed:
                    self._turns.appendleft(handle)
                return batch
        return None

    def _turn(self, handle: Handle, positions: Positions) -> Batch[Payload] | None:
        if self._nothing_new(handle, positions):
            if handle.fault is not None:
                self._errors.append(handle.fault)
            return None
        held, handle.busy = handle.descriptor is not None, False
        try:
            content = handle.content() if self._handles.open(handle) else None
            return None if content is None else self._framed(handle, content, positions, held=held)
        except FileNotFoundError:
            return None  # It went between being listed and being opened; the next listing knows better.
        except HeaderError as error:
            self._errors.append(f"{handle.path}: {error}")
            return None
        except OSError as error:
            self._errors.append(f"{handle.path}: {error.strerror}")
            return None

    def _nothing_new(self, handle: Handle, positions: Positions) -> bool:
        """Tell by its looks alone that a file has nothing more to give: idle files cost one stat a round."""
        if handle.stat.st_size == 0:
            handle.fault = None
            return True
        key = positions.own(handle.identity)
        if key is None:
            return handle.drained(0)
        position = positions.by_key[key]
        # In another life the end may have been read without `finish`: then a last line may still be due.
        if position.seen == handle.looks and not self._limits.finish:
            handle.quiet = (position.offset, *handle.looks)
        return handle.drained(position.offset)

    def _framed(self, handle: Handle, content: Content, positions: Positions, *, held: bool) -> Batch[Payload] | None:
        frame = self._framing.frame(content, finish=self._limits.finish)
        if frame is None:
            self._errors += filter(None, [self._fault(handle, content, 0)])
            return None
        return self._advance(handle, frame, positions, held=held)

    def _advance(
        self, handle: Handle, frame: Frame[Payload], positions: Positions, *, held: bool
    ) -> Batch[Payload] | None:
        content = frame.content
        found = recognise(content, handle.identity, positions, self._unread, held=held, patient=not self._limits.finish)
        if found is None:
            self._errors += filter(None, [self._fault(handle, content, 0)])
            return None
        taken = step(content, found.position, self._limits, self._framing)
        self._note_end(handle, content, taken)
        if found.note != "already_seen" and taken.position == replace(found.position, seen=None):
            return None
        if taken.at_end and handle.fault is None:
            taken = replace(taken, position=replace(taken.position, seen=handle.looks))
        return self._batch(found, taken, positions, frame)

    def _note_end(self, handle: Handle, content: Content, taken: Step) -> None:
        handle.idle, handle.busy = 0, not taken.at_end
        handle.quiet = (taken.position.offset, *handle.looks) if taken.at_end else None
        handle.fault = self._fault(handle, content, taken.position.offset) if taken.at_end else None
        if handle.fault is not None:
            self._errors.append(handle.fault)

    def _fault(self, handle: Handle, content: Content, offset: int) -> str | None:
        if content.damage is not None:
            return f"{handle.path}: damaged gzip data behind byte {offset} of the content: {content.damage}"
        if self._limits.finish and content.incomplete:
            return f"{handle.path}: the gzip data breaks off behind byte {offset} of the content"
        return None

    def _unread(self, position: Position) -> bool | None:
        handle = self._handles.get(position.identity)
        return None if handle is None else not handle.drained(position.offset)

    def _batch(self, found: Recognised, taken: Step, positions: Positions, frame: Frame[Payload]) -> Batch[Payload]:
        key = found.key or positions.new_key(taken.position)
        self._positions = positions.advanced(key, taken.position).pruned(self._handles.identities)
        notes = {found.note: 1} if found.note else {}
        if taken.position.ended and not found.position.ended:
            notes["trailing_garbage"] = 1
        rejected = {"too_long": taken.too_long} if taken.too_long else {}
        return Batch(key, frame.payload(taken.lines), rejected, self._positions.cursor, notes)


class JsonLinesSource(FileSource[Lines]):
    """Files of one JSON object a line."""

    def __init__(
        self, name: str, paths: Sequence[str], *, line_bytes: int, batch_bytes: int = 1 << 20, finish: bool = False
    ) -> None:
        super().__init__(name, paths, LineFraming(), Limits(line_bytes, batch_bytes, finish), JSON_LINES)


class CsvSource(FileSource[CsvRecords]):
    """CSV files (RFC 4180); the first record of each names its columns and is none of the records handed out."""

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        *,
        line_bytes: int,
        batch_bytes: int = 1 << 20,
        finish: bool = False,
        delimiter: str = ",",
    ) -> None:
        framing = CsvFraming(delimiter, line_bytes)
        super().__init__(name, paths, framing, Limits(line_bytes, batch_bytes, finish), CSV)


def _order(handle: Handle, positions: Positions) -> tuple[bool, bool, str]:
    # A new file may be a copy of one that was begun, and can be told only when that one is at its end.
    return handle.listed, positions.own(handle.identity) is None, handle.path
