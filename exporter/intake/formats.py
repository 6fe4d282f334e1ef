"""From a log's section of the configuration to what reads it: a source and a decoder that fit each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from exporter.configuration.log_files import LogFiles
from exporter.decoders import DECODERS, Decoder
from exporter.decoders.gatherer import Gatherer
from exporter.decoders.leaf import Leaf
from exporter.sources import SOURCES, Source


class HowToRead(TypedDict):
    """Whether the log is complete, and how much of it is read at a time."""

    finish: bool
    batch_bytes: int


def source_of(
    log: LogFiles, name: str, line_bytes: int, leaves: Sequence[Leaf] | None, **how: Unpack[HowToRead]
) -> Source[Any]:
    """Open a log of which the ``leaves`` of each record are wanted (None: all that there is)."""
    options: dict[str, Any] = {"line_bytes": line_bytes}
    if log.format == "csv":
        options["delimiter"] = log.csv.delimiter
    if log.format == "parquet":
        options = {"paths_wanted": None if leaves is None else [leaf.path for leaf in leaves]}
    return SOURCES[log.format](name, log.paths, **options, **how)


def decoder_of(log: LogFiles, gatherer: Gatherer[Any]) -> Decoder[Any]:
    options = {"delimiter": log.csv.delimiter} if log.format == "csv" else {}
    return DECODERS[log.format](gatherer, **options)
