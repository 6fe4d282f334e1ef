r"""Cut a block of CSV into records: like lines, but a line end between quotes belongs to its record.

A quote opens a cell only where the cell begins (RFC 4180), so an inch sign in the middle of a cell swallows nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from exporter.sources.lines import Cut, cut

# All repetitions are possessive: a line of a million quotes is read once, not a million times.
_QUOTED_TO_ITS_END = r'(?:[^"]++|"")*+"[^{d}]*+'
_CELLS = r'(?:{d}(?:"' + _QUOTED_TO_ITS_END + r'|(?!")[^{d}]*+))*+'
_FIRST = r'(?:"' + _QUOTED_TO_ITS_END + r'|(?!")[^{d}]*+)'


@dataclass(frozen=True, slots=True)
class Quoting:
    """Tells of a line whether it ends outside quotes, by how it begins."""

    outside: re.Pattern[bytes]
    inside: re.Pattern[bytes]

    def closes(self, line: bytes, *, inside: bool) -> bool:
        """Say whether a line that begins inside or outside quotes ends outside."""
        if b'"' not in line:
            return not inside
        return (self.inside if inside else self.outside).fullmatch(line) is not None


@cache
def quoting_of(delimiter: str) -> Quoting:
    """Return the rules for cells that are separated by ``delimiter``, one ASCII character."""
    sign = re.escape(delimiter)
    outside, inside = (_FIRST + _CELLS).format(d=sign), (_QUOTED_TO_ITS_END + _CELLS).format(d=sign)
    return Quoting(re.compile(outside.encode()), re.compile(inside.encode()))


def cut_records(block: bytes, line_bytes: int, quoting: Quoting, *, skipping: bool = False, last: bool = False) -> Cut:
    r"""Split a block that begins at a record; see ``cut`` for the rest.

    A record is too long as soon as one of its line ends lies behind the limit, whether its quotes are closed there or
    not, and reading goes on behind that line end: so a quote that is never closed costs a bounded stretch of the file.

    >>> cut_records(b'1,"a\nb"\n2,', 100, quoting_of(","))
    Cut(lines=[b'1,"a\nb"'], used=8, too_long=0, skipping=False)
    """
    lines = block.split(b"\n")
    if skipping:
        if len(lines) == 1:
            return Cut([], len(block), 0, skipping=True)
        del lines[0]
    if all(quoting.closes(line, inside=False) for line in lines[:-1] if b'"' in line):
        return cut(block, line_bytes, skipping=skipping, last=last)
    records, pending, too_long = _joined(lines, line_bytes, quoting)
    endless = not last and len(pending) > line_bytes + 1
    if last and pending:
        fits = len(pending.removesuffix(b"\r")) <= line_bytes
        records, too_long = ([*records, pending], too_long) if fits else (records, too_long + 1)
    used = len(block) if last or endless else len(block) - len(pending)
    records = [record.removesuffix(b"\r") for record in records]
    return Cut([record for record in records if record.strip()], used, too_long + endless, skipping=endless)


def _joined(lines: list[bytes], line_bytes: int, quoting: Quoting) -> tuple[list[bytes], bytes, int]:
    """Put lines together to records; return those that fit, what has no end yet, and how many do not fit."""
    records: list[bytes] = []
    parts: list[bytes] = []
    length = too_long = 0
    for line in lines[:-1]:
        closed = quoting.closes(line, inside=bool(parts))
        parts.append(line)
        length += len(line) + 1
        if length - 1 - line.endswith(b"\r") > line_bytes:
            too_long += 1
        elif closed:
            records.append(b"\n".join(parts))
        else:
            continue
        parts, length = [], 0
    return records, b"\n".join([*parts, lines[-1]]), too_long
