"""What is taken out of a prediction record, and how it becomes rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from exporter.category import text_of
from exporter.decoders import leaf as leaves
from exporter.decoders.columns import BAD_TIME, CodeCache, as_class, floats, hashes, times
from exporter.decoders.leaf import INVALID_VALUE, Leaf
from exporter.decoders.record_type import Record, RecordType
from exporter.layout import CategoricalField, Layout
from exporter.record import INVALID, MISSING, Codes, Flags, Floats, Predictions, Refusals

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

# What a version is called when the log does not say.
UNKNOWN_VERSION = "unknown"
BAD_STATUS = 0

Getter = Callable[[Sequence[Record]], list[Any]]


class PredictionGatherer:
    """Gathers the columns that a layout wants; ``seed`` is the key of the hashes of request ids."""

    def __init__(self, layout: Layout, seed: int) -> None:
        self._layout = layout
        self._model = model = layout.model
        self._seed = seed
        self._zone = ZoneInfo(model.time_zone) if model.time_zone else None
        self._seconds = _SECONDS[model.latency_unit]
        self._single = self._single_leaves()
        self._numeric = [leaves.number(field.name, field.path) for field in layout.numeric]
        self._categorical = [leaves.category(field.name, field.path, _domain(field)) for field in layout.categorical]
        self._segments = [leaves.category(f"segment {name}", path) for name, path in model.segments.items()]
        self._scores = self._score_leaves()
        self._caches = [CodeCache(field.dictionary) for field in layout.categorical]
        self._versions, self._endpoints = CodeCache(layout.versions), CodeCache(layout.endpoints)
        self._classes = CodeCache(layout.classes)
        self._groups = [CodeCache(dictionary) for dictionary in layout.segments.values()]
        self._get: dict[str, Getter] = {}

    @property
    def leaves(self) -> Sequence[Leaf]:
        # Features come first: where a segment has a feature's path, the feature's type is the narrower one.
        return [*self._numeric, *self._categorical, *self._scores, *self._single.values(), *self._segments]

    def bind(self, records: RecordType) -> None:
        self._get = {name: records.getter([leaf]) for name, leaf in self._single.items()}
        self._get |= {leaf.name: records.getter([leaf]) for leaf in self._segments}
        for name, group in (("numeric", self._numeric), ("categorical", self._categorical), ("scores", self._scores)):
            self._get[name] = records.getter(group) if group else _nothing

    def gather(self, records: Sequence[Record], now: int, refusals: Refusals) -> Predictions:
        del now  # a prediction without a time of its own is rejected
        records = self._own(records, refusals)
        key, has_key = hashes(self._values("request_id", records), self._seed)
        return Predictions(
            time=times(self._values("timestamp", records), self._model.time_format, self._zone),
            key=key,
            has_key=has_key,
            version=self._versions.codes_of_mixed(self._values("version", records)),
            endpoint=self._endpoints.codes_of_mixed(self._values("endpoint", records)),
            status=_statuses(self._values("status", records)),
            latency=floats(self._values("latency", records)) * self._seconds,
            numeric=floats(self._get["numeric"](records), len(self._numeric)),
            categorical=self._categories(records),
            predicted=self._predicted(records),
            scores=self._probabilities(records),
            groups=self._segment_groups(records),
        )

    def finish(self, rows: Predictions, refusals: Refusals) -> Predictions:
        """Reject what has no usable time or status; blank, and count, optional values of no use."""
        refusals.reject("bad_timestamp", rows.time == BAD_TIME)
        refusals.reject("bad_status", (rows.time != BAD_TIME) & (rows.status == BAD_STATUS))
        usable = (rows.time != BAD_TIME) & (rows.status != BAD_STATUS)
        rows = rows if usable.all() else rows.take(usable)
        self._name_versions(rows, refusals)
        _blank_values(rows, refusals)
        if self._model.labels is not None:
            refusals.blank("request_id", ~rows.has_key)
        if self._model.task != "regression":
            _blank_scores(rows.scores, refusals)
            self._decide(rows)
        return rows

    def _own(self, records: Sequence[Record], refusals: Refusals) -> Sequence[Record]:
        """Leave out the records of other models of the same log."""
        if "model" not in self._get:
            return records
        names = self._get["model"](records)
        own = [record for record, name in zip(records, names, strict=True) if _is(name, self._model.model_id)]
        refusals.ignored += len(records) - len(own)
        return own

    def _values(self, name: str, records: Sequence[Record]) -> Sequence[Any]:
        get = self._get.get(name)
        return get(records) if get else [None] * len(records)

    def _categories(self, records: Sequence[Record]) -> Codes:
        columns = _transposed(self._get["categorical"](records), len(self._categorical))
        codes = np.empty((len(records), len(self._categorical)), np.int32)
        for i, (field, cache, values) in enumerate(zip(self._layout.categorical, self._caches, columns, strict=True)):
            codes[:, i] = cache.codes(values) if field.column else cache.codes_of_mixed(values)
        return codes

    def _predicted(self, records: Sequence[Record]) -> Floats:
        values = self._values("prediction", records)
        return floats(values) if self._layout.is_regression else as_class(self._classes.codes_of_mixed(values))

    def _probabilities(self, records: Sequence[Record]) -> Floats:
        values, width = self._get["scores"](records), self._layout.score_columns
        if not self._scores:
            return np.empty((len(records), 0))
        if self._model.task == "multiclass" and not isinstance(self._model.fields.scores, Mapping):
            names = self._layout.classes.texts[:width]
            return floats([_by_class(value, names) for value in values], width)
        return floats(values, width)

    def _segment_groups(self, records: Sequence[Record]) -> Codes:
        """Return quality groups (n, S): group 0 is everything, then come the values of each segment field in turn."""
        groups = np.empty((len(records), len(self._groups)), np.int32)
        first = 1
        for i, (leaf, cache, dictionary) in enumerate(
            zip(self._segments, self._groups, self._layout.segments.values(), strict=True)
        ):
            codes = cache.codes_of_mixed(self._values(leaf.name, records))
            groups[:, i] = np.where(codes >= 0, codes + first, codes)
            first += dictionary.capacity
        return groups

    def _name_versions(self, rows: Predictions, refusals: Refusals) -> None:
        for name, codes, dictionary, default in (
            ("version", rows.version, self._layout.versions, UNKNOWN_VERSION),
            ("endpoint", rows.endpoint, self._layout.endpoints, ""),
        ):
            refusals.blank(name, codes == INVALID)
            if (codes < 0).any():
                codes[codes < 0] = dictionary.code(default)

    def _decide(self, rows: Predictions) -> None:
        """Where a record has probabilities but no class, the class follows from them."""
        undecided = np.isnan(rows.predicted)
        if not undecided.any() or not rows.scores.shape[1]:
            return
        undecided &= ~np.isnan(rows.scores).any(axis=1)
        if self._model.task == "multiclass":
            rows.predicted[undecided] = rows.scores[undecided].argmax(axis=1)
        else:
            positive = self._layout.positive or 0
            negative = next(code for code in range(len(self._layout.classes.texts)) if code != positive)
            rows.predicted[undecided] = np.where(rows.scores[undecided, 0] >= self._model.threshold, positive, negative)

    def _single_leaves(self) -> dict[str, Leaf]:
        fields, model = self._model.fields, self._model
        single = {"timestamp": leaves.timestamp(fields.timestamp, model.time_format, self._zone)}
        names = {
            "request_id": fields.request_id,
            "version": fields.version,
            "endpoint": fields.endpoint,
            "model": fields.model,
        }
        single |= {name: leaves.category(name, path) for name, path in names.items() if path}
        if fields.status:
            single["status"] = leaves.status(fields.status)
        if fields.latency:
            single["latency"] = leaves.number("latency", fields.latency)
        if fields.prediction:
            single["prediction"] = output("prediction", fields.prediction, is_regression=self._layout.is_regression)
        return single

    def _score_leaves(self) -> list[Leaf]:
        fields, classes = self._model.fields, self._layout.classes.texts
        if self._model.task == "binary":
            return [leaves.number("score", fields.score)] if fields.score else []
        if self._model.task != "multiclass" or not fields.scores or not classes:
            return []
        if isinstance(fields.scores, Mapping):
            return [leaves.number(f"score of {name}", fields.scores[name]) for name in classes]
        return [leaves.scores(fields.scores)]


def output(name: str, path: tuple[str, ...], *, is_regression: bool, required: bool = False) -> Leaf:
    """A prediction or a label: a number, or a class."""
    if is_regression:
        return leaves.number(name, path, required=required)
    return leaves.category(name, path, required=required)


def _nothing(records: Sequence[Record]) -> list[Any]:
    return [()] * len(records)


def _transposed(values: list[Any], width: int) -> list[Sequence[Any]]:
    """Turn a tuple a record (or bare values, when there is one leaf) into a sequence a leaf."""
    if width == 1:
        return [values]
    return list(zip(*values, strict=True)) or [()] * width


def _is(value: Any, name: str) -> bool:
    return value is not None and value is not INVALID_VALUE and text_of(value) == name


def _statuses(values: Sequence[Any]) -> Codes:
    """Return statuses (n,): a record without one succeeded, BAD_STATUS is not to be understood."""
    known = {None: 200, INVALID_VALUE: BAD_STATUS}
    return np.fromiter((known.get(value, value) for value in values), np.int32, len(values))


def _by_class(value: Any, names: Sequence[str]) -> Sequence[Any]:
    """Bring an object or list of probabilities into the order of the classes; what does not fit is of no use."""
    if value is None:
        return [np.nan] * len(names)
    if isinstance(value, dict):
        return [value.get(name, np.inf) for name in names]
    if isinstance(value, list) and len(value) == len(names):
        return value
    return [np.inf] * len(names)


def _blank_values(rows: Predictions, refusals: Refusals) -> None:
    latency = np.isinf(rows.latency) | (rows.latency < 0)
    refusals.blank("latency", latency)
    rows.latency[latency] = np.nan
    refusals.blank("prediction", np.isinf(rows.predicted))
    unplaced: Flags = (rows.groups == INVALID).any(axis=1)
    refusals.blank("segment", unplaced)
    rows.groups[rows.groups < 0] = MISSING


def _blank_scores(scores: Floats, refusals: Refusals) -> None:
    """A record's probabilities count only when all of them are there and lie between 0 and 1."""
    with np.errstate(invalid="ignore"):
        bad = ((scores < 0) | (scores > 1)).any(axis=1)
    refusals.blank("score", bad)
    scores[bad | np.isnan(scores).any(axis=1)] = np.nan


def _domain(field: CategoricalField) -> frozenset[str] | None:
    return field.column.domain if field.column else None
