"""Cut a block of bytes into lines: a pure function, so that where a block ends can never matter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """The complete lines of a block, and what became of its bytes."""

    lines: list[bytes]
    used: int
    """Bytes of the block that are done with; the rest is to be offered again, with more behind it."""
    too_long: int
    skipping: bool
    """The block ended inside a line that is too long: the next block begins in the middle of it."""


def cut(block: bytes, line_bytes: int, *, skipping: bool = False, last: bool = False) -> Cut:
    r"""Split a block at its newlines.

    A line loses one ``\r`` at its end; its length is measured after that. Lines of nothing but white
    space are no records: they are dropped and not counted. An unterminated line is left for later,
    unless nothing can follow (`last`) or it is already too long: then it is skipped from here on and
    counted once, now.

    >>> cut(b'{"a":1}\r\n\n{"a":', 100)
    Cut(lines=[b'{"a":1}'], used=10, too_long=0, skipping=False)
    """
    lines = block.split(b"\n")
    tail = lines.pop()
    if skipping:
        if not lines:
            return Cut([], len(block), 0, skipping=True)
        del lines[0]
    # A carriage return may still turn out to belong to the line end, so it gets one byte of grace.
    endless = not last and len(tail) > line_bytes + 1
    if last:
        lines.append(tail)
    if b"\r" in block:
        lines = [line.removesuffix(b"\r") for line in lines]
    lines, too_long = _fitting(lines, line_bytes)
    used = len(block) if last or endless else len(block) - len(tail)
    return Cut(list(filter(bytes.strip, lines)), used, too_long + endless, skipping=endless)


def _fitting(lines: list[bytes], line_bytes: int) -> tuple[list[bytes], int]:
    # The longest line decides in one pass at C speed; a log without monsters pays for nothing more.
    if max(map(len, lines), default=0) <= line_bytes:
        return lines, 0
    fitting = [line for line in lines if len(line) <= line_bytes]
    return fitting, len(lines) - len(fitting)
