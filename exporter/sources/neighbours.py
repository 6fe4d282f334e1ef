"""What a file that looks like another one wants to know about that other one."""

from __future__ import annotations

from typing import Any

from exporter.sources.content import Content
from exporter.sources.framing import Framing
from exporter.sources.handles import Handle, Handles
from exporter.sources.position import HEAD_BYTES, TAIL_BYTES, Position, fits


class Neighbours:
    """The files of a source, by the positions that were taken in them."""

    def __init__(self, handles: Handles, framing: Framing[Any]) -> None:
        self._handles = handles
        self._framing = framing

    def unread(self, position: Position) -> bool | None:
        """Tell whether there is more to read behind a position; None: what it was taken in is not there any more."""
        handle = self._handles.get(position.identity)
        if handle is None:
            return None
        # Its looks may be those of the last round: it may have been truncated since.
        if self._handles.open(handle):
            content = self._content(handle)
            if content is None or not fits(position, content):
                return None
        return not handle.drained(position.offset)

    def has_name(self, position: Position) -> bool:
        """Tell whether the file of a position is where the configuration says."""
        handle = self._handles.get(position.identity)
        return handle is not None and handle.listed

    def is_known(self, position: Position) -> bool:
        """Tell whether there is a file of the identity that a position has."""
        return self._handles.get(position.identity) is not None

    def goes_on_like(self, position: Position, content: Content) -> bool:
        """Tell whether the file of a position has behind it what a content has there."""
        handle, rest = self._handles.get(position.identity), content.read(position.offset, HEAD_BYTES)
        if not rest:
            return True
        original = self._content(handle) if handle is not None and self._handles.open(handle) else None
        return original is not None and original.read(position.offset, HEAD_BYTES).startswith(rest)

    def begins_with(self, position: Position, content: Content) -> bool | None:
        """Tell whether the file of a position is there and begins with all of a content; None: not now."""
        handle, length = self._handles.get(position.identity), content.length
        if handle is None or not length:
            return False  # What is empty is not known to be a copy of anything.
        if not self._handles.open(handle):
            return None
        original = self._content(handle)
        return original is not None and fits(position, original) and _alike(original, content, length)

    def _content(self, handle: Handle) -> Content | None:
        content = handle.content()
        frame = None if content is None else self._framing.frame(content, finish=False)
        return None if frame is None else frame.content


def _alike(original: Content, copy: Content, length: int) -> bool:
    """Compare the beginning and the end of a copy with what stands there in the original."""
    head, tail = min(length, HEAD_BYTES), min(length, TAIL_BYTES)
    return original.read(0, head) == copy.read(0, head) and original.read(length - tail, tail) == copy.read(
        length - tail, tail
    )
