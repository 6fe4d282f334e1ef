"""Cut a block of bytes into lines: a pure function, so that where a block ends can never matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from exporter.extensions import extension

native = extension("exporter.sources._line_feeds")

Places = NDArray[np.int64]

_LINE_FEED, _CARRIAGE_RETURN, _SPACE = b"\n\r "

# Lines are seldom shorter.
_SHORT = 64


class Lines(Sequence[bytes]):
    """Lines of a ``block``, without their ends: to cut all of them out would take as long as reading what is in them.

    ``places`` (2, n) say where they start and where they stop. Behind each comes its end, or nothing.
    """

    __slots__ = ("block", "places")

    def __init__(self, block: bytes, places: Places) -> None:
        self.block = block
        self.places = places

    @classmethod
    def of(cls, lines: Sequence[bytes]) -> Self:
        """Return lines that are there one by one, which may hold anything, in this form."""
        stops = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) - 1
        return cls(b"\n".join(lines), np.array((stops - [len(line) for line in lines], stops), np.int64))

    def __len__(self) -> int:
        return len(self.places[0])

    def __iter__(self) -> Iterator[bytes]:
        block = self.block
        return iter([block[start:stop] for start, stop in zip(*self.places.tolist(), strict=True)])

    @overload
    def __getitem__(self, which: int) -> bytes: ...
    @overload
    def __getitem__(self, which: slice) -> Lines: ...
    def __getitem__(self, which: int | slice) -> bytes | Lines:
        if isinstance(which, slice):
            return Lines(self.block, self.places[:, which])
        start, stop = self.places[:, which].tolist()
        return self.block[start:stop]

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # like other sequences that may be long

    def __repr__(self) -> str:
        return repr(list(self))


NO_LINES = Lines(b"", np.empty((2, 0), np.int64))


@dataclass(frozen=True, slots=True)
class Cut:
    """The complete lines of a block, and what became of its bytes."""

    lines: Sequence[bytes]
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
    found = np.frombuffer(block, np.uint8)
    ends = _line_feeds(block)
    if skipping and not len(ends):
        return Cut(NO_LINES, len(block), 0, skipping=True)
    starts = np.append(0, ends + 1)
    tail = len(block) - int(starts[-1])
    # A carriage return may still turn out to belong to the line end, so it gets one byte of grace.
    endless = not last and tail > line_bytes + 1
    stops = np.append(ends, len(block)) if last else ends
    places = np.array((starts[: len(stops)], stops))[:, int(skipping) :]
    places[1] -= _ends_in_return(found, *places) if b"\r" in block else 0
    fitting = places[1] - places[0] <= line_bytes
    lines = _without_blank(Lines(block, places if fitting.all() else places[:, fitting]), found)
    used = len(block) if last or endless else len(block) - tail
    return Cut(lines, used, int(len(fitting) - np.count_nonzero(fitting)) + endless, skipping=endless)


def _line_feeds(block: bytes) -> Places:
    """Return where the line feeds of a block are."""
    if native is None:
        return np.flatnonzero(np.frombuffer(block, np.uint8) == _LINE_FEED)
    room = np.empty(len(block) // _SHORT + 1, np.int64)
    count = native.find(block, room)
    if count > len(room):
        room = np.empty(count, np.int64)
        native.find(block, room)
    return room[:count]


def _ends_in_return(found: NDArray[np.uint8], starts: Places, stops: Places) -> NDArray[np.bool_]:
    ends: NDArray[np.bool_] = (stops > starts) & (found[stops - 1] == _CARRIAGE_RETURN)
    return ends


def _without_blank(lines: Lines, found: NDArray[np.uint8]) -> Lines:
    starts, stops = lines.places
    # Of the lines with anything in them only those can be blank that begin so.
    blank = starts == stops
    blank[~blank] = found[starts[~blank]] <= _SPACE
    if not blank.any():
        return lines
    blank[blank] = [not lines[row].strip() for row in np.flatnonzero(blank).tolist()]
    return Lines(lines.block, lines.places[:, ~blank])
