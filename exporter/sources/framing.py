"""How a format cuts the content of a file into records: all that tells one text format from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from exporter.sources.content import Content
from exporter.sources.csv_cut import cut_records, quoting_of
from exporter.sources.csv_header import Body, Header, header_of
from exporter.sources.lines import NO_LINES, Cut, cut

Payload_co = TypeVar("Payload_co", covariant=True)

Records = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class CsvRecords:
    """Records of one CSV file, without their line ends, and what its header calls the columns."""

    names: tuple[str, ...]
    records: Records


class Frame(Protocol[Payload_co]):
    """One file's content, seen as records."""

    @property
    def content(self) -> Content:
        """What positions count in: the records and nothing else."""

    def payload(self, records: Records) -> Payload_co: ...


class Framing(Protocol[Payload_co]):
    def frame(self, content: Content, *, finish: bool) -> Frame[Payload_co] | None:
        """See a content as records; None while too little of it is there. Raises ``HeaderError``."""

    def cut(self, block: bytes, line_bytes: int, *, skipping: bool, last: bool) -> Cut: ...

    def nothing(self) -> Payload_co:
        """Return a payload without records."""


@dataclass(frozen=True, slots=True)
class LineFrame:
    content: Content

    def payload(self, records: Records) -> Records:
        return records


class LineFraming:
    """One record a line."""

    cut = staticmethod(cut)

    def frame(self, content: Content, *, finish: bool) -> LineFrame:
        del finish  # there is nothing to wait for
        return LineFrame(content)

    def nothing(self) -> Records:
        return NO_LINES


@dataclass(frozen=True, slots=True)
class CsvFrame:
    content: Content
    header: Header

    def payload(self, records: Records) -> CsvRecords:
        return CsvRecords(self.header.names, records)


class CsvFraming:
    """A header, then records whose cells are separated by ``delimiter``; a header may be as long as a record."""

    def __init__(self, delimiter: str, line_bytes: int) -> None:
        self._delimiter = delimiter
        self._quoting = quoting_of(delimiter)
        self._line_bytes = line_bytes

    def frame(self, content: Content, *, finish: bool) -> CsvFrame | None:
        header = header_of(content, self._delimiter, self._quoting, self._line_bytes, finish=finish)
        return None if header is None else CsvFrame(Body(content, header.size), header)

    def cut(self, block: bytes, line_bytes: int, *, skipping: bool, last: bool) -> Cut:
        return cut_records(block, line_bytes, self._quoting, skipping=skipping, last=last)

    def nothing(self) -> CsvRecords:
        return CsvRecords((), [])
