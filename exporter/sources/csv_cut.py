r"""Cut a block of CSV into records: like lines, but a line end between quotes belongs to its record.

A quote opens a cell only where the cell begins (RFC 4180), so an inch sign in the middle of a cell swallows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from exporter.sources.lines import Cut, cut

_QUOTE = b'"'


@dataclass(frozen=True, slots=True)
class Quoting:
    """Tells of a line whether it ends outside quotes, by how it begins; ``opening`` is a quoted cell behind another.

    A search rather than a pattern: one that never goes back needs possessive repetitions, which early versions of
    Python 3.11 (3.11.2 for one) get wrong, and any other takes quadratic time for a line of a million quotes.
    """

    opening: bytes

    def closes(self, line: bytes, *, inside: bool) -> bool:
        """Say whether a line that begins inside or outside quotes ends outside."""
        if _QUOTE not in line:
            return not inside
        opened = 0 if inside else self._first_opened(line)
        # Plain cells between quoted ones do not matter, nor what stands between a closing quote and the next delimiter.
        while opened >= 0:
            closed = _behind_closing(line, opened)
            if closed < 0:
                return False
            opened = _behind(line, self.opening, closed)
        return True

    def _first_opened(self, line: bytes) -> int:
        return 1 if line.startswith(_QUOTE) else _behind(line, self.opening, 0)


def quoting_of(delimiter: str) -> Quoting:
    """Return the rules for cells that are separated by ``delimiter``, one ASCII character."""
    return Quoting(delimiter.encode() + _QUOTE)


def _behind(line: bytes, what: bytes, start: int) -> int:
    """Return the position behind the next occurrence, -1 if there is none."""
    found = line.find(what, start)
    return found + len(what) if found >= 0 else -1


def _behind_closing(line: bytes, start: int) -> int:
    """Return the position behind the next quote that is not doubled, -1 if there is none."""
    position = _behind(line, _QUOTE, start)
    while position >= 0 and line.startswith(_QUOTE, position):
        position = _behind(line, _QUOTE, position + 1)
    return position


def cut_records(block: bytes, line_bytes: int, quoting: Quoting, *, skipping: bool = False, last: bool = False) -> Cut:
    r"""Split a block that begins at a record; see ``cut`` for the rest.

    A record is too long as soon as one of its line ends lies behind the limit, whether its quotes are closed there or
    not, and reading goes on behind that line end: so a quote that is never closed costs a bounded stretch of the file.

    >>> cut_records(b'1,"a\nb"\n2,', 100, quoting_of(","))
    Cut(lines=[b'1,"a\nb"'], used=8, too_long=0, skipping=False)
    """
    if b'"' not in block:
        return cut(block, line_bytes, skipping=skipping, last=last)
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
