"""How far a file was read, and how to know it again.

A path is not an identity: logs are renamed, replaced, truncated and compressed. Nor is an inode: it
is given to the next file once its own is deleted. A position holds on to a file by device and inode
*and* by what was read of it: a digest of the beginning and one of the bytes just before the offset.
Both cover only bytes that were consumed, so a growing file never invalidates them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exporter.sources.content import Content

START_BYTES = 256
HEAD_BYTES = 4096
TAIL_BYTES = 256

Identity = tuple[int, int]
"""Device and inode."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one file. Offsets count bytes of content, that is after inflation."""

    device: int
    inode: int
    offset: int = 0
    start: str = ""
    """Digest of the first min(offset, START_BYTES) bytes: enough to suspect that two files are the same log."""
    head: str = ""
    """Digest of the first min(offset, HEAD_BYTES) bytes."""
    tail: str = ""
    """Digest of the min(offset, TAIL_BYTES) bytes before the offset."""
    skipping: bool = False
    """The offset lies inside a line that is too long and already counted."""
    ended: bool = False
    """What follows is no content, and this has been noted."""
    seen: tuple[int, int] | None = None
    """Size in bytes and modification time in nanoseconds of a file that had no more to give when it looked like this."""

    @property
    def identity(self) -> Identity:
        return self.device, self.inode

    def encoded(self) -> dict[str, Any]:
        """Return the position for a JSON cursor; what has its default is left out."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: list(value) if name == "seen" else value for name, value in values.items() if value}

    @classmethod
    def decoded(cls, values: Mapping[str, Any]) -> Position:
        seen = values.get("seen")
        return cls(**{"device": 0, "inode": 0, **values, "seen": (seen[0], seen[1]) if seen else None})


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def head_fits(position: Position, content: Content) -> bool:
    """Tell whether the content begins like the one that the position was taken in."""
    return digest(content.read(0, min(position.offset, HEAD_BYTES))) == position.head


def reaches(position: Position, content: Content) -> bool:
    """Tell whether the content is as long as it has to be for the position."""
    return position.offset == 0 or len(content.read(position.offset - 1, 1)) == 1


def tail_fits(position: Position, content: Content) -> bool:
    """Tell whether the content reaches up to the position and ends there as it did."""
    length = min(position.offset, TAIL_BYTES)
    return digest(content.read(position.offset - length, length)) == position.tail


def moved(position: Position, content: Content, offset: int, *, skipping: bool) -> Position:
    """Return the position in the same content at a greater offset."""
    length = min(offset, TAIL_BYTES)
    tail = digest(content.read(offset - length, length))
    ahead = replace(position, offset=offset, tail=tail, skipping=skipping, seen=None)
    if position.offset >= HEAD_BYTES:
        return ahead
    head = content.read(0, min(offset, HEAD_BYTES))
    return replace(ahead, start=digest(head[:START_BYTES]), head=digest(head))
