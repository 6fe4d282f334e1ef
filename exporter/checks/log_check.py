"""Does a log look like its configuration says? A look at some of its records, before anything relies on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter.checks.log_findings import Glance, findings
from exporter.checks.log_opening import Opening, OpeningError, opening_of
from exporter.configuration.log_files import LogFiles
from exporter.counting.layout import Layout
from exporter.decoders import Decoder
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.intake.formats import decoder_of
from exporter.sources import NAMES
from exporter.sources.listing import Listing, listing, nothing


def check_logs(layout: Layout, now: int) -> Iterator[str]:
    """Yield what is odd about a model's logs, one sentence each, beginning with the part of the configuration.

    ``now`` is the wall clock in microseconds.
    """
    model = layout.model
    predictions = decoder_of(model.predictions, PredictionGatherer(layout, 0))
    yield from _check("predictions", model.predictions, model.time_format, predictions, layout, now)
    if model.labels is not None:
        labels = decoder_of(model.labels, LabelGatherer(layout, model.labels, 0))
        yield from _check("labels", model.labels, model.labels.time_format, labels, layout, now)


def _check(
    part: str, log: LogFiles, time_format: str, decoder: Decoder[Any], layout: Layout, now: int
) -> Iterator[str]:
    found = listing(log.paths, NAMES[log.format])
    yield from (f"{part}: {path}: no such file yet; it is waited for" for path in found.missing)
    yield from (f"{part}: {error}" for error in found.errors)
    if not found.files and not found.missing and not found.errors:
        yield f"{part}: {nothing(log.paths, NAMES[log.format])} yet; files are waited for"
    for path in _telling(found):
        try:
            glance = glance_at(path, time_format, opening_of(path, log), decoder, now)
        except OpeningError as error:
            yield f"{part}: {path}: {error}"
        else:
            yield from (f"{part}: {path}: {text}" for text in findings(glance, layout, now))


def _telling(found: Listing) -> list[str]:
    """Return the first file and the newest one: the latter is what is written now."""
    files = list(found.files.values())
    newest = sorted(files, key=lambda file: file.stat.st_mtime_ns)[-1:]
    return list(dict.fromkeys(file.path for file in (*files[:1], *newest)))


def glance_at(path: str, time_format: str, opening: Opening, decoder: Decoder[Any], now: int) -> Glance:
    """Decode the first records of a file; where some are refused, one by one, so that each refusal has its place."""
    glance = Glance(path, time_format, opening.unit, len(opening.records))
    for record in opening.records:
        glance.keys = glance.keys or record.keys
        glance.all_keys.update(record.keys)
    decoded = decoder.decode(opening.payload(0, len(opening.records)), now)
    glance.rows = decoded.rows if len(decoded.rows) else None
    if decoded.refusals.rejected or decoded.refusals.ignored or decoded.refusals.invalid:
        _note_refusals(glance, opening, decoder, now)
    return glance


def _note_refusals(glance: Glance, opening: Opening, decoder: Decoder[Any], now: int) -> None:
    for index, record in enumerate(opening.records):
        refusals = decoder.decode(opening.payload(index, index + 1), now).refusals
        for reason in (*refusals.rejected, *(["of another model"] if refusals.ignored else [])):
            glance.refused[reason] += 1
            glance.examples.setdefault(reason, record.number)
        for name in refusals.invalid:
            glance.unusable[name] += 1
            glance.examples.setdefault(f"unusable {name}", record.number)
