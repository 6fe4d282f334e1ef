"""The files that are known, and the few of them that are held open.

An open handle outlives the name of its file: a log that was renamed out of sight is drained to its
end. Handles are a matter of speed and of rotation only; what is read depends on the cursor alone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from exporter.sources import reach
from exporter.sources.content import PlainContent, content_of
from exporter.sources.descriptors import READERS
from exporter.sources.gzip_content import GzipContent
from exporter.sources.listing import Listed
from exporter.sources.naming import is_rotated, stem
from exporter.sources.position import Identity, digest

OPEN_FILES = 64
IDLE_PASSES = 120
"""Passes without a change after which a file that lost its name is let go: its writer may need a while to notice.
There is a pass in half a second when all is quiet, more of them while other logs are read."""
SETTLE_PASSES = 3
"""Passes without a change after which a file that has become shorter is taken for truncated, not for being restored."""
CUT_OFF_PASSES = 600
"""Passes without a change after which the end of a gzip file is reported missing."""


@dataclass(slots=True, eq=False)
class Handle:
    """One file, open or not."""

    identity: Identity
    path: str
    stat: os.stat_result
    listed: bool = True
    """It has a name that the configuration asks for."""
    descriptor: int | None = None
    gzip: GzipContent | None = None
    quiet: tuple[int, ...] | None = None
    """Offset and `traces` at which there was nothing more to read."""
    fault: str | None = None
    """Why that is less than there should be."""
    incomplete: bool = False
    """Its last look at the content found the end missing."""
    busy: bool = False
    """There was more to read at its last turn."""
    shrank: bool = False
    """It has become shorter, and nobody has taken note of that."""
    calm: int = 0
    """Passes since it changed, or lost its name."""
    turn: int = 0
    held: bool = False
    """It was open since it was recognised, so that its inode cannot have gone to another file."""
    in_use: bool = False
    """Its content is looked at: while others are opened to be compared with it, it must stay open."""
    reported: str | None = None
    """The fault that was counted already."""

    @property
    def looks(self) -> tuple[int, int]:
        """What changes when somebody writes: size, and modification time in nanoseconds."""
        return self.stat.st_size, self.stat.st_mtime_ns

    @property
    def traces(self) -> tuple[int, int, int]:
        """What changes when somebody writes and then puts the modification time back; it changes with the name, too."""
        return *self.looks, self.stat.st_ctime_ns

    @property
    def family(self) -> str:
        return family_of(self.path)

    @property
    def place(self) -> str:
        """What stands for the path: names of files are bytes, and not all bytes are text."""
        return digest(os.fsencode(self.path))

    @property
    def is_rotated(self) -> bool:
        return is_rotated(os.path.basename(self.path))  # noqa: PTH119 - as above

    @property
    def is_leaving(self) -> bool:
        """It has had no name for long, and nobody writes to it any more."""
        return not self.listed and self.calm >= IDLE_PASSES

    def drained(self, offset: int) -> bool:
        return self.quiet == (offset, *self.traces)

    def content(self) -> PlainContent | GzipContent | None:
        """Return the content of the open file; a decompressor is kept from poll to poll."""
        assert self.descriptor is not None  # for the type checker: handles are opened first
        if self.gzip is not None and self.gzip.consumed <= os.fstat(self.descriptor).st_size:
            return self.gzip
        content = content_of(self.descriptor)
        self.gzip = content if isinstance(content, GzipContent) else None
        return content

    def look(self, status: os.stat_result) -> None:
        """Take over what a file looks like now."""
        before = self.looks
        self.shrank |= self.lost_by(status)
        self.stat = status
        self.calm = self.calm + 1 if self.looks == before else 0

    def lost_by(self, status: os.stat_result) -> bool:
        """Tell whether a file that looks like this now has become shorter meanwhile."""
        # An empty file that was written to and is empty still has lost something, too.
        was_refilled = status.st_size == 0 == self.stat.st_size and status.st_mtime_ns != self.stat.st_mtime_ns
        return was_refilled or status.st_size < self.stat.st_size

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = self.gzip = None
        self.held = False


def family_of(path: str) -> str:
    """Return what the rotated files of one log have in common; a link belongs to what it leads to."""
    target = os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114 - a Path for each batch is slow
    return digest(os.fsencode(stem(os.path.basename(target))))  # noqa: PTH119 - as above


class Handles:
    """All handles by identity; at most OPEN_FILES are open, or fewer where descriptors are."""

    def __init__(self) -> None:
        READERS.add(self)
        self._handles: dict[Identity, Handle] = {}
        self._opened: list[Handle] = []
        self._turns = 0

    def __iter__(self) -> Iterator[Handle]:
        return iter(self._handles.values())

    def get(self, identity: Identity) -> Handle | None:
        return self._handles.get(identity)

    @property
    def patience(self) -> int:
        """After how many passes a file that lost its name is given up."""
        return IDLE_PASSES

    @property
    def identities(self) -> Collection[Identity]:
        return self._handles.keys()

    def refresh(self, files: Mapping[Identity, Listed], astray: Mapping[Identity, Listed]) -> None:
        """Take over what a listing says, and where files are that have lost the names that are asked for.

        Handles of files that are nowhere are forgotten, unless they are open.
        """
        for handle in list(self):
            if handle.identity not in files:
                self._watch(handle, astray.get(handle.identity))
        for identity, file in (*files.items(), *astray.items()):
            handle = self._handles.setdefault(identity, Handle(identity, file.path, file.stat, calm=-1))
            if identity in files:
                handle.look(file.stat)
            handle.path, handle.listed = file.path, identity in files

    def _watch(self, handle: Handle, place: Listed | None) -> None:
        if place is None and handle.descriptor is None:
            del self._handles[handle.identity]
            return
        if handle.listed:
            handle.listed, handle.calm = False, -1
        if handle.descriptor is not None:
            handle.look(os.fstat(handle.descriptor))
        elif place is not None:
            handle.look(place.stat)

    def open(self, handle: Handle) -> bool:
        """Make sure the file is open; False when it has to wait or is no longer the one that was listed."""
        self._turns += 1
        handle.turn = self._turns
        if handle.descriptor is not None:
            return True
        if not self._make_room():
            return False
        handle.descriptor = os.open(handle.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        status = os.fstat(handle.descriptor)
        # What is shorter than it was listed may be another file with the same inode, and the log that it is a copy of unlisted.
        if (status.st_dev, status.st_ino) != handle.identity or status.st_size < handle.stat.st_size:
            handle.close()
            return False
        try:
            reach.check(handle.descriptor)
        except OSError:
            handle.close()
            raise
        self._opened.append(handle)
        return True

    def _make_room(self) -> bool:
        """Close handles that cost least: a half-read gzip file would have to be inflated again, a file without a name be lost."""
        self._opened = [handle for handle in self._opened if handle.descriptor is not None]
        excess = len(self._opened) + 1 - READERS.room(OPEN_FILES)
        if excess <= 0:
            return True
        idle = [handle for handle in self._opened if not handle.in_use]
        cheap = [handle for handle in idle if not handle.busy or (handle.listed and handle.gzip is None)]
        # More than one where others have come that share what there is.
        for handle in nsmallest(excess, cheap, key=lambda handle: (not handle.listed, handle.turn)):
            handle.close()
        return len(cheap) >= excess

    def release(self, handle: Handle) -> None:
        """Close a file and know it no more."""
        handle.close()
        self._handles.pop(handle.identity, None)

    def close(self) -> None:
        for handle in self:
            handle.close()
        self._handles.clear()
