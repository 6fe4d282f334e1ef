"""One step along a content: from a position to the records behind it and the next position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from exporter.sources.content import Content
from exporter.sources.framing import Framing
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
    lines: Sequence[bytes]
    too_long: int
    position: Position
    at_end: bool
    """There was nothing more to read when the step was taken."""
    unterminated: bool = False
    """The last line has no end."""


def step(content: Content, position: Position, limits: Limits, framing: Framing[Any]) -> Step:
    """Read at most about one batch of complete records. Raises ``ChangedError``."""
    # A record longer than a batch: read just enough to see its end, or that it has to be skipped.
    enough = limits.line_bytes + len(BOM) + len(b"\r\n")
    size = limits.batch_bytes
    block = content.read(position.offset, size)
    if len(block) == size < enough and b"\n" not in block:
        size = enough
        block = content.read(position.offset, size)
    taken = _cut(content, position, limits, framing, block, at_end=len(block) < size)
    if taken.at_end or taken.position.offset > position.offset:
        return taken
    # There are line ends in it, but all inside of a record.
    block = content.read(position.offset, enough)
    return _cut(content, position, limits, framing, block, at_end=len(block) < enough)


def _cut(
    content: Content, position: Position, limits: Limits, framing: Framing[Any], block: bytes, *, at_end: bool
) -> Step:
    last = at_end and content.damage is None and (content.finished or (limits.finish and not content.incomplete))
    mark = len(BOM) if position.offset == 0 and block.startswith(BOM) else 0
    part = framing.cut(block[mark:], limits.line_bytes, skipping=position.skipping, last=last)
    used = mark + part.used if part.used or last else 0
    ended = position.ended or (last and content.junk)
    if used:
        position = moved(position, content, block, used, skipping=part.skipping)
    is_cut = last and used > 0 and not block.endswith(b"\n")
    return Step(part.lines, part.too_long, replace(position, ended=ended, seen=None), at_end, is_cut)
