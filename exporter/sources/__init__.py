"""Sources: where prediction and label records come from. A new source is one file and one line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exporter.sources.contract import Batch, Cursor, Source, SourceError
from exporter.sources.events import EVENTS
from exporter.sources.naming import Names
from exporter.sources.parquet import PARQUET, ParquetSource
from exporter.sources.text_logs import CSV, JSON_LINES, CsvSource, JsonLinesSource

SOURCES: Mapping[str, Callable[..., Source[Any]]] = {
    "jsonl": JsonLinesSource,
    "csv": CsvSource,
    "parquet": ParquetSource,
}
NAMES: Mapping[str, Names] = {"jsonl": JSON_LINES, "csv": CSV, "parquet": PARQUET}
"""What the files of each format are called in a folder."""

__all__ = [
    "EVENTS",
    "NAMES",
    "SOURCES",
    "Batch",
    "CsvSource",
    "Cursor",
    "JsonLinesSource",
    "Names",
    "ParquetSource",
    "Source",
    "SourceError",
]
