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
    copy_of: str = ""
    """Key of a log of which the file was found to be a copy, complete or not, that has nothing of its own so far."""
    family: str = ""
    """Digest of what the log is called apart from rotation: app.log for app.log, app.log.1 and app.log-20260201.gz."""
    written: int = 0
    """Modification time in nanoseconds of the file when it was last read."""
    gone: bool = False
    """The file has lost its name, and nothing more is to be looked for."""
    seen: tuple[int, int] | None = None
    """Size in bytes and modification time in nanoseconds of a file that had no more to give when it looked like this."""
    touched: int = 0
    """When its inode was last changed then, in nanoseconds: nobody can put that back."""
    packed: bool = False
    """The file is a gzip file. No file becomes one under the same inode."""

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


class ChangedError(Exception):
    """A content became shorter while it was read: what was read of it is not to be trusted."""


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def fits(position: Position, content: Content) -> bool:
    """Tell whether the content is, as far as can be checked, the one that the position was taken in."""
    # The head comes first: for a gzip file it costs nothing, the tail may mean inflating half of it.
    return position.offset == 0 or (head_fits(position, content) and tail_fits(position, content))


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


def moved(position: Position, content: Content, block: bytes, used: int, *, skipping: bool) -> Position:
    """Return the position behind the first ``used`` bytes of the block that begins at a position.

    The digests are of bytes that were consumed, not of what may stand in their place by now. Raises ``ChangedError``.
    """
    offset = position.offset + used
    length = min(offset, TAIL_BYTES)
    before = _whole(content, offset - length, length - used) if used < length else b""
    tail = digest(before + block[max(used - length, 0) : used])
    ahead = replace(position, offset=offset, tail=tail, skipping=skipping, gone=False, seen=None)
    if position.offset >= HEAD_BYTES:
        return ahead
    head = _whole(content, 0, min(position.offset, HEAD_BYTES)) + block[: min(used, HEAD_BYTES - position.offset)]
    return replace(ahead, start=digest(head[:START_BYTES]), head=digest(head))


def at(position: Position, content: Content, offset: int) -> Position:
    """Return the position at an offset that was not reached by reading."""
    head = content.read(0, min(offset, HEAD_BYTES))
    length = min(offset, TAIL_BYTES)
    tail = content.read(offset - length, length)
    return replace(position, offset=offset, start=digest(head[:START_BYTES]), head=digest(head), tail=digest(tail))


def _whole(content: Content, offset: int, size: int) -> bytes:
    data = content.read(offset, size)
    if len(data) < size:
        raise ChangedError
    return data
