"""The first record of a CSV file names the columns; what follows it is the content that positions count in.

The header is read from the beginning of the file whenever it is needed. So it is at hand after a restart without being
in the cursor, and two logs with the same header are not taken for copies of each other.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from exporter.sources.content import Content
from exporter.sources.csv_cut import Quoting

BOM = b"\xef\xbb\xbf"
_FIRST_LOOK = 4096


class HeaderError(Exception):
    """A file cannot be read by column; the message says why."""


@dataclass(frozen=True, slots=True)
class Header:
    names: tuple[str, ...]
    size: int
    """Bytes of the file up to the first record."""


class Body:
    """A content without its header."""

    def __init__(self, content: Content, start: int) -> None:
        self._content = content
        self._start = start

    @property
    def finished(self) -> bool:
        return self._content.finished

    @property
    def incomplete(self) -> bool:
        return self._content.incomplete

    @property
    def junk(self) -> bool:
        return self._content.junk

    @property
    def damage(self) -> str | None:
        return self._content.damage

    @property
    def length(self) -> int | None:
        length = self._content.length
        return None if length is None else max(length - self._start, 0)

    def read(self, offset: int, size: int) -> bytes:
        return self._content.read(self._start + offset, size)


def header_of(content: Content, delimiter: str, quoting: Quoting, line_bytes: int, *, finish: bool) -> Header | None:
    """Read the header, or return None when the file does not hold all of it yet.

    ``finish`` says that all content is there. Raises ``HeaderError``.
    """
    size = _FIRST_LOOK
    while True:
        block = content.read(0, size)
        end = _end_of_first(block, quoting)
        if end is not None:
            return Header(names_of(block[:end], delimiter), end + 1)
        if len(block) < size:
            whole = content.damage is None and (content.finished or (finish and not content.incomplete))
            return Header(names_of(block, delimiter), len(block)) if whole and block else None
        if size > line_bytes:
            raise HeaderError(f"the header is longer than line_bytes ({line_bytes})")
        size *= 4


def _end_of_first(block: bytes, quoting: Quoting) -> int | None:
    """Return where the first record ends."""
    inside, start = False, 0
    while (end := block.find(b"\n", start)) >= 0:
        if quoting.closes(block[start:end], inside=inside):
            return end
        inside, start = True, end + 1
    return None


@lru_cache(maxsize=64)
def names_of(line: bytes, delimiter: str) -> tuple[str, ...]:
    """Return the names of the columns; one without a name, as data frames write for their index, is read past."""
    try:
        text = line.removeprefix(BOM).removesuffix(b"\r").decode()
        names = tuple(next(csv.reader([text], delimiter=delimiter, strict=True), ()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise HeaderError(f"the header cannot be read: {error}") from error
    if not any(map(str.strip, names)):
        raise HeaderError("the header is empty; the first line must name the columns")
    name, times = Counter(filter(None, names)).most_common(1)[0]
    if times > 1:
        raise HeaderError(f"the header names the column {name!r} {times} times; rename or remove the others")
    return names
