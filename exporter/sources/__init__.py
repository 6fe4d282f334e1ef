"""Sources: where prediction and label records come from. A new source is one file and one line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exporter.sources.contract import Batch, Cursor, Source, SourceError
from exporter.sources.file import JsonLinesSource

SOURCES: Mapping[str, Callable[..., Source[Any]]] = {"jsonl": JsonLinesSource}

__all__ = ["SOURCES", "Batch", "Cursor", "JsonLinesSource", "Source", "SourceError"]
