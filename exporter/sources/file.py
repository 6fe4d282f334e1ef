"""Records of text from files: plain or gzip, growing, rotated, late; every record once.

What a record is, is the format's affair (see `framing`): a line, or what stands between the line ends of a CSV file
that are not quoted.

**Order.** Files take turns, one batch each, so a big file starves nobody: first those that were begun, then
new ones, both in the order of their paths. A file that lost its name while it was read (rotation) is
drained before anything else. The paths are listed anew once per round of turns.

**What counts as a record.** Everything up to a newline, without ``\\n`` or ``\\r\\n``; a byte order mark at the
beginning of a file is dropped; lines of white space are no records and are not counted. A longer line
than allowed is skipped and counted as ``too_long``. An unterminated last line waits for its end, except in
a gzip file with a proper trailer, when all logs are known to be complete (`finish`), or when its file lost its name
and nobody wrote to it for long.

**What is noted.** See `events`.

**Failures.** A file that cannot be read does not stop the others: SourceError is raised by a poll
in which no other file had anything new, and names every file that failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Generic, TypeVar

from exporter.sources.astray import Astray, is_loss
from exporter.sources.content import Content
from exporter.sources.contract import Batch, Cursor, SourceError
from exporter.sources.csv_header import HeaderError
from exporter.sources.framing import Frame, Framing
from exporter.sources.handles import CUT_OFF_PASSES, SETTLE_PASSES, Handle, Handles
from exporter.sources.listing import listing, nothing
from exporter.sources.naming import Names
from exporter.sources.neighbours import Neighbours
from exporter.sources.position import ChangedError, Position, fits
from exporter.sources.positions import Positions
from exporter.sources.reading import Limits, Step, step
from exporter.sources.recognition import Recognised, Suspect, overtaken, recognise

Payload = TypeVar("Payload")


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
        self._others = Neighbours(self._handles, framing)
        self._astray = Astray(self._paths)
        self._turns: deque[Handle] = deque()
        self._strangers: deque[Handle] = deque()
        self._errors: list[str] = []
        self._positions = Positions.of({})

    def poll(self, cursor: Cursor) -> Batch[Payload] | None:
        """Return the next lines behind the cursor; see the module for order, notes and failures."""
        positions = self._read(cursor)
        batch = self._next(positions)
        if batch is None:
            self._begin_round(positions)
            batch = self._settle(positions) or self._next(positions)
        if batch is None and self._errors:
            raise SourceError(f"{self.name}: " + "; ".join(dict.fromkeys(self._errors)))
        return batch

    def close(self) -> None:
        """Close all files. Polling again opens them again."""
        self._turns.clear()
        self._strangers.clear()
        self._handles.close()

    def _read(self, cursor: Cursor) -> Positions:
        # Decoding is skipped for the cursor handed out last: with thousands of files it would dominate.
        files = cursor.get("files")
        if files is not self._positions.files and files != self._positions.files:
            self._positions = Positions.of(cursor)
        return self._positions

    def _begin_round(self, positions: Positions) -> None:
        found = listing(self._paths, self._names)
        astray = {} if self._limits.finish else self._astray.look(found, self._handles, positions)
        self._handles.refresh(found.files, astray)
        self._errors = found.errors
        if self._limits.finish:
            self._errors += [f"{path}: no such file" for path in found.missing]
        elif not found.files and not positions.by_key and not found.errors:
            self._errors.append(nothing(self._paths, self._names))
        self._turns.extend(sorted(self._handles, key=lambda handle: _order(handle, positions)))
        families = {position.family for position in positions.by_key.values()}
        self._strangers.extend(handle for handle in self._turns if _may_be_copy(handle, positions, families))

    def _next(self, positions: Positions) -> Batch[Payload] | None:
        return self._introduce(positions) or self._take_turns(positions)

    def _introduce(self, positions: Positions) -> Batch[Payload] | None:
        """Note which new files are copies of logs that are there, before more of these is read, or they are truncated."""
        while self._strangers:
            handle = self._strangers.popleft()
            handle.in_use = True
            try:
                content = handle.content() if self._handles.open(handle) else None
                frame = None if content is None else self._framing.frame(content, finish=False)
                batch = None if frame is None else self._link(handle, frame, positions)
            except (OSError, HeaderError):
                continue  # Its turn will come, and tell.
            finally:
                handle.in_use = False
            if batch is not None:
                return batch
        return None

    def _link(self, handle: Handle, frame: Frame[Payload], positions: Positions) -> Batch[Payload] | None:
        found = recognise(frame.content, self._suspect(handle), positions, self._others)
        if found is None or found.key is not None or not found.position.copy_of:
            return None
        found = _with_losses(found, handle, positions)
        position = replace(found.position, written=handle.stat.st_mtime_ns, packed=handle.gzip is not None)
        return self._batch(handle, found, Step([], 0, position, at_end=True), positions, frame)

    def _settle(self, positions: Positions) -> Batch[Payload] | None:
        """Remember which files were found astray, settle positions whose files were not, and count what may be lost."""
        patience = self._handles.patience
        gone = self._astray.given_up(positions, patience)
        lost = sum(is_loss(positions.by_key[key], positions) for key in gone) + self._astray.never_read(patience)
        settled = positions.settled(gone) if gone else positions
        for identity in self._astray.found:
            handle = self._handles.get(identity)
            if handle is not None and handle.stat.st_size and positions.own(identity) is None:
                # Once a younger one has been read, nothing else would tell that this one is due.
                due = Position(*identity, family=handle.family, written=handle.stat.st_mtime_ns)
                settled = settled.advanced(settled.new_key(due), due)
        if settled is positions and not lost:
            return None
        self._positions = settled
        return self._note("vanished", lost)

    def _take_turns(self, positions: Positions) -> Batch[Payload] | None:
        while self._turns:
            handle = self._turns.popleft()
            batch = self._turn(handle, positions) or self._report(handle, positions)
            if batch is not None:
                if not handle.listed and not handle.is_leaving:
                    self._turns.appendleft(handle)
                return batch
            if handle.is_leaving:
                self._let_go(handle)
        return None

    def _turn(self, handle: Handle, positions: Positions) -> Batch[Payload] | None:
        if self._nothing_new(handle, positions):
            if handle.fault is not None:
                self._errors.append(handle.fault)
            return None
        handle.busy, handle.in_use = False, True
        try:
            content = handle.content() if self._handles.open(handle) else None
            if content is None:
                return self._emptied(handle, positions)
            return self._framed(handle, content, positions)
        except (FileNotFoundError, ChangedError):
            return None  # It went or changed since it was listed; the next listing knows better.
        except HeaderError as error:
            self._errors.append(f"{handle.path}: {error}")
        except OSError as error:
            self._errors.append(f"{handle.path}: {error.strerror}")
            if handle.listed:
                handle.close()  # A network file system may have made it a stale one.
        finally:
            handle.in_use = False
        return None

    def _nothing_new(self, handle: Handle, positions: Positions) -> bool:
        """Tell by its looks alone that a file has nothing more to give: idle files cost one stat a round."""
        key = positions.own(handle.identity)
        position = positions.by_key[key] if key is not None else None
        offset = 0 if position is None else position.offset
        if handle.stat.st_size == 0 and not offset:
            handle.fault = None
            return True
        if position is None:
            return handle.drained(0)
        # In another life the end may have been read without `finish`: then a last line may still be due.
        is_as_it_was = (position.seen, position.touched) == (handle.looks, handle.stat.st_ctime_ns)
        if is_as_it_was and not self._limits.finish:
            handle.quiet = (offset, *handle.traces)
        # What a copy has depends on its original.
        return handle.drained(offset) and not position.copy_of and (position.gone or not handle.is_leaving)

    def _emptied(self, handle: Handle, positions: Positions) -> Batch[Payload] | None:
        """Begin anew in a file that was read and has nothing in it any more."""
        key = positions.own(handle.identity)
        if handle.stat.st_size or handle.descriptor is None or key is None or not positions.by_key[key].offset:
            return None
        if handle.calm < SETTLE_PASSES and not self._limits.finish:
            return None  # Somebody may be writing it back.
        anew = Position(*handle.identity, family=handle.family, written=handle.stat.st_mtime_ns, seen=handle.looks)
        self._positions = positions.advanced(positions.new_key(anew), anew)
        handle.shrank = False
        return self._note("truncated")

    def _framed(self, handle: Handle, content: Content, positions: Positions) -> Batch[Payload] | None:
        frame = self._framing.frame(content, finish=self._limits.finish)
        if frame is None:
            handle.incomplete = content.incomplete
            self._errors += filter(None, [self._fault(handle, content, 0)])
            return None
        return self._advance(handle, frame, positions)

    def _advance(self, handle: Handle, frame: Frame[Payload], positions: Positions) -> Batch[Payload] | None:
        content = frame.content
        suspect = self._suspect(handle)
        found = recognise(content, suspect, positions, self._others)
        if found is None:
            handle.incomplete = content.incomplete
            self._errors += filter(None, [self._fault(handle, content, 0)])
            return None
        if found.position.copy_of:
            return self._link(handle, frame, positions)
        limits = self._limits
        if handle.is_leaving:
            limits, found = replace(limits, finish=True), overtaken(found, content, suspect, positions, self._others)
        taken = step(content, found.position, limits, self._framing)
        if handle.gzip is None and not fits(found.position, content):
            raise ChangedError
        self._note_end(handle, content, taken)
        found = _with_losses(found, handle, positions)
        looks = handle.looks if taken.at_end and handle.fault is None else None
        gone = handle.is_leaving and taken.at_end
        if gone and content.incomplete and handle.reported != "cut_off":
            found = replace(found, notes=(*found.notes, "cut_off"))
        written, touched = handle.stat.st_mtime_ns, handle.stat.st_ctime_ns
        packed = handle.gzip is not None
        ahead = replace(taken.position, written=written, seen=looks, touched=touched, packed=packed, gone=gone)
        # What was learnt from a copy is to be remembered, too.
        behind = found.position if found.key is None else positions.by_key[found.key]
        if not found.notes and _same_place(ahead, behind):
            return None
        return self._batch(handle, found, replace(taken, position=ahead), positions, frame)

    def _suspect(self, handle: Handle) -> Suspect:
        return Suspect(
            handle.identity,
            handle.family,
            rotated=handle.is_rotated or not handle.listed,
            held=handle.held,
            settled=handle.calm >= SETTLE_PASSES,
            patient=not self._limits.finish,
        )

    def _note_end(self, handle: Handle, content: Content, taken: Step) -> None:
        handle.busy, handle.held = not taken.at_end, True
        handle.quiet = (taken.position.offset, *handle.traces) if taken.at_end else None
        handle.fault = self._fault(handle, content, taken.position.offset) if taken.at_end else None
        handle.incomplete = taken.at_end and content.incomplete
        if handle.fault is not None:
            self._errors.append(handle.fault)

    def _fault(self, handle: Handle, content: Content, offset: int) -> str | None:
        if content.damage is not None:
            return f"{handle.path}: damaged gzip data behind byte {offset} of the content: {content.damage}"
        if self._limits.finish and content.incomplete:
            return f"{handle.path}: the gzip data breaks off behind byte {offset} of the content"
        return None

    def _report(self, handle: Handle, positions: Positions) -> Batch[Payload] | None:
        """Count what happened to a file and moves no position, once."""
        key = positions.own(handle.identity)
        # What was read of it stands against it otherwise: whoever begins anew takes note.
        if handle.shrank and (key is None or not positions.by_key[key].offset):
            handle.shrank = False
            return self._note("truncated")
        is_cut_off = handle.incomplete and handle.calm >= CUT_OFF_PASSES and not self._limits.finish
        event = "damaged" if handle.fault and not handle.incomplete else "cut_off" if is_cut_off else None
        if event is None or event == handle.reported:
            return None
        handle.reported = event
        return self._note(event)

    def _note(self, event: str, times: int = 1) -> Batch[Payload]:
        return Batch(event, self._framing.nothing(), {}, self._positions.cursor, {event: times} if times else {})

    def _let_go(self, handle: Handle) -> None:
        self._handles.release(handle)
        self._astray.found.pop(handle.identity, None)

    def _batch(
        self, handle: Handle, found: Recognised, taken: Step, positions: Positions, frame: Frame[Payload]
    ) -> Batch[Payload]:
        key = found.key or positions.new_key(taken.position)
        self._positions = positions.advanced(key, taken.position).pruned(self._handles.identities)
        notes = dict.fromkeys(found.notes, 1)
        if taken.position.ended and not found.position.ended:
            notes["trailing_garbage"] = 1
        if taken.position.gone and taken.unterminated:
            notes["unterminated"] = 1
        rejected = {"too_long": taken.too_long} if taken.too_long else {}
        lines, cursor = frame.payload(taken.lines), self._positions.cursor
        return Batch(key, lines, rejected, cursor, notes, place=handle.place, others_wait=bool(self._turns))


def _order(handle: Handle, positions: Positions) -> tuple[bool, bool, int, str]:
    # A new file may be a copy of one that was begun, and can be told only when that one is at its end.
    is_new = not _is_begun(handle, positions)
    return is_new, handle.listed != is_new, 0 if handle.listed else handle.stat.st_mtime_ns, handle.path


def _is_begun(handle: Handle, positions: Positions) -> bool:
    """Tell whether a file was read before. Of a rotated one that may have its inode from another, that is not certain."""
    key = positions.own(handle.identity)
    if key is None:
        return False
    return handle.held or not handle.is_rotated or positions.by_key[key].seen == handle.looks


def _may_be_copy(handle: Handle, positions: Positions, families: AbstractSet[str]) -> bool:
    return (
        handle.stat.st_size > 0 and handle.is_rotated and handle.family in families and not _is_begun(handle, positions)
    )


def _same_place(ahead: Position, behind: Position) -> bool:
    seen, touched, written, packed = behind.seen, behind.touched, behind.written, behind.packed
    return replace(ahead, seen=seen, touched=touched, written=written, packed=packed) == behind


def _with_losses(found: Recognised, handle: Handle, positions: Positions) -> Recognised:
    """Note what a file has lost that its content does not show, once."""
    key = positions.own(handle.identity)
    before = None if key is None else positions.by_key[key]
    was_read = before is not None and before.offset > 0
    # One that was compressed has its inode from a file that is gone, and may have been more than what it is a copy of.
    is_another = before is not None and was_read and before.packed != (handle.gzip is not None) and not found.notes
    event = "truncated" if handle.shrank and not was_read else "replaced" if is_another else None
    handle.shrank = False
    return found if event is None else replace(found, notes=(*found.notes, event))
