"""Which position belongs to a file: its own, one that came with its content, or none.

In this order:

1. The position taken under this device and inode, if the content still fits it.
2. It does not fit: the file was truncated or written anew. It is read from its beginning.
3. No such position, but the file repeats, byte for byte as far as can be checked, all that was read of
   another file: it is the same log moved, copied or compressed, and reading goes on where it stood.
   At least START_BYTES must agree, so that two logs with the same first line stay two logs. When the
   other file is still there, it is drained first, so that nothing is read from both.
4. Anything else is a new file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from exporter.sources.content import Content
from exporter.sources.position import START_BYTES, Identity, Position, digest, head_fits, reaches, tail_fits
from exporter.sources.positions import Positions


@dataclass(frozen=True, slots=True)
class Recognised:
    """Where to read on in a file."""

    position: Position
    key: str | None = None
    """The key of the position; None when the file is to get one of its own."""
    note: str | None = None


Unread = Callable[[Position], bool | None]
"""Tells of a position whether its file has more to read behind it; None: that file is gone."""


def recognise(
    content: Content, identity: Identity, positions: Positions, unread: Unread, *, held: bool, patient: bool
) -> Recognised | None:
    """Find the position of a file, or None when it cannot be told yet and the file has to wait.

    `held` says that the file was open all along, so that its inode cannot have gone to a new file;
    `patient`, that a gzip file which is not complete will be.
    """
    key = positions.own(identity)
    if key is None:
        return _inherited(content, identity, positions, unread, patient=patient)
    position = positions.by_key[key]
    # The head comes first: for a gzip file it costs nothing, the tail may mean inflating half of it.
    if not head_fits(position, content):
        return Recognised(Position(*identity), note="truncated" if held else "replaced")
    if not tail_fits(position, content):
        return Recognised(Position(*identity), note="truncated")
    return Recognised(position, key)


def _inherited(
    content: Content, identity: Identity, positions: Positions, unread: Unread, *, patient: bool
) -> Recognised | None:
    start = content.read(0, START_BYTES)
    if patient and len(start) < START_BYTES and content.incomplete:
        return None
    for key, position in _alike(digest(start), identity, positions):
        if patient and not reaches(position, content) and content.incomplete:
            # A log that is being compressed: it will get there.
            return None
        if head_fits(position, content) and tail_fits(position, content):
            state = unread(position)
            if state:
                return None
            taken = replace(position, device=identity[0], inode=identity[1], seen=None)
            return Recognised(taken, key if state is None else None, "already_seen")
    return Recognised(Position(*identity))


def _alike(start: str, identity: Identity, positions: Positions) -> list[tuple[str, Position]]:
    """Give the positions whose content may be this one, the furthest first.

    The same inode on another device is the same file after a remount, however short it is.
    """
    found = [
        (key, position)
        for key, position in positions.by_key.items()
        if (position.start == start and position.offset >= START_BYTES)
        or (position.inode == identity[1] and position.device != identity[0])
    ]
    return sorted(found, key=lambda item: -item[1].offset)
