"""Does a log look like its configuration says? A look at its first lines, before anything relies on them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from exporter.decoders import DECODERS, Decoder
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.layout import Layout
from exporter.log_findings import Glance, findings
from exporter.record import concatenate
from exporter.sources.gzip_content import MAGIC
from exporter.sources.listing import listing

# Enough to meet every feature of a usual log, and read in a moment.
FIRST_LINES = 1000
_UNREADABLE = (OSError, EOFError, zlib.error)


def check_logs(layout: Layout, now: int) -> Iterator[str]:
    """Yield what is odd about a model's logs, one sentence each, beginning with the part of the configuration.

    ``now`` is the wall clock in microseconds.
    """
    model = layout.model
    predictions = DECODERS[model.predictions.format](PredictionGatherer(layout, 0))
    yield from _check("predictions", model.predictions.paths, predictions, layout, now)
    if model.labels is not None:
        labels = DECODERS[model.labels.format](LabelGatherer(layout, model.labels, 0))
        yield from _check("labels", model.labels.paths, labels, layout, now)


def _check(part: str, paths: Sequence[str], decoder: Decoder[Any], layout: Layout, now: int) -> Iterator[str]:
    found = listing(paths)
    yield from (f"{part}: {path}: no such file yet; it is waited for" for path in found.missing)
    yield from (f"{part}: {error}" for error in found.errors)
    if not found.files:
        if not found.missing and not found.errors:
            yield f"{part}: no file matches {', '.join(paths)} yet; files are waited for"
        return
    path = next(iter(found.files.values())).path
    try:
        glance = glance_at(path, decoder, now)
    except _UNREADABLE as error:
        yield f"{part}: {path}: cannot be read: {getattr(error, 'strerror', None) or error}"
        return
    yield from (f"{part}: {path}: {text}" for text in findings(glance, layout, now))


def glance_at(path: str, decoder: Decoder[Any], now: int) -> Glance:
    """Decode the first lines of a file, one by one, so that each refusal has its line."""
    glance, parts = Glance(path), []
    for number, line in _first_lines(path):
        decoded = decoder.decode([line], now)
        glance.lines += 1
        found = _keys(line)
        glance.keys = glance.keys or found
        glance.all_keys.update(found)
        for reason in (*decoded.refusals.rejected, *(["of another model"] if decoded.refusals.ignored else [])):
            glance.refused[reason] += 1
            glance.examples.setdefault(reason, number)
        for name in decoded.refusals.invalid:
            glance.unusable[name] += 1
            glance.examples.setdefault(f"unusable {name}", number)
        if len(decoded.rows):
            parts.append(decoded.rows)
    glance.rows = concatenate(parts) if parts else None
    return glance


def _first_lines(path: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of the first lines that are records."""
    with Path(path).open("rb") as plain:
        is_gzip = plain.read(len(MAGIC)) == MAGIC
        plain.seek(0)
        lines = gzip.GzipFile(fileobj=plain) if is_gzip else plain
        records = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
        for number, line in islice(records, FIRST_LINES):
            yield number, line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")


def _keys(line: bytes) -> tuple[str, ...]:
    """The keys of a record, with those inside its objects after a dot."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(record, dict):
        return ()
    inside = ((key, value) for key, value in record.items())
    return tuple(
        name for key, value in inside for name in ([f"{key}.{k}" for k in value] if isinstance(value, dict) else [key])
    )
