"""The inflated content of a gzip file that may still grow, have several members, or be damaged."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

from exporter.sources.position import TAIL_BYTES

if TYPE_CHECKING:
    from zlib import _Decompress

MAGIC = b"\x1f\x8b"
BLOCK_BYTES = 1 << 18
# Room for the header of a wide table and the beginning of its records.
KEPT_BYTES = 1 << 16
_GZIP_WRAPPER = 31


class GzipContent:
    """Inflates block by block, so that a small file that inflates to gigabytes cannot fill the memory.

    The window of inflated bytes begins a little before the last offset asked for. Reading on from there
    continues the same decompressor from poll to poll; asking for something before it inflates the file
    again from its beginning. The first bytes are kept, since every identity check and every look at a header asks for them.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._restart()

    def _restart(self) -> None:
        self.damage: str | None = None
        self.junk = False
        self.consumed = 0
        """Bytes of the compressed file that were taken in: a file shorter than this was truncated."""
        self._input = b""
        self._member: _Decompress | None = None
        self._head = b""
        self._window = b""
        self._start = 0

    @property
    def finished(self) -> bool:
        return self.junk or (self._member is None and not self._input and self.consumed > 0)

    @property
    def incomplete(self) -> bool:
        return not self.finished and self.damage is None

    @property
    def length(self) -> int | None:
        return self._start + len(self._window) if self.finished else None

    def read(self, offset: int, size: int) -> bytes:
        if offset + size <= len(self._head):
            return self._head[offset : offset + size]
        if offset < self._start:
            self._restart()
        self._move(offset, offset + size)
        return self._window[offset - self._start :][:size] if offset >= self._start else b""

    def _move(self, begin: int, end: int) -> None:
        """Let the window reach from a little before `begin` to `end`, or to the end of what is there."""
        parts, start, reached = [self._window], self._start, self._start + len(self._window)
        while reached < end and (block := self._inflate()):
            if reached <= begin - TAIL_BYTES:
                parts, start = [], reached
            parts.append(block)
            reached += len(block)
        window = b"".join(parts)
        behind = min(max(begin - TAIL_BYTES - start, 0), len(window))
        self._window, self._start = window[behind:], start + behind

    def _inflate(self) -> bytes:
        """Return the next block of content, at most BLOCK_BYTES; nothing at the present end."""
        while self.damage is None and not self.junk:
            fed = self._feed()
            if self._member is None and not self._open_member():
                if not fed or self.junk:
                    return b""
                continue
            block = self._step()
            if block:
                self._head += block[: KEPT_BYTES - len(self._head)]
                return block
            if not fed:
                return b""
        return b""

    def _feed(self) -> bool:
        """Take in more of the file when nothing useful is left; tell whether there is any input."""
        if len(self._input) < len(MAGIC):
            more = os.pread(self._descriptor, BLOCK_BYTES // 4, self.consumed)
            self.consumed += len(more)
            self._input += more
            return bool(more)
        return True

    def _open_member(self) -> bool:
        """Begin the next member, if one begins here. Zero bytes between members are padding."""
        self._input = self._input.lstrip(b"\0")
        if len(self._input) < len(MAGIC) and MAGIC.startswith(self._input):
            return False
        if not self._input.startswith(MAGIC):
            self.junk = True
            return False
        self._member = zlib.decompressobj(_GZIP_WRAPPER)
        return True

    def _step(self) -> bytes:
        member = self._member
        assert member is not None  # for the type checker: the caller opened it
        # A failing call gives nothing back, not even the good bytes before the fault: hence the copy.
        spare = member.copy()
        try:
            block = member.decompress(self._input, BLOCK_BYTES)
        except zlib.error as error:
            self.damage = str(error)
            return _salvage(spare, self._input)
        self._input = member.unused_data if member.eof else member.unconsumed_tail
        if member.eof:
            self._member = None
        return block


def _salvage(member: _Decompress, data: bytes) -> bytes:
    """Inflate byte by byte up to the fault."""
    good = []
    for index in range(len(data)):
        try:
            good.append(member.decompress(data[index : index + 1]))
        except zlib.error:
            break
    return b"".join(good)
