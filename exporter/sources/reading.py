"""One step along a content: from a position to the lines behind it and the next position."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exporter.sources.content import Content
from exporter.sources.lines import cut
from exporter.sources.position import Position, moved

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Limits:
    """How a content is cut up."""

    line_bytes: int
    batch_bytes: int
    finish: bool
    """All content is there: an unterminated last line is a line."""


@dataclass(frozen=True, slots=True)
class Step:
    lines: list[bytes]
    too_long: int
    position: Position
    at_end: bool
    """There was nothing more to read when the step was taken."""


def step(content: Content, position: Position, limits: Limits) -> Step:
    """Read at most about one batch of complete lines."""
    block, at_end = _block(content, position.offset, limits)
    last = at_end and content.damage is None and (content.finished or (limits.finish and not content.incomplete))
    mark = len(BOM) if position.offset == 0 and block.startswith(BOM) else 0
    part = cut(block[mark:], limits.line_bytes, skipping=position.skipping, last=last)
    used = mark + part.used if part.used or last else 0
    ended = position.ended or (last and content.junk)
    if used:
        position = moved(position, content, position.offset + used, skipping=part.skipping)
    return Step(part.lines, part.too_long, replace(position, ended=ended, seen=None), at_end)


def _block(content: Content, offset: int, limits: Limits) -> tuple[bytes, bool]:
    size = limits.batch_bytes
    block = content.read(offset, size)
    # A line longer than a batch: read just enough to see its end, or that it has to be skipped.
    enough = limits.line_bytes + len(BOM) + len(b"\r\n")
    if len(block) == size < enough and b"\n" not in block:
        size = enough
        block = content.read(offset, size)
    return block, len(block) < size
