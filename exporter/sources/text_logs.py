"""The formats of text that logs are read in: what their files are called, and how these are cut into records."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.sources.file import FileSource
from exporter.sources.framing import CsvFraming, CsvRecords, LineFraming, Records
from exporter.sources.naming import Names
from exporter.sources.reading import Limits

JSON_LINES = Names("JSON lines", (".jsonl", ".ndjson", ".json"))
CSV = Names("CSV", (".csv", ".tsv"))


class JsonLinesSource(FileSource[Records]):
    """Files of one JSON object a line."""

    def __init__(
        self, name: str, paths: Sequence[str], *, line_bytes: int, batch_bytes: int = 1 << 20, finish: bool = False
    ) -> None:
        super().__init__(name, paths, LineFraming(), Limits(line_bytes, batch_bytes, finish), JSON_LINES)


class CsvSource(FileSource[CsvRecords]):
    """CSV files (RFC 4180); the first record of each names its columns and is none of the records handed out."""

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        *,
        line_bytes: int,
        batch_bytes: int = 1 << 20,
        finish: bool = False,
        delimiter: str = ",",
    ) -> None:
        framing = CsvFraming(delimiter, line_bytes)
        super().__init__(name, paths, framing, Limits(line_bytes, batch_bytes, finish), CSV)
