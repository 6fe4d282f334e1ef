"""What is taken out of a prediction record, and how it becomes rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from exporter.counting.layout import CategoricalField, Layout, Objective
from exporter.decoders import leaf as leaves
from exporter.decoders.columns import CodeCache, as_class, floats, plausible, table, times
from exporter.decoders.identifiers import hashes
from exporter.decoders.leaf import INVALID_VALUE, Leaf
from exporter.decoders.record_type import Columns
from exporter.decoders.request_ids import identified
from exporter.decoders.typed import ByClass, Column, mapped, taken, values_of
from exporter.rows.category import text_of
from exporter.rows.record import INVALID, MISSING, Codes, Flags, Floats, Ints, Predictions, Refusals

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

# What a version is called when the log does not say.
UNKNOWN_VERSION = "unknown"
BAD_STATUS = 0

# A record without a status succeeded; other numbers do not get through the leaf.
_STATUSES: dict[Any, int] = {None: 200, INVALID_VALUE: BAD_STATUS, **{status: status for status in range(100, 600)}}

# Kinds of leaves whose types let less through than a category's or an identifier's.
_NARROW = ("timestamp", "status", "number")


class PredictionGatherer:
    """Gathers the columns that a layout wants; ``seed`` is the key of the hashes of request ids.

    Records dated more than ``skew`` microseconds after the moment of reading are rejected (None: no time is too late).
    """

    def __init__(self, layout: Layout, seed: int, skew: int | None = None) -> None:
        self._layout = layout
        self._skew = skew
        self._model = model = layout.model
        self._seed = seed
        self._zone = ZoneInfo(model.time_zone) if model.time_zone else None
        self._seconds = _SECONDS[model.latency_unit]
        self._single = self._single_leaves()
        self._numeric = [leaves.number(field.name, field.path) for field in layout.numeric]
        self._categorical = [leaves.category(field.name, field.path, _domain(field)) for field in layout.categorical]
        self._segments = [
            leaves.category(f"segment {name}", path, spelling=_segment_spelling(layout, name))
            for name, path in model.segments.items()
        ]
        self._scores = self._score_leaves()
        self._amounts = [leaf for objective in layout.ratios for leaf in _amount_leaves(objective)]
        self._caches = [CodeCache(field.dictionary) for field in layout.categorical]
        self._versions = CodeCache(layout.versions, empty_is_missing=True)
        self._endpoints = CodeCache(layout.endpoints)
        self._classes = CodeCache(layout.classes)
        self._positive = np.nan if layout.positive is None else float(layout.positive)
        self._negative = _other_class(layout)
        self._groups = [CodeCache(dictionary, empty_is_missing=True) for dictionary in layout.segments.values()]

    @property
    def leaves(self) -> Sequence[Leaf]:
        # Narrow types come first: a segment may have the path of a feature, or of anything else.
        narrow = [leaf for leaf in self._single.values() if leaf.kind in _NARROW]
        wide = [leaf for leaf in self._single.values() if leaf.kind not in _NARROW]
        return [*narrow, *self._scores, *self._numeric, *self._amounts, *self._categorical, *wide, *self._segments]

    def gather(self, columns: Columns, count: int, now: int, refusals: Refusals) -> Predictions:
        columns, count = self._own(columns, count, refusals)
        time, status = self._times(columns), self._statuses(columns, count)
        usable = self._usable(time, status, now, refusals)
        if not usable.all():
            # Before anything of theirs takes a place among the versions or the categories.
            columns, count = {path: taken(column, usable) for path, column in columns.items()}, int(usable.sum())
            time, status = time[usable], status[usable]
        single = {name: columns[leaf.path] for name, leaf in self._single.items()}
        absent = [None] * count
        key, has_key = hashes(single.get("request_id", absent), self._seed)
        rows = Predictions(
            time=time,
            key=key,
            has_key=has_key,
            version=self._versions.codes(single.get("version", absent)),
            endpoint=self._endpoints.codes(single.get("endpoint", absent)),
            status=status,
            latency=floats(single.get("latency", absent)) * self._seconds,
            numeric=table([columns[leaf.path] for leaf in self._numeric], count),
            categorical=_code_table(self._caches, [columns[leaf.path] for leaf in self._categorical], count),
            predicted=self._predicted(single.get("prediction", absent)),
            scores=self._probabilities([columns[leaf.path] for leaf in self._scores], count),
            groups=self._segment_groups([columns[leaf.path] for leaf in self._segments], count),
            amounts=table([columns[leaf.path] for leaf in self._amounts], count),
        )
        return identified(rows, values_of(single.get("request_id", absent))) if self._model.exemplars else rows

    def finish(self, rows: Predictions, refusals: Refusals) -> Predictions:
        """Blank, and count, optional values of no use."""
        self._name_versions(rows, refusals)
        _blank_values(rows, refusals)
        self._blank_amounts(rows.amounts, refusals)
        if self._model.labels is not None:
            refusals.blank("request_id", ~rows.has_key)
        if self._model.task != "regression":
            _blank_scores(rows.scores, refusals)
            self._decide(rows)
        return rows

    def _times(self, columns: Columns) -> Ints:
        return times(columns[self._single["timestamp"].path], self._model.time_format, self._zone)

    def _statuses(self, columns: Columns, count: int) -> Codes:
        """Return statuses (n,), BAD_STATUS where one is not to be understood."""
        column = columns[self._single["status"].path] if "status" in self._single else [None] * count
        return mapped(column, lambda values: np.fromiter(map(_STATUSES.__getitem__, values), np.int32, len(values)))

    def _usable(self, time: Ints, status: Codes, now: int, refusals: Refusals) -> Flags:
        """Return which records (n,) have a plausible time and a status, and count the others."""
        usable = plausible(time, now, self._skew, refusals)
        bad_status: Flags = usable & (status == BAD_STATUS)
        refusals.reject("bad_status", bad_status)
        return usable & ~bad_status

    def _own(self, columns: Columns, count: int, refusals: Refusals) -> tuple[Columns, int]:
        """Return the columns and the number of the records that are not other models' of the same log."""
        if "model" not in self._single:
            return columns, count
        own: Flags = mapped(columns[self._single["model"].path], self._are_own)
        if own.all():
            return columns, count
        refusals.ignored += int((~own).sum())
        return {path: taken(column, own) for path, column in columns.items()}, int(own.sum())

    def _are_own(self, names: Sequence[Any]) -> Flags:
        return np.fromiter((_is(name, self._model.model_id) for name in names), np.bool_, len(names))

    def _predicted(self, values: Column) -> Floats:
        return floats(values) if self._layout.is_regression else as_class(self._classes.codes(values))

    def _probabilities(self, columns: Sequence[Column], count: int) -> Floats:
        if not columns or self._model.task == "binary" or isinstance(self._model.fields.scores, Mapping):
            return table(columns, count)
        names = self._layout.classes.texts[: self._layout.score_columns]
        return _in_order(columns[0], names).reshape(count, len(names))

    def _segment_groups(self, columns: Sequence[Column], count: int) -> Codes:
        """Return quality groups (n, S): group 0 is everything, then come the values of each segment field in turn."""
        codes = _code_table(self._groups, columns, count)
        widths = [dictionary.capacity for dictionary in self._layout.segments.values()]
        first = 1 + np.cumsum([0, *widths[:-1]])[: len(widths)]
        return np.where(codes >= 0, codes + first, codes).astype(np.int32)

    def _name_versions(self, rows: Predictions, refusals: Refusals) -> None:
        for name, codes, dictionary, default in (
            ("version", rows.version, self._layout.versions, UNKNOWN_VERSION),
            ("endpoint", rows.endpoint, self._layout.endpoints, ""),
        ):
            refusals.blank(name, codes == INVALID)
            if (codes < 0).any():
                codes[codes < 0] = dictionary.code(default)

    def _blank_amounts(self, amounts: Floats, refusals: Refusals) -> None:
        """A record's two numbers count together or not at all: both finite, none negative, no more good ones than all."""
        for objective in self._layout.ratios:
            good, total = amounts[:, 2 * objective.column], amounts[:, 2 * objective.column + 1]
            unusable: Flags = ~((good >= 0) & (good <= total) & np.isfinite(total))
            refusals.blank(f"ratio {objective.name}", unusable)
            amounts[unusable, 2 * objective.column : 2 * objective.column + 2] = 0.0

    def _decide(self, rows: Predictions) -> None:
        """Where a record has probabilities but no class, the class follows from them."""
        undecided = np.isnan(rows.predicted)
        if not undecided.any() or not rows.scores.shape[1]:
            return
        undecided &= ~np.isnan(rows.scores).any(axis=1)
        if self._model.task == "multiclass":
            rows.predicted[undecided] = rows.scores[undecided].argmax(axis=1)
        else:
            is_positive = rows.scores[undecided, 0] >= self._model.threshold
            rows.predicted[undecided] = np.where(is_positive, self._positive, self._negative)

    def _single_leaves(self) -> dict[str, Leaf]:
        fields, model = self._model.fields, self._model
        single = {"timestamp": leaves.timestamp(fields.timestamp, model.time_format, self._zone)}
        if fields.request_id:
            single["request_id"] = leaves.identifier("request_id", fields.request_id)
        names = {
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
            single["prediction"] = output("prediction", fields.prediction, self._layout)
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


def output(name: str, path: tuple[str, ...], layout: Layout, *, required: bool = False) -> Leaf:
    """A prediction or a label: a number, or a class."""
    if layout.is_regression:
        return leaves.number(name, path, required=required)
    known = layout.classes.texts[: layout.classes.known]
    return leaves.category(name, path, spelling=leaves.spelling_of(known), required=required)


def _amount_leaves(objective: Objective) -> list[Leaf]:
    ratio = objective.slo.ratio
    assert ratio is not None  # it is one of the layout's ratios
    return [
        leaves.number(f"{part} of slo {objective.name}", path)
        for part, path in (("good", ratio.good), ("total", ratio.total))
    ]


def _segment_spelling(layout: Layout, name: str) -> frozenset[str] | None:
    baselines = layout.profile.baselines if layout.profile else {}
    return leaves.spelling_of([text for segment_by, text in baselines if segment_by == name])


def _code_table(caches: Sequence[CodeCache], columns: Sequence[Column], count: int) -> Codes:
    """Return columns of categories as a table of codes (n, columns)."""
    codes = np.empty((len(columns), count), np.int32)
    for row, cache, values in zip(codes, caches, columns, strict=True):
        row[:] = cache.codes(values)
    return codes.T


def _is(value: Any, name: str) -> bool:
    return value is not None and value is not INVALID_VALUE and text_of(value) == name


def _in_order(column: Column, names: Sequence[str]) -> Floats:
    """Return probabilities by class, or as lists, in the order of the classes (n, C)."""
    if isinstance(column, ByClass):
        unusable = np.full(len(column), np.inf)
        scores = np.array([column.columns.get(name, unusable) for name in names]).reshape(len(names), len(column)).T
        is_there = ~np.isnan(np.array(list(column.columns.values())))
        return np.where(is_there.any(axis=0).reshape(-1, 1), scores, np.nan)
    if isinstance(column, np.ndarray):
        if column.shape[1] == len(names):
            return column
        is_there = ~np.isnan(column)
        return np.where(is_there.any(axis=1).reshape(-1, 1), np.full((1, len(names)), np.inf), np.nan)
    return floats([_by_class(value, names) for value in values_of(column)])


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
        bad: Flags = np.logical_or.reduce((scores < 0) | (scores > 1), axis=1)
    refusals.blank("score", bad)
    scores[bad | np.isnan(scores).any(axis=1)] = np.nan


def _other_class(layout: Layout) -> float:
    """Return the code of a binary model's negative class, NaN when only the positive one is known."""
    known = range(layout.classes.known)
    return next((float(code) for code in known if code != layout.positive), np.nan)


def _domain(field: CategoricalField) -> frozenset[str] | None:
    return field.column.domain if field.column else None
