"""Every parser of what others write, as a function of bytes that raises when the parser does what it must not.

Refusing is right, with the exception that the parser promises. Wrong are any other exception, a record that is neither
a row nor counted, and two ways of reading that disagree.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np

from exporter.configuration import ConfigurationError
from exporter.configuration.loading import load
from exporter.decoders.json_lines import JsonLines
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.reference.cache import load_or_build
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.rows.kept_rows import KeptPredictions
from exporter.rows.record import Decoded
from exporter.sources import SOURCES, Cursor, SourceError
from exporter.state import codec
from exporter.state.problem import DamagedStateError
from tests.exporter.decoders.models import NOW, SEED
from tests.exporter.decoders.tables import Reading

Target = Callable[[bytes], None]

# Of lines to rows: with the compiled reader, with typed records alone, and with neither.
WAYS = ("compiled", "typed", "generic")

SETTINGS: dict[str, Any] = {
    "features": {"x": "numeric", "c": "categorical"},
    "segments": {"region": "region"},
    "fields": {"model": "model"},
}
ZONE: dict[str, Any] = {
    "time_zone": "Europe/Berlin",
    "fields": {"request_id": "id"},
    "segments": {"region": "features.x"},
}
EPOCH: dict[str, Any] = {"time_format": "epoch_ms", "segments": {"status": "status", "id": "request_id"}}
SCORES: dict[str, Any] = {"task": "multiclass", "classes": ["a", "b"], "segments": {"region": "region"}}
PATHS = [("timestamp",), ("request_id",), ("score",), ("status",), ("region",), ("features", "x"), ("features", "c")]
OPTIONS = ProfileOptions("binary", prediction="prediction", score="score", label="label")
LINE_BYTES = 1 << 16
# A source that says so often that there is more will never stop.
MOST_POLLS = 200


class ParserError(AssertionError):
    """A parser did what it must not."""


def json_predictions(data: bytes) -> None:
    lines = data.split(b"\n")
    for settings in (SETTINGS, SCORES, ZONE, EPOCH):
        _agree({way: _decoded(settings, lines, way, labels=False) for way in WAYS})


def json_labels(data: bytes) -> None:
    lines = data.split(b"\n")
    for task in ("binary", "regression"):
        _agree({way: _decoded({"task": task}, lines, way, labels=True) for way in WAYS})


def lines(data: bytes) -> None:
    _read("jsonl", data, line_bytes=LINE_BYTES, batch_bytes=100)


def csv(data: bytes) -> None:
    _read("csv", data, line_bytes=LINE_BYTES, batch_bytes=100)


def parquet(data: bytes) -> None:
    _read("parquet", data, paths_wanted=PATHS)


def configuration(data: bytes) -> None:
    with _file(data, "driftbell.yml") as path:
        try:
            load(path)
        except ConfigurationError as error:
            if not str(error).strip():
                raise ParserError("the configuration is refused without a word") from error


def profile(data: bytes) -> None:
    with _file(data, "profile.json") as path:
        try:
            load_or_build(path, OPTIONS, None)
        except ReferenceProblem as error:
            if str(path) not in str(error):
                raise ParserError(f"the profile is refused without its name: {error}") from error


def state(data: bytes) -> None:
    for read in (codec.unpack, codec.unpack_content, lambda found: codec.unpack_rows(KeptPredictions, found)):
        with suppress(DamagedStateError, KeyError, TypeError, ValueError):
            read(data)


TARGETS: Mapping[str, Target] = {
    target.__name__: target
    for target in (json_predictions, json_labels, lines, csv, parquet, configuration, profile, state)
}


def _decoded(settings: Mapping[str, Any], found: list[bytes], way: str, *, labels: bool) -> Decoded[Any]:
    # All ways give codes of the same dictionaries, so that their rows can be compared.
    layout = _reading(json.dumps(settings)).layout
    log = layout.model.labels
    assert log is not None
    gatherer: Any = LabelGatherer(layout, log, SEED) if labels else PredictionGatherer(layout, SEED)
    decoder: JsonLines[Any] = JsonLines(gatherer)
    if way != "compiled":
        decoder._compiled = None
    if way == "generic":
        decoder._type.parse = _refuse
    decoded = decoder.decode(found, NOW)
    _account(decoded, len(found))
    return decoded


@cache
def _reading(settings: str) -> Reading:
    return Reading(None, json.loads(settings))


def _refuse(line: bytes) -> Any:
    raise msgspec.ValidationError(line)


def _account(decoded: Decoded[Any], read: int) -> None:
    refusals = decoded.refusals
    if not read == decoded.read == len(decoded.rows) + refusals.rejected.total() + refusals.ignored:
        raise ParserError(f"{read} records, {len(decoded.rows)} rows and {refusals}")


def _agree(decoded: Mapping[str, Decoded[Any]]) -> None:
    right = decoded["generic"]
    for way, left in decoded.items():
        for column in dataclasses.fields(left.rows):
            found, expected = (getattr(each.rows, column.name) for each in (left, right))
            if not np.array_equal(found, expected, equal_nan=found.dtype.kind == "f"):
                raise ParserError(f"{column.name} is {found} the {way} way and {expected} the generic one")
        if left.refusals != right.refusals:
            raise ParserError(f"{left.refusals} the {way} way and {right.refusals} the generic one")


def _read(kind: str, data: bytes, **options: Any) -> None:
    """Read a file to its end, or to where it cannot be read."""
    reading = Reading(None, SETTINGS)
    cursor: Cursor = {}
    with _file(data, f"log.{kind}") as path:
        source = SOURCES[kind]("fuzz", [str(path)], finish=True, **options)
        try:
            for _ in range(MOST_POLLS + len(data)):
                batch = source.poll(cursor)
                if batch is None:
                    return
                cursor = json.loads(json.dumps(batch.cursor))
                decoded = reading.predictions(kind, batch.payload)
                _account(decoded, decoded.read)
        except SourceError:
            return
        finally:
            source.close()
    raise ParserError("the file has no end")


@contextmanager
def _file(data: bytes, name: str) -> Iterator[Path]:
    """A file with some content, in a folder of its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path
