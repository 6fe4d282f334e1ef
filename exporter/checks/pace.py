"""How many rows a second does a model's log bring? A guess from the newest file that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exporter.checks.log_opening import Opening, OpeningError, opening_of
from exporter.configuration.log_files import LogFiles
from exporter.counting.layout import Layout
from exporter.decoders import Decoder
from exporter.decoders.prediction import PredictionGatherer
from exporter.intake.formats import decoder_of
from exporter.rows.record import Ints, Predictions
from exporter.sources import NAMES
from exporter.sources.gzip_content import MAGIC
from exporter.sources.listing import listing

_SECOND = 1_000_000
_END_BYTES = 1 << 16
_FEWEST_ROWS = 10


def pace_of(layout: Layout, now: int) -> float | None:
    """Return the model's rows a second, None where there is too little to tell; ``now`` is the wall clock.

    Of a plain file of JSON lines: its size over the size of a record, between its first time stamp and its last.
    Of other files: the pace of the first records.
    """
    log = layout.model.predictions
    files = listing(log.paths, NAMES[log.format]).files.values()
    newest = max(files, key=lambda file: file.stat.st_mtime_ns, default=None)
    if newest is None:
        return None
    decoder: Decoder[Predictions] = decoder_of(log, PredictionGatherer(layout, 0))
    try:
        opening = opening_of(newest.path, log)
    except OpeningError:
        return None  # check_logs says so
    first = _times(decoder, opening.payload(0, len(opening.records)), now)
    if len(first) < _FEWEST_ROWS:
        return None
    if (whole := _of_whole(newest.path, log, opening, first, decoder, now)) is not None:
        return whole
    return _ratio(len(first) - 1, int(first.max() - first.min()))


def _of_whole(
    path: str, log: LogFiles, opening: Opening, first: Ints, decoder: Decoder[Predictions], now: int
) -> float | None:
    if log.format != "jsonl" or _is_gzip(path):
        return None
    last = _times(decoder, _last_lines(path), now)
    if not len(last):
        return None
    record_bytes = sum(len(line) + 1 for line in opening.payload(0, len(opening.records))) / len(first)
    return _ratio(Path(path).stat().st_size / record_bytes - 1, int(last.max() - first.min()))


def _times(decoder: Decoder[Predictions], payload: Any, now: int) -> Ints:
    """Return the times of the records that are the model's own and can be used."""
    return decoder.decode(payload, now).rows.time


def _is_gzip(path: str) -> bool:
    with Path(path).open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _last_lines(path: str) -> list[bytes]:
    """Return the last whole lines of a file."""
    with Path(path).open("rb") as file:
        start = max(Path(path).stat().st_size - _END_BYTES, 0)
        file.seek(start)
        lines = file.read().split(b"\n")
    return [line for line in lines[bool(start) : -1] if line.strip()]


def _ratio(rows: float, span: int) -> float | None:
    return rows / span * _SECOND if rows > 0 and span > 0 else None
