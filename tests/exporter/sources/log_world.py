"""A folder with one log in it, those who write and rotate it, and a plain model of what a reader may find there.

The model knows the bytes of every file that ever was. At the end every complete line that still is in reach must have
been handed out, none may have been handed out twice, those of one file must have come in their order, and when a line
is missing, an event must say so.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporter.sources import Cursor, JsonLinesSource, SourceError

LOSSES = {"truncated", "replaced", "vanished"}
PATTERNS = ("app.log", "app.log*", "*.log", "app*")


@dataclass(eq=False)
class File:
    """One file's bytes, under whatever name; a gzip file is known by what is in it."""

    data: bytes = b""
    tails: set[bytes] = field(default_factory=set)
    """Unterminated ends that a reader may have had to take for lines."""
    was_read: bool = False
    """Some of it had been read when it went: of a log that nobody read a line of, nobody can know that it went."""

    @property
    def lines(self) -> list[bytes]:
        return self.data.split(b"\n")[:-1]

    @property
    def tail(self) -> bytes:
        return self.data.rpartition(b"\n")[2]


@dataclass(eq=False)
class Program:
    """How the log is rotated and read."""

    pattern: str = "app.log*"
    numbered: bool = True
    keep: int = 100
    batch_bytes: int = 1 << 20
    minimum: int = 0
    """How long lines are at least."""
    compress: bool = False
    copy: bool = False
    """Whether rotation compresses, and whether it copies rather than renames, where it is done again and again."""


class LogWorld:
    def __init__(self, folder: Path, program: Program) -> None:
        self.folder, self.program = folder, program
        self.live = folder / "app.log"
        self.files: dict[Path, File] = {}
        self.all: list[File] = []
        self.writer: File | None = None
        self.handle = -1
        self.counter = self.rotations = 0
        self.source = self._source()
        self.committed: list[tuple[Cursor, int, Counter[str]]] = [({}, 0, Counter())]
        self.delivered: list[bytes] = []
        self.events: Counter[str] = Counter()
        self.half: Path | None = None
        self.saved = 2
        self._open()
        self.write(1)
        self.poll(3)

    # The writer.

    def _open(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)
        self.handle = os.open(self.live, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if self.live not in self.files:
            self.files[self.live] = self._new(File())
        self.writer = self.files[self.live]

    def _new(self, file: File) -> File:
        self.all.append(file)
        return file

    def write(self, lines: int, *, partial: bool = False) -> None:
        """Append lines, of which the last one may lack its end; no two lines of a world are alike."""
        assert self.writer is not None
        for number in range(lines):
            self.counter += 1
            body = b'{"line":%d,"x":"%s"}' % (self.counter, b"\xc3\xa9" * (self.program.minimum + self.counter % 40))
            data = body[: len(body) // 2 + 1] if partial and number == lines - 1 else body + b"\n"
            os.write(self.handle, data)
            self.writer.data += data

    # Rotation.

    def rotate(self, *, late: int = 0, compress: bool = False, polls: int = 0) -> None:
        """Rename the log; its writer goes on in the old file for ``late`` lines before it opens the new one."""
        self.finish_half()
        old = self._next_name()
        self._rename(self.live, old)
        self.poll(polls)
        if late:
            self.write(late)
        self._open()
        if compress:
            self._compress(old)
        self._expire()

    def rotate_fast(self, times: int) -> None:
        """Rotate several times before anybody looks."""
        for _ in range(times):
            self.write(2)
            self.rotate()

    def compress(self, number: int, *, half: bool) -> None:
        """Compress a rotated file, or begin to."""
        self.finish_half()
        plain = [path for path in self._rotated() if path.suffix != ".gz"]
        if not plain:
            return
        path = plain[number % len(plain)]
        if half:
            packed = gzip.compress(path.read_bytes())
            self._packed(path).write_bytes(packed[: max(len(packed) // 2, 1)])
            self.half = path
        else:
            self._compress(path)

    def finish_half(self) -> None:
        if self.half is not None:
            self._compress(self.half)
            self.half = None

    def _packed(self, path: Path) -> Path:
        return path.with_name(path.name + ".gz")

    def _compress(self, path: Path) -> None:
        """As gzip does: the time stamp is that of the original, which goes when all is written."""
        status, packed = path.stat(), self._packed(path)
        packed.write_bytes(gzip.compress(path.read_bytes()))
        os.utime(packed, ns=(status.st_atime_ns, status.st_mtime_ns))
        path.unlink()
        file = self.files[packed] = self.files.pop(path)
        file.tails.add(file.tail)

    def copy_and_truncate(self, *, gap: int = 0, polls: int = 0, half: bool = False) -> None:
        """Copy the log and empty it; ``gap`` lines are written in between and in no file any more."""
        self.finish_half()
        copy, original = self._next_name(), self.files[self.live]
        if half:
            copy.write_bytes(original.data[: len(original.data) // 2])
            self.poll(polls)
        shutil.copyfile(self.live, copy)
        self.files[copy] = self._new(File(original.data, {original.tail}))
        self.poll(polls)
        if gap:
            self.write(gap)
        self._truncate()
        self.poll(polls)
        self._expire()

    def truncate(self) -> None:
        self.finish_half()
        self._truncate()

    def _truncate(self) -> None:
        self._note_end(self.files[self.live])
        os.truncate(self.live, 0)
        self.files[self.live] = self.writer = self._new(File())

    def delete(self, number: int) -> None:
        """Delete a rotated file."""
        self.finish_half()
        rotated = self._rotated()
        if rotated:
            self._gone(rotated[number % len(rotated)])

    def _rotated(self) -> list[Path]:
        return sorted(path for path in self.files if path != self.live)

    def _gone(self, path: Path) -> None:
        file = self.files.pop(path)
        self._note_end(file)
        path.unlink()

    def _note_end(self, file: File) -> None:
        file.tails.add(file.tail)
        file.was_read = not set(self.delivered).isdisjoint(file.lines)

    def _rename(self, old: Path, new: Path) -> None:
        old.rename(new)
        self.files[new] = self.files.pop(old)
        self.files[new].tails.add(self.files[new].tail)

    def _next_name(self) -> Path:
        """Make room for the newest rotated file and return its name."""
        self.rotations += 1
        if not self.program.numbered:
            return self.folder / f"app.log-202601{self.rotations // 100 + 10:02}{self.rotations % 100:02}"
        for path in sorted(self._rotated(), key=_number, reverse=True):
            self._rename(path, path.with_name(f"app.log.{_number(path) + 1}" + (".gz" if path.suffix == ".gz" else "")))
        return self.folder / "app.log.1"

    def _expire(self) -> None:
        rotated = [path for path in self.files if path != self.live]
        rotated.sort(key=lambda path: self.all.index(self.files[path]))
        for path in rotated[: max(len(rotated) - self.program.keep, 0)]:
            self._gone(path)

    # The reader.

    def _source(self) -> JsonLinesSource:
        return JsonLinesSource(
            "test", [str(self.folder / self.program.pattern)], line_bytes=5000, batch_bytes=self.program.batch_bytes
        )

    def poll(self, times: int) -> bool:
        """Poll so many times; tell whether there was something."""
        batch: Any = None
        for _ in range(times):
            try:
                batch = self.source.poll(self.committed[-1][0])
            except SourceError:
                return False
            if batch is not None:
                self.delivered += batch.payload
                self.events += Counter(batch.notes)
                self.committed.append((batch.cursor, len(self.delivered), Counter(self.events)))
        return batch is not None

    def drain(self) -> None:
        """Poll until nothing is new."""
        most = 10 * (self.counter + self.rotations) + 1000
        assert any(not self.poll(1) for _ in range(most)), "there is no end to it"

    def restart(self) -> None:
        """Forget everything but the cursor."""
        self.saved, self.events = len(self.committed), Counter(self.committed[-1][2])
        self.source.close()
        self.source = self._source()

    def rewind(self, batches: int) -> None:
        """The last transactions failed: their lines are forgotten with their cursors. Events stay until a restart.

        Not those of the first, since a reader that starts anew does not ask for what was rotated out of its sight before,
        nor those from before the last restart, which began with what was saved.
        """
        del self.committed[max(self.saved, len(self.committed) - batches) :]
        del self.delivered[self.committed[-1][1] :]

    def close(self) -> None:
        self.source.close()
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    # What must hold.

    def check(self, rounds: int) -> None:
        """Let everything come to rest, and compare."""
        self.finish_half()
        for _ in range(rounds):
            self.drain()
        twice = {line for line, times in Counter(self.delivered).items() if times > 1}
        assert not twice, f"lines came twice: {_names(twice)}"
        got = set(self.delivered)
        possible = {line for file in self.all for line in (*file.lines, *file.tails)}
        assert got <= possible, f"no such lines: {_names(got - possible)}"
        in_reach = {line for file in self.files.values() for line in file.lines}
        assert not in_reach - got, f"lines were not read: {_names(in_reach - got)}"
        places = {line: place for place, line in enumerate(self.delivered)}
        for file in self.all:
            order = [places[line] for line in file.lines if line in places]
            assert order == sorted(order), "lines of one file came out of order"
        known = [file for file in self.all if file.was_read and not got.isdisjoint(file.lines)]
        missing = {line for file in known for line in file.lines} - got
        assert not missing or LOSSES & self.events.keys(), f"lines went in silence: {_names(missing)}"


def _number(path: Path) -> int:
    return int(path.name.split(".")[2])


def _names(lines: set[bytes]) -> list[bytes]:
    return sorted(line[:12] for line in lines)
