"""Writing logs and draining sources, for the tests of this folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from exporter.sources import Batch, CsvSource, Cursor, JsonLinesSource, Source
from exporter.sources.framing import CsvRecords


def rows(begin: int, end: int, log: str = "log") -> list[bytes]:
    """Distinct JSON lines, about 60 bytes each."""
    return [json.dumps({"id": f"{log}-{number}", "text": "x" * (number % 50)}).encode() for number in range(begin, end)]


def text(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def member(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def source(*paths: Path | str, **options: Any) -> JsonLinesSource:
    return JsonLinesSource("test", [str(path) for path in paths], **{"line_bytes": 1000, **options})


def csv_source(*paths: Path | str, **options: Any) -> CsvSource:
    return CsvSource("test", [str(path) for path in paths], **{"line_bytes": 1000, **options})


def batches(of: Source[Any], cursor: Cursor) -> Iterator[Batch[Any]]:
    """Poll until nothing is left; every cursor goes through JSON, as it does in the state."""
    while (batch := of.poll(json.loads(json.dumps(cursor)))) is not None:
        yield batch
        cursor = batch.cursor


class Reader:
    """Reads a source to its end, again and again, and remembers what it got."""

    def __init__(self, of: Source[Any]) -> None:
        self.source = of
        self.cursor: Cursor = {}
        self.rejected: dict[str, int] = {}
        self.notes: dict[str, int] = {}
        self.seen: list[Batch[Any]] = []

    def read(self) -> list[bytes]:
        """Return the lines that are new."""
        lines: list[bytes] = []
        for batch in batches(self.source, self.cursor):
            self.cursor = batch.cursor
            self.seen.append(batch)
            lines += batch.payload.records if isinstance(batch.payload, CsvRecords) else batch.payload
            for total, counts in ((self.rejected, batch.rejected), (self.notes, batch.notes)):
                for name, count in counts.items():
                    total[name] = total.get(name, 0) + count
        return lines

    def restart(self, of: Source[Any]) -> None:
        """A new process: nothing but the cursor survives."""
        self.source.close()
        self.source = of
