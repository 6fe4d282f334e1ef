"""Payloads to columns: one decoder for each format that a log can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from exporter.decoders.csv_records import CsvDecoder
from exporter.decoders.json_lines import JsonLines
from exporter.rows.record import Decoded, Rows

R = TypeVar("R", bound=Rows)


class Decoder(Protocol[R]):
    """Turns one payload of a source into rows. ``now`` (microseconds) stands in where a row has no time."""

    def decode(self, payload: Any, now: int) -> Decoded[R]: ...


def _parquet(gatherer: Any) -> Decoder[Any]:
    # Loads pyarrow, which a process without Parquet logs need not carry.
    from exporter.decoders.record_batches import RecordBatches

    return RecordBatches(gatherer)


DECODERS: Mapping[str, Callable[..., Decoder[Any]]] = {"jsonl": JsonLines, "csv": CsvDecoder, "parquet": _parquet}
