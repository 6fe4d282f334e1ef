"""What a file says: its bytes, inflated when it is a gzip file, addressed by offset.

Identity, positions and line cutting see content only, so a log that is compressed after it was read
is the same content under the same offsets.
"""

from __future__ import annotations

import os
from typing import Protocol

from exporter.sources.gzip_content import MAGIC, GzipContent


class Content(Protocol):
    """Random access in form, sequential in practice: reading on is cheap, going far back may not be."""

    @property
    def finished(self) -> bool:
        """The content says of itself that it is complete."""

    @property
    def incomplete(self) -> bool:
        """The content says of itself that something is missing at its end."""

    @property
    def junk(self) -> bool:
        """What follows the content is not content and never will be."""

    @property
    def damage(self) -> str | None:
        """Why nothing behind the present end can be read, or None."""

    @property
    def length(self) -> int | None:
        """How long it is at present, None when that cannot be said without reading it."""

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on; fewer only at the present end."""


class PlainContent:
    """A file taken as it is. It never says that it is complete: a log may always grow."""

    finished = False
    incomplete = False
    junk = False
    damage = None

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def length(self) -> int:
        return os.fstat(self._descriptor).st_size

    def read(self, offset: int, size: int) -> bytes:
        block = os.pread(self._descriptor, size, offset)
        while (
            block and len(block) < size and (more := os.pread(self._descriptor, size - len(block), offset + len(block)))
        ):
            block += more
        return block


def content_of(descriptor: int) -> PlainContent | GzipContent | None:
    """Tell a gzip file by its first bytes, whatever its name; None while that cannot be told yet."""
    magic = os.pread(descriptor, len(MAGIC), 0)
    if magic == MAGIC:
        return GzipContent(descriptor)
    return None if MAGIC.startswith(magic) else PlainContent(descriptor)
