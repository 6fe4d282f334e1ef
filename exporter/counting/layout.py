"""Where each thing that is counted stands in a model's vectors.

A model's panes are one long vector of counts and one of sums. This module gives every field (a feature, the
latency, the traffic …) its stretch of them, from the configuration and the reference profile alone. Whatever
changes a stretch changes the ``fingerprint``: vectors of different layouts must never be added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exporter.configuration.drift import Drift
from exporter.configuration.objectives import Slo
from exporter.configuration.schema import Model
from exporter.counting.classes import known_classes, positive_code
from exporter.reference.edge_index import EdgeIndex
from exporter.reference.profile import CategoricalColumn, Column, NumericColumn, Profile
from exporter.rows.dictionary import Dictionary
from exporter.statistics import log_buckets
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.slots import bin_counts

CONFIDENCE_BOUNDS = tuple(i / 20 for i in range(1, 21))
DELAY_BOUNDS = (
    60.0,
    300.0,
    900.0,
    3600.0,
    14_400.0,
    43_200.0,
    86_400.0,
    259_200.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
)

# The stretch of traffic counts.
REQUESTS, SUCCESSFUL, CLIENT_ERRORS, SERVER_ERRORS, SCORED, LABELLED, LOW_CONFIDENCE = range(7)
_TRAFFIC_WIDTH = 7

# The stretch of label outcomes.
JOINED, DUPLICATE, CORRECTED, UNSCORED, ORPHAN = range(5)
OUTCOMES = ("joined", "duplicate", "corrected", "unscored", "orphan")

# The columns of quality sums: classification; or those of exporter.statistics.regression.terms, of relative errors
# squared, and of exporter.statistics.r2_bounds.moment_terms.
LOG_LOSS, BRIER, LOG_LOSS_SQUARED, BRIER_SQUARED = range(4)
ERRORS, RELATIVE_SQUARED, MOMENTS = slice(0, 6), 6, slice(7, 12)
QUALITY_SUMS = 12

_EMPTY = np.empty(0)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a vector."""

    start: int
    width: int

    @property
    def stop(self) -> int:
        return self.start + self.width


class _Counted:
    """A column's stretch of counts: its slots, then one count of missing and one of invalid values."""

    __slots__ = ()
    span: Span

    @property
    def slots(self) -> int:
        return self.span.width - 2

    @property
    def missing(self) -> int:
        return self.span.stop - 2

    @property
    def invalid(self) -> int:
        return self.span.stop - 1


@dataclass(frozen=True, slots=True, eq=False)
class NumericField(_Counted):
    """A numeric column: its slots lie around the reference's edges.

    ``cuts`` are the inner limits of the bins of PSI, ``reference_bins`` the reference's rows by bin.
    """

    name: str
    path: tuple[str, ...]
    column: NumericColumn | None
    index: EdgeIndex
    cuts: Floats
    reference_bins: Counts
    span: Span
    sums: Span


@dataclass(frozen=True, slots=True, eq=False)
class CategoricalField(_Counted):
    """A categorical column: it has a slot for each code.

    ``reference`` are the reference's rows by code, where all its categories have a code from the start.
    """

    name: str
    path: tuple[str, ...]
    column: CategoricalColumn | None
    dictionary: Dictionary
    reference: Counts | None
    span: Span


Field = NumericField | CategoricalField


@dataclass(frozen=True, slots=True)
class Objective:
    """An SLO. ``column`` says which of the pairs of a record's amounts are its own, of one about a ratio."""

    name: str
    slo: Slo
    column: int = -1

    @property
    def limit(self) -> float | None:
        """The limit in seconds of an objective on latency."""
        return None if self.slo.latency is None else self.slo.latency / 1e6


class _Allotment:
    """Hands out stretches of one vector, one after the other."""

    def __init__(self) -> None:
        self.size = 0

    def take(self, width: int) -> Span:
        span = Span(self.size, width)
        self.size += width
        return span


class Layout:
    """The fields of one model. It owns the model's dictionaries, since their capacities shape the vectors."""

    def __init__(self, model: Model, profile: Profile | None) -> None:
        self.model = model
        self.profile = profile
        self.is_regression = model.task == "regression"
        self._counts, self._sums = _Allotment(), _Allotment()
        limits = model.limits
        self.versions = Dictionary("model_version", limit=limits.versions)
        self.endpoints = Dictionary("endpoint", _known_endpoints(model), limit=limits.endpoints)
        self.classes = Dictionary("class", known_classes(model, profile), limit=limits.classes)
        self.positive = positive_code(model, profile, self.classes)
        self.score_classes = len(self.classes.texts) if model.task == "multiclass" else 1
        self.segments = {name: Dictionary(name, limit=limits.segments) for name in model.segments}
        self.traffic = self._counts.take(_TRAFFIC_WIDTH)
        self.endpoint_requests = self._counts.take(self.endpoints.capacity)
        self.latency = self._counts.take(log_buckets.SLOTS)
        slo_limits = {slo.latency / 1e6 for slo in model.slos.values() if slo.latency is not None}
        self.latency_bounds = tuple(sorted({*map(float, model.latency_buckets), *slo_limits}))
        self.latency_histogram = self._counts.take(len(self.latency_bounds) + 1)
        self.latency_sum = self._sums.take(1)
        self.confidence = self._counts.take(len(CONFIDENCE_BOUNDS))
        self.confidence_sum = self._sums.take(1)
        self.outcomes = self._counts.take(len(OUTCOMES))
        self.delay = self._counts.take(len(DELAY_BOUNDS) + 1)
        self.delay_sum = self._sums.take(1)
        self.objectives = _objectives(model)
        self.features = self._features(model, profile)
        self.prediction = self._output("prediction", profile.prediction if profile else None)
        self.label = self._output("label", profile.label if profile else None)
        self.score = self._numeric("score", model.fields.score or (), profile.score if profile else None)
        self.concept = self._counts.take(_concept_width(profile))
        self.size, self.sums_size = self._counts.size, self._sums.size

    @property
    def numeric(self) -> tuple[NumericField, ...]:
        return tuple(field for field in self.features if isinstance(field, NumericField))

    @property
    def categorical(self) -> tuple[CategoricalField, ...]:
        return tuple(field for field in self.features if isinstance(field, CategoricalField))

    @property
    def score_columns(self) -> int:
        """How many probabilities a record carries: 0 where the log has none."""
        fields, task = self.model.fields, self.model.task
        if task == "binary":
            return int(bool(fields.score))
        return self.score_classes if task == "multiclass" and fields.scores else 0

    @property
    def ratios(self) -> tuple[Objective, ...]:
        """The objectives whose events are numbers of each record, in the order of their columns."""
        return tuple(objective for objective in self.objectives if objective.slo.ratio is not None)

    @property
    def score_rows(self) -> int:
        """How many kinds of scores are kept of each group: of each class, and of several the predicted one's."""
        return 1 if self.score_classes == 1 else self.score_classes + 1

    @property
    def groups(self) -> int:
        """How many groups quality is kept for: everything together, then each value of each segment field."""
        return 1 + sum(dictionary.capacity for dictionary in self.segments.values())

    @property
    def label_centre(self) -> float:
        """What sums of squares of a numeric label are kept around: the reference's mean, or 0."""
        column = self.profile.label if self.profile else None
        return column.mean if isinstance(column, NumericColumn) else 0.0

    @property
    def dictionaries(self) -> Mapping[str, Dictionary]:
        """Every dictionary by a stable key, so that their contents can be remembered."""
        named = {"versions": self.versions, "endpoints": self.endpoints, "classes": self.classes}
        named |= {f"segment {name}": dictionary for name, dictionary in self.segments.items()}
        return named | {f"feature {field.name}": field.dictionary for field in self.categorical}

    def fingerprint(self) -> str:
        """A hash of everything that shapes the vectors."""
        digest = hashlib.sha256()
        for field in (*self.features, self.prediction, self.label, self.score):
            digest.update(repr((field.name, field.span)).encode())
            if isinstance(field, NumericField):
                digest.update(field.index.edges.tobytes())
            else:
                digest.update(repr(field.dictionary.texts[: field.dictionary.known]).encode())
        # Codes and group numbers shift with any of the limits.
        capacities = {key: dictionary.capacity for key, dictionary in self.dictionaries.items()}
        digest.update(repr(capacities).encode())
        shape = (self.model.task, self.size, self.sums_size, self.positive, self.latency_bounds, list(self.segments))
        digest.update(repr((*shape, self.model.low_confidence, self.label_centre, self.score_classes)).encode())
        digest.update(repr(self.endpoints.texts[: self.endpoints.known]).encode())
        if self.concept.width and self.profile and self.profile.concept:
            digest.update(self.profile.concept.cuts.tobytes() + self.profile.concept.limits.tobytes())
        return digest.hexdigest()

    def _features(self, model: Model, profile: Profile | None) -> tuple[Field, ...]:
        names = dict.fromkeys([*(profile.features if profile else ()), *model.features])
        return tuple(self._feature(name, model, profile) for name in names if name not in model.ignore_features)

    def _feature(self, name: str, model: Model, profile: Profile | None) -> Field:
        override = model.features.get(name)
        column = profile.features.get(name) if profile else None
        path = (override.path if override else None) or (*(model.fields.features or ()), name)
        kind = (override.kind if override else None) or (
            "categorical" if isinstance(column, CategoricalColumn) else "numeric"
        )
        if kind == "numeric":
            return self._numeric(name, path, column)
        return self._categorical(name, path, column, model.limits.categories)

    def _numeric(self, name: str, path: tuple[str, ...], column: Column | None) -> NumericField:
        column = column if isinstance(column, NumericColumn) else None
        index = EdgeIndex(column.edges if column else _EMPTY)
        edges = len(index.edges)
        cuts = _psi_cuts(column, self.model.drift) if column else _EMPTY
        bins = _fixed(bin_counts(column.edges, column.counts, cuts) if column else np.zeros(1, np.int64))
        spans = self._counts.take(2 * edges + 3), self._sums.take(edges + 1)
        return NumericField(name, path, column, index, cuts, bins, *spans)

    def _categorical(self, name: str, path: tuple[str, ...], column: Column | None, limit: int) -> CategoricalField:
        column = column if isinstance(column, CategoricalColumn) else None
        dictionary = Dictionary(name, column.categories if column else (), limit)
        return self._by_code(name, path, column, dictionary)

    def _output(self, name: str, column: Column | None) -> Field:
        """A prediction or a label: a number, or one of the model's classes."""
        path = (name,) if name == "label" else (self.model.fields.prediction or ())
        if self.is_regression:
            return self._numeric(name, path, column)
        column = column if isinstance(column, CategoricalColumn) else None
        return self._by_code(name, path, column, self.classes)

    def _by_code(
        self, name: str, path: tuple[str, ...], column: CategoricalColumn | None, dictionary: Dictionary
    ) -> CategoricalField:
        span = self._counts.take(dictionary.capacity + 2)
        return CategoricalField(name, path, column, dictionary, _known_counts(column, dictionary), span)


def reference_counts(field: CategoricalField) -> Counts:
    """The reference's counts by this field's codes (capacity,): classes may be in another order than its categories."""
    if field.reference is not None:
        return field.reference
    if field.column is None:
        return np.zeros(field.dictionary.capacity, np.int64)
    return _by_codes(field.column, field.dictionary, [field.dictionary.code(text) for text in field.column.categories])


def _known_counts(column: CategoricalColumn | None, dictionary: Dictionary) -> Counts | None:
    """Return a reference's counts by code; None without any, and if there are classes that were not stated."""
    if column is None:
        return None
    codes = [
        code for text in column.categories if (code := dictionary.find(text)) is not None and code < dictionary.known
    ]
    return _by_codes(column, dictionary, codes) if len(codes) == len(column.categories) else None


def _by_codes(column: CategoricalColumn, dictionary: Dictionary, codes: list[int]) -> Counts:
    counts = np.zeros(dictionary.capacity, np.int64)
    # Not counts[codes]: two categories may have one label.
    np.add.at(counts, codes, column.counts)
    return _fixed(counts)


def _fixed(counts: Counts) -> Counts:
    # They are handed out as they are.
    counts.setflags(write=False)
    return counts


def _psi_cuts(column: NumericColumn, drift: Drift) -> Floats:
    return column.quantile_cuts if drift.psi.binning == "quantile" else column.width_cuts


def _objectives(model: Model) -> tuple[Objective, ...]:
    of_ratios = [name for name, slo in model.slos.items() if slo.ratio is not None]
    columns = {name: column for column, name in enumerate(of_ratios)}
    return tuple(Objective(name, slo, columns.get(name, -1)) for name, slo in model.slos.items())


def _concept_width(profile: Profile | None) -> int:
    """Return how many cells concept drift has of its own: by class it is read off the confusion cells."""
    table = profile.concept if profile else None
    return 0 if table is None or table.by == "class" else table.counts.size


def _known_endpoints(model: Model) -> tuple[str, ...]:
    # A log without endpoints has the one without a name, and that is known, too.
    return ("",) if model.fields.endpoint is None else model.endpoints
