"""The files that are known, and the few of them that are held open.

An open handle outlives the name of its file: a log that was renamed out of sight is drained to its
end. Handles are a matter of speed and of rotation only; what is read depends on the cursor alone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from exporter.sources.content import PlainContent, content_of
from exporter.sources.gzip_content import GzipContent
from exporter.sources.listing import Listed
from exporter.sources.position import Identity

OPEN_FILES = 64
IDLE_PASSES = 10
"""Passes without a new byte after which a file that lost its name is let go: its writer may need a while to notice."""


@dataclass(slots=True, eq=False)
class Handle:
    """One file, open or not."""

    identity: Identity
    path: str
    stat: os.stat_result
    listed: bool = True
    descriptor: int | None = None
    gzip: GzipContent | None = None
    quiet: tuple[int, int, int] | None = None
    """Offset, size and modification time at which there was nothing more to read."""
    fault: str | None = None
    """Why that is less than there should be."""
    busy: bool = False
    """There was more to read at its last turn."""
    idle: int = 0
    turn: int = 0

    @property
    def looks(self) -> tuple[int, int]:
        """What changes when somebody writes: size, and modification time in nanoseconds."""
        return self.stat.st_size, self.stat.st_mtime_ns

    def drained(self, offset: int) -> bool:
        return self.quiet == (offset, *self.looks)

    def content(self) -> PlainContent | GzipContent | None:
        """Return the content of the open file; a decompressor is kept from poll to poll."""
        assert self.descriptor is not None  # for the type checker: handles are opened first
        if self.gzip is not None and self.gzip.consumed <= os.fstat(self.descriptor).st_size:
            return self.gzip
        content = content_of(self.descriptor)
        self.gzip = content if isinstance(content, GzipContent) else None
        return content

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = self.gzip = None


class Handles:
    """All handles by identity; at most OPEN_FILES are open."""

    def __init__(self) -> None:
        self._handles: dict[Identity, Handle] = {}
        self._turns = 0

    def __iter__(self) -> Iterator[Handle]:
        return iter(self._handles.values())

    def get(self, identity: Identity) -> Handle | None:
        return self._handles.get(identity)

    @property
    def identities(self) -> Collection[Identity]:
        return self._handles.keys()

    def refresh(self, files: dict[Identity, Listed]) -> None:
        """Take over what a listing says; forget what has neither a name nor anything left to read."""
        for handle in list(self._handles.values()):
            handle.listed = handle.identity in files
            if not handle.listed:
                self._watch(handle)
        for identity, file in files.items():
            handle = self._handles.setdefault(identity, Handle(identity, file.path, file.stat))
            handle.path, handle.stat, handle.idle = file.path, file.stat, 0

    def _watch(self, handle: Handle) -> None:
        if handle.descriptor is not None and handle.idle < IDLE_PASSES:
            handle.idle += 1
            handle.stat = os.fstat(handle.descriptor)
        else:
            handle.close()
            del self._handles[handle.identity]

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
        if (status.st_dev, status.st_ino) != handle.identity:
            handle.close()
            return False
        return True

    def _make_room(self) -> bool:
        """Close the handle that costs least: a half-read gzip file would have to be inflated again, a file without a name be lost."""
        opened = [handle for handle in self if handle.descriptor is not None]
        if len(opened) < OPEN_FILES:
            return True
        cheap = [handle for handle in opened if not handle.busy or (handle.listed and handle.gzip is None)]
        if cheap:
            min(cheap, key=lambda handle: (not handle.listed, handle.turn)).close()
        return bool(cheap)

    def close(self) -> None:
        for handle in self:
            handle.close()
        self._handles.clear()
