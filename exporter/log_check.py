"""Does a log look like its configuration says? A look at its first lines, before anything relies on them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.decoders import DECODERS, Decoder
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.layout import Layout
from exporter.record import MISSING, Labels, Predictions, concatenate
from exporter.sources.gzip_content import MAGIC
from exporter.sources.listing import listing

# Enough to meet every feature of a usual log, and read in a moment.
FIRST_LINES = 1000
# Nothing is too far in the future for this look.
_NOW = 0
_UNREADABLE = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Glance:
    """What the first lines of a log hold; ``examples`` is the line number of the first of each kind of refusal."""

    path: str
    lines: int
    rows: Predictions | Labels | None
    refused: Counter[str]
    examples: dict[str, int]
    keys: tuple[str, ...]


def check_logs(layout: Layout) -> Iterator[str]:
    """Yield what is odd about a model's logs, one sentence each, beginning with the part of the configuration."""
    model = layout.model
    predictions = DECODERS[model.predictions.format](PredictionGatherer(layout, 0))
    yield from _check("predictions", model.predictions.paths, predictions, layout)
    if model.labels is not None:
        labels = DECODERS[model.labels.format](LabelGatherer(layout, model.labels, 0))
        yield from _check("labels", model.labels.paths, labels, layout)


def _check(part: str, paths: Sequence[str], decoder: Decoder[Any], layout: Layout) -> Iterator[str]:
    found = listing(paths)
    yield from (f"{part}: {path}: no such file yet; it is waited for" for path in found.missing)
    yield from (f"{part}: {error}" for error in found.errors)
    if not found.files:
        if not found.missing and not found.errors:
            yield f"{part}: no file matches {', '.join(paths)} yet; files are waited for"
        return
    path = next(iter(found.files.values())).path
    try:
        glance = glance_at(path, decoder)
    except _UNREADABLE as error:
        yield f"{part}: {path}: cannot be read: {getattr(error, 'strerror', None) or error}"
        return
    yield from (f"{part}: {path}: {text}" for text in (*_refusals(glance), *_absences(glance, layout)))


def glance_at(path: str, decoder: Decoder[Any]) -> Glance:
    """Decode the first lines of a file, one by one, so that each refusal has its line."""
    refused, examples, parts, read = Counter[str](), dict[str, int](), [], 0
    keys: tuple[str, ...] = ()
    for number, line in _first_lines(path):
        decoded = decoder.decode([line], _NOW)
        keys = keys or _keys(line)
        read += 1
        if decoded.refusals.ignored:
            refused["of another model"] += 1
            examples.setdefault("of another model", number)
        for reason in decoded.refusals.rejected:
            refused[reason] += 1
            examples.setdefault(reason, number)
        if len(decoded.rows):
            parts.append(decoded.rows)
    return Glance(path, read, concatenate(parts) if parts else None, refused, examples, keys)


def _refusals(glance: Glance) -> Iterator[str]:
    if not glance.refused or (glance.rows is not None and set(glance.refused) == {"of another model"}):
        return  # Several models may share a log.
    reason, _ = glance.refused.most_common(1)[0]
    share = "all" if glance.rows is None else f"{glance.refused.total()}"
    text = f"{share} of the first {glance.lines} lines are not used; most often: {reason}, as line {glance.examples[reason]}"
    yield f"{text}; {_what_is_there(glance)}" if glance.rows is None else text


def _absences(glance: Glance, layout: Layout) -> Iterator[str]:
    """Say what the reference has and no line: figures that will never be there."""
    if not isinstance(glance.rows, Predictions) or layout.profile is None:
        return
    absent = _absent(glance.rows, layout)
    if absent:
        yield f"none of the first {glance.lines} lines has {', '.join(absent)}; {_what_is_there(glance)}"


def _absent(rows: Predictions, layout: Layout) -> list[str]:
    numeric = _named([field.name for field in layout.numeric], np.isnan(rows.numeric))
    categorical = _named([field.name for field in layout.categorical], rows.categorical == MISSING)
    known = layout.profile.features if layout.profile else {}
    absent = [f"the feature {name!r}" for name in known if name in {*numeric, *categorical}]
    if layout.prediction.column is not None and np.isnan(rows.predicted).all():
        absent.append("a prediction")
    if layout.score.column is not None and rows.scores.shape[1] and np.isnan(rows.scores).all():
        absent.append("a score")
    return absent


def _named(names: Sequence[str], missing: NDArray[np.bool_]) -> list[str]:
    """Return the names of the columns (n, len(names)) that are missing from the first row to the last."""
    return [name for i, name in enumerate(names) if missing[:, i].all()]


def _first_lines(path: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of the first lines that are records."""
    with Path(path).open("rb") as plain:
        is_gzip = plain.read(len(MAGIC)) == MAGIC
        plain.seek(0)
        lines = gzip.GzipFile(fileobj=plain) if is_gzip else plain
        records = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
        for number, line in islice(records, FIRST_LINES):
            yield number, line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")


def _what_is_there(glance: Glance) -> str:
    return f"the first one has {', '.join(glance.keys)}" if glance.keys else "the first one is no JSON object"


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
