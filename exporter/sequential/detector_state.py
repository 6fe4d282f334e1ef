"""A detector to the state and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from exporter.sequential.cusum import Cusum
from exporter.sequential.detector import Detector, Slice, Watch

_SUMS = tuple(column.name for column in fields(Cusum))


def document_of(detector: Detector) -> dict[str, Any]:
    return {
        "slice": detector.length,
        "finished_to": detector.finished_to,
        "past_late": detector.past_late,
        "open": [[*key, one.rows, one.sums] for key, one in detector.open.items()],
        "watches": {version: _watch_document(watch) for version, watch in detector.watches.items()},
    }


def restore(detector: Detector, document: Mapping[str, Any]) -> None:
    """Bring a new detector to where it was; with slices of another length it begins anew, but for what it has counted."""
    detector.past_late = document["past_late"]
    for version, watch in document["watches"].items():
        detector.watches[version] = _watch(watch)
    if document["slice"] != detector.length:
        # Its spread was that of other slices. Predictions that have settled do not come again.
        detector.watches = {version: Watch(late=watch.late) for version, watch in detector.watches.items()}
        return
    detector.finished_to = document["finished_to"]
    detector.open = {(start, version): Slice(rows, sums) for start, version, rows, sums in document["open"]}


def _watch_document(watch: Watch) -> dict[str, Any]:
    return {
        "rows": watch.rows,
        "late": watch.late,
        "carried": [watch.carried.rows, watch.carried.sums],
        "cusums": [[getattr(cusum, name) for name in _SUMS] for cusum in watch.cusums],
    }


def _watch(document: Mapping[str, Any]) -> Watch:
    cusums = [Cusum(**dict(zip(_SUMS, values, strict=True))) for values in document["cusums"]]
    return Watch(document["rows"], document["late"], Slice(*document["carried"]), cusums)
