"""A pipeline to the state and back."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from exporter.blocks import BlockStore
from exporter.join import KeptLabels, KeptPredictions
from exporter.ledger import Ledger, Totals
from exporter.panes import Slot
from exporter.pipeline import Pipeline
from exporter.source_health import SourceHealth
from exporter.state import State, StateError
from exporter.state_codec import (
    DamagedStateError,
    array,
    pack,
    pack_content,
    pack_rows,
    unpack,
    unpack_content,
    unpack_rows,
)
from exporter.watermark import Partition, Watermark

_LOG = logging.getLogger(__name__)


def save(pipeline: Pipeline, state: State) -> None:
    """Write what has changed since the last save; to be called inside a transaction."""
    name, ledger = pipeline.model.name, pipeline.ledger
    state.delete_panes(name, ledger.panes.removed)
    panes = dict(ledger.panes.items())
    state.save_panes(
        name, ((*slot, panes[slot].settled, pack_content(panes[slot].content)) for slot in ledger.panes.changed)
    )
    for kind, store in _stores(ledger).items():
        state.delete_blocks(name, kind, store.removed)
        added = (block for block in store if block.number in store.added)
        state.save_blocks(name, kind, ((block.number, pack_rows(block.rows)) for block in added))
    state.save_model(name, pack(_document(pipeline)))


def saved(pipeline: Pipeline) -> None:
    """Take note that the transaction of a ``save`` was committed."""
    pipeline.ledger.panes.forget_changes()
    for store in _stores(pipeline.ledger).values():
        store.forget_changes()


def restore(pipeline: Pipeline, state: State) -> None:
    """Bring a new pipeline to where it was saved.

    When the model's layout has changed since (another reference, other windows), what was counted cannot be
    added to: positions and the sources' books are kept, the counts begin anew, and the log says so.
    """
    name = pipeline.model.name
    data = state.model(name)
    if data is None:
        return
    try:
        document = unpack(data)
        _restore_sources(pipeline, document)
        if document["fingerprint"] == fingerprint(pipeline):
            _restore_ledger(pipeline.ledger, document, state, name)
            return
    except (DamagedStateError, KeyError, TypeError, ValueError) as error:
        raise StateError(
            f"{state.folder}: the state of {name} is damaged: {error}; move it away to start anew"
        ) from error
    _LOG.warning(
        "the model's features, windows or reference have changed: its figures start anew",
        extra={"fields": {"model": name}},
    )
    with state.transaction():
        state.delete_model(name)


def fingerprint(pipeline: Pipeline) -> str:
    levels = [(level.length, level.step) for level in pipeline.ledger.timeline.levels]
    return f"{pipeline.layout.fingerprint()} {levels} {pipeline.ledger.timeline.endless}"


def _document(pipeline: Pipeline) -> dict[str, Any]:
    ledger = pipeline.ledger
    return {
        "fingerprint": fingerprint(pipeline),
        "dictionaries": {key: dictionary.added() for key, dictionary in pipeline.layout.dictionaries.items()},
        "totals": {version: _totals_document(totals) for version, totals in ledger.totals.items()},
        "orphans": ledger.orphans,
        "first_event": ledger.first_event,
        "now": ledger.now,
        "expired_at": ledger.expired_at,
        "watermark": _watermark_document(pipeline.watermark),
        "cursors": [dict(feed.cursor) for feed in pipeline.feeds],
        "health": [_health_document(feed.health) for feed in pipeline.feeds],
    }


def _restore_sources(pipeline: Pipeline, document: Mapping[str, Any]) -> None:
    for feed, cursor, health in zip(pipeline.feeds, document["cursors"], document["health"], strict=False):
        feed.cursor = cursor
        _restore_health(feed.health, health)
    _restore_watermark(pipeline.watermark, document["watermark"])


def _restore_ledger(ledger: Ledger, document: Mapping[str, Any], state: State, name: str) -> None:
    for key, dictionary in ledger.layout.dictionaries.items():
        dictionary.restore(document["dictionaries"][key])
    for version, totals in document["totals"].items():
        ledger.totals[version] = _totals(ledger, totals)
    ledger.orphans = document["orphans"]
    ledger.first_event = document["first_event"]
    ledger.now = document["now"]
    ledger.expired_at = document["expired_at"]
    for version, start, step, settled, content in state.panes(name):
        ledger.panes.restore(Slot(version, start, step), unpack_content(content), settled=bool(settled))
    if ledger.join:
        for number, content in state.blocks(name, "predictions"):
            ledger.join.predictions.restore(number, unpack_rows(KeptPredictions, content))
        for number, content in state.blocks(name, "labels"):
            ledger.join.labels.restore(number, unpack_rows(KeptLabels, content))


def _stores(ledger: Ledger) -> dict[str, BlockStore[Any]]:
    return {"predictions": ledger.join.predictions, "labels": ledger.join.labels} if ledger.join else {}


def _totals_document(totals: Totals) -> dict[str, Any]:
    """Most counters of most layouts are 0: only the others are kept."""
    used = np.flatnonzero(totals.counts)
    cells = np.flatnonzero(totals.cells)
    return {
        "newest": totals.newest,
        "counts": [used, totals.counts[used]],
        "cells": [cells, totals.cells[cells]],
        "sums": totals.sums,
    }


def _totals(ledger: Ledger, document: Mapping[str, Any]) -> Totals:
    totals = Totals(ledger.layout)
    totals.newest = document["newest"]
    totals.sums = array(document["sums"])
    for name in ("counts", "cells"):
        used, values = map(array, document[name])
        getattr(totals, name)[used] = values
    return totals


def _health_document(health: SourceHealth) -> dict[str, Any]:
    counters = {name: dict(getattr(health, name)) for name in ("rejected", "invalid", "notes")}
    plain = {name: getattr(health, name) for name in ("rows", "late", "ignored", "newest")}
    return plain | counters


def _restore_health(health: SourceHealth, document: Mapping[str, Any]) -> None:
    for name, value in document.items():
        setattr(health, name, Counter(value) if isinstance(value, dict) else value)


def _watermark_document(mark: Watermark) -> dict[str, Any]:
    partitions = {
        name: [partition.newest, partition.seen, partition.growing] for name, partition in mark.partitions.items()
    }
    return {"value": mark.value, "caught_up": mark.caught_up, "partitions": partitions}


def _restore_watermark(mark: Watermark, document: Mapping[str, Any]) -> None:
    mark.value, mark.caught_up = document["value"], document["caught_up"]
    mark.partitions = {name: Partition(*values) for name, values in document["partitions"].items()}
