"""A pipeline to the state and back."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.counting.packed import Packed
from exporter.counting.packed_vectors import dense_sum, pack_vector
from exporter.counting.panes import Slot
from exporter.intake.source_health import SourceHealth
from exporter.intake.watermark import Partition, Watermark
from exporter.label_join.dated_blocks import DatedBlocks
from exporter.ledger.ledger import Ledger, Totals
from exporter.pipeline import Pipeline
from exporter.rows.kept_rows import KeptLabels, KeptPredictions
from exporter.rows.record import Predictions
from exporter.sequential import detector_state
from exporter.state import objective_state
from exporter.state.codec import (
    array,
    pack,
    pack_content,
    pack_rows,
    unpack,
    unpack_content,
    unpack_rows,
)
from exporter.state.database import State
from exporter.state.problem import DamagedStateError, StateError

_LOG = logging.getLogger(__name__)

# The rows that are kept, by what for, and what else the label join remembers.
_KINDS: Mapping[str, type[KeptPredictions | KeptLabels | Predictions]] = {
    "predictions": KeptPredictions,
    "labels": KeptLabels,
    "waiting": KeptLabels,
    "newest": Predictions,
}
_JOIN = ("orphans", "evicted", "clock", "settled_to", "expired_to")
# Before they were packed, counters were kept as two arrays: their places, and themselves.
_FORMER = 2
_BACKLOG = ("newest", "complete_to", "was_drained", "reached")


def save(pipeline: Pipeline, state: State) -> None:
    """Write what has changed since the last save; to be called inside a transaction."""
    name, ledger = pipeline.model.name, pipeline.ledger
    panes = ledger.panes
    state.delete_panes(name, panes.removed)
    state.save_panes(name, ((*slot, pack_content(panes.packed(slot))) for slot in panes.changed))
    for kind, store in _stores(ledger).items():
        state.delete_blocks(name, kind, store.removed)
        added = (block for block in store if block.number in store.added)
        state.save_blocks(name, kind, ((block.number, pack_rows(block.rows)) for block in added))
    objective_state.save(ledger.objectives, state, name)
    state.save_model(name, pack(_document(pipeline)))


def saved(pipeline: Pipeline) -> None:
    """Take note that the transaction of a ``save`` was committed."""
    pipeline.ledger.panes.forget_changes()
    objective_state.saved(pipeline.ledger.objectives)
    for store in _stores(pipeline.ledger).values():
        store.forget_changes()


def restore(pipeline: Pipeline, state: State) -> None:
    """Bring a new pipeline to where it was saved.

    When the model's layout has changed since (another reference, other windows), what was counted cannot be
    added to: positions and the sources' books are kept, the counts begin anew, and the log says so.
    """
    name = pipeline.model.name
    try:
        data = state.model(name)
        if data is None:
            _check_absent(state, name)
            return
        document = unpack(data)
        _restore_sources(pipeline, document)
        pipeline.counting_since = document["counting_since"]
        is_same = document["fingerprint"] == fingerprint(pipeline)
        if is_same:
            _restore_ledger(pipeline.ledger, document, state, name)
    except (DamagedStateError, KeyError, TypeError, ValueError, IndexError) as error:
        raise StateError(
            f"{state.folder}: the state of {name} is damaged: {error}; move it away to start anew"
        ) from error
    if not is_same:
        _start_anew(pipeline, state)


def rename(former: str, name: str, state: State) -> None:
    """Give what was saved of a model to one of another name, which has nothing yet. Raises ``StateError``."""
    with state.transaction():
        document = state.model(former)
        if document is None:
            return
        # Each entry is sealed with its place, so it is written anew.
        state.save_panes(name, state.panes(former))
        for kind in (*_KINDS, objective_state.KIND):
            state.save_blocks(name, kind, state.blocks(former, kind))
        state.save_model(name, document)
        state.delete_model(former)


def _start_anew(pipeline: Pipeline, state: State) -> None:
    """Keep how far the logs were read, and drop in the same transaction what was made of them."""
    name = pipeline.model.name
    pipeline.counting_since = None
    _LOG.warning(
        "the model's features, windows or reference have changed: its figures start anew",
        extra={"fields": {"model": name}},
    )
    with state.transaction():
        state.delete_figures(name)
        state.save_model(name, pack(_document(pipeline)))


def _check_absent(state: State, name: str) -> None:
    """A model without a document has nothing else either; positions that got lost must not look like a new model."""
    if any(state.panes(name)) or any(any(state.blocks(name, kind)) for kind in (*_KINDS, objective_state.KIND)):
        raise DamagedStateError("its document is missing")


def fingerprint(pipeline: Pipeline) -> str:
    """Return what must be the same for what was counted to be added to."""
    layout, timeline = pipeline.layout, pipeline.ledger.timeline
    levels = [(level.length, level.step) for level in timeline.levels]
    return f"{layout.fingerprint()} {layout.score_columns} {levels} {timeline.endless}"


def _document(pipeline: Pipeline) -> dict[str, Any]:
    ledger = pipeline.ledger
    return {
        "fingerprint": fingerprint(pipeline),
        "dictionaries": {key: dictionary.added() for key, dictionary in pipeline.layout.dictionaries.items()},
        "totals": {version: _totals_document(totals) for version, totals in ledger.totals.items()},
        "past_overflows": dict(ledger.past_overflows),
        "objectives": objective_state.document_of(ledger.objectives),
        "detector": detector_state.document_of(ledger.detector),
        "history": [ledger.history.first, ledger.history.newest],
        "now": ledger.now,
        "join": {key: getattr(ledger.join, key) for key in _JOIN} if ledger.join else None,
        "panes": len(ledger.panes),
        "blocks": {kind: len(store.blocks) for kind, store in _stores(ledger).items()},
        "start": pipeline.start,
        "counting_since": pipeline.counting_since,
        "published": pipeline.is_published,
        "backlogs": [[getattr(backlog, key) for key in _BACKLOG] for backlog in pipeline.backlogs],
        "watermark": _watermark_document(pipeline.watermark),
        "cursors": [
            {**feed.other_cursors, name: dict(feed.cursor)}
            for name, feed in zip(_formats(pipeline), pipeline.feeds, strict=True)
        ],
        "health": [_health_document(feed.health) for feed in pipeline.feeds],
    }


def _formats(pipeline: Pipeline) -> list[str]:
    """Return the format of each feed's log."""
    logs = (pipeline.model.predictions, pipeline.model.labels)
    return [log.format for log in logs if log is not None]


def _restore_sources(pipeline: Pipeline, document: Mapping[str, Any]) -> None:
    remembered = zip(pipeline.feeds, _formats(pipeline), document["cursors"], document["health"], strict=False)
    for feed, name, cursors, health in remembered:
        feed.other_cursors = dict(cursors)
        # A source can read the cursors of its own format only.
        feed.cursor = feed.other_cursors.pop(name, {})
        _restore_health(feed.health, health)
    _restore_watermark(pipeline.watermark, document["watermark"])
    if document["start"] is not None:
        pipeline.begin_at(document["start"])
    pipeline.is_published = document["published"]
    for backlog, values in zip(pipeline.backlogs, document["backlogs"], strict=True):
        for key, value in zip(_BACKLOG, values, strict=True):
            setattr(backlog, key, value)


def _restore_ledger(ledger: Ledger, document: Mapping[str, Any], state: State, name: str) -> None:
    for key, dictionary in ledger.layout.dictionaries.items():
        dictionary.restore(document["dictionaries"][key])
    for version, totals in document["totals"].items():
        ledger.totals[version] = _totals(ledger, totals)
    ledger.past_overflows = Counter(document["past_overflows"])
    ledger.history.first, ledger.history.newest = document["history"]
    ledger.now = document["now"]
    objective_state.restore(ledger.objectives, document["objectives"], state, name)
    detector_state.restore(ledger.detector, document["detector"])
    for version, start, step, content in state.panes(name):
        ledger.panes.restore(Slot(version, start, step), unpack_content(content))
    if len(ledger.panes) != document["panes"]:
        raise DamagedStateError(f"{len(ledger.panes)} panes instead of {document['panes']}")
    if ledger.join and document["join"]:
        for key, value in document["join"].items():
            setattr(ledger.join, key, value)
    for kind, store in _stores(ledger).items():
        for number, content in state.blocks(name, kind):
            store.restore(number, unpack_rows(_KINDS[kind], content))
        if len(store.blocks) != (said := document["blocks"].get(kind, 0)):
            raise DamagedStateError(f"{len(store.blocks)} blocks of {kind} instead of {said}")
    _drop_unused(ledger, document, state, name)


def _drop_unused(ledger: Ledger, document: Mapping[str, Any], state: State, name: str) -> None:
    """Drop rows that the model has no use for any more; should it want some again, it must not find these."""
    used = {kind: blocks for kind, blocks in document["blocks"].items() if kind in _stores(ledger)}
    if len(used) == len(document["blocks"]):
        return
    join = document["join"] if ledger.join else None
    with state.transaction():
        for kind in document["blocks"].keys() - used.keys():
            state.delete_blocks(name, kind, [number for number, _ in state.blocks(name, kind)])
        state.save_model(name, pack({**document, "join": join, "blocks": used}))


def _stores(ledger: Ledger) -> dict[str, DatedBlocks[Any]]:
    stores: dict[str, DatedBlocks[Any]] = {**ledger.join.stores} if ledger.join else {}
    return stores | ({"newest": ledger.count_windows.rows.blocks} if ledger.count_windows else {})


def _totals_document(totals: Totals) -> dict[str, Any]:
    """Counters are packed as those of panes are: most layouts have many, and they are written with each commit."""
    return {
        "newest": totals.newest,
        "counts": _arrays(pack_vector(totals.counts)),
        "cells": _arrays(pack_vector(totals.cells)),
        "sums": totals.sums,
    }


def _arrays(packed: Packed) -> list[NDArray[Any]]:
    return [packed.steps, packed.values, packed.blocks, packed.table]


def _totals(ledger: Ledger, document: Mapping[str, Any]) -> Totals:
    totals = Totals(ledger.layout)
    totals.newest = document["newest"]
    totals.sums = array(document["sums"])
    for name in ("counts", "cells"):
        counters, arrays = getattr(totals, name), list(map(array, document[name]))
        if len(arrays) == _FORMER:
            counters[arrays[0]] = arrays[1]
        else:
            counters += dense_sum([Packed(*arrays)], len(counters), np.int64)
    return totals


def _health_document(health: SourceHealth) -> dict[str, Any]:
    counters = {name: dict(getattr(health, name)) for name in ("rejected", "invalid", "notes")}
    plain = {name: getattr(health, name) for name in ("rows", "late", "ignored", "delayed", "newest")}
    return plain | counters


def _restore_health(health: SourceHealth, document: Mapping[str, Any]) -> None:
    for name, value in document.items():
        setattr(health, name, Counter(value) if isinstance(value, dict) else value)


def _watermark_document(mark: Watermark) -> dict[str, Any]:
    partitions = {name: [each.newest, each.seen, each.growing, each.place] for name, each in mark.partitions.items()}
    plain = {name: getattr(mark, name) for name in ("value", "boundary", "caught_up")}
    return {**plain, "partitions": partitions}


def _restore_watermark(mark: Watermark, document: Mapping[str, Any]) -> None:
    for name in ("value", "boundary", "caught_up"):
        setattr(mark, name, document[name])
    mark.partitions = {name: Partition(*values) for name, values in document["partitions"].items()}
