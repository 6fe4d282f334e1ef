"""A profile as bytes and back: deterministic, readable JSON that carries the hash of its own content."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from exporter.reference import profile_document
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import (
    Baseline,
    CategoricalColumn,
    Column,
    ConceptTable,
    Counts,
    NumericColumn,
    Profile,
)
from exporter.significance.table import LEVELS, NullTable

FORMAT = "driftbell-reference-profile"
VERSION = 2

_MARKER = re.compile(rb'\s*\{\s*"format"\s*:\s*"' + FORMAT.encode() + rb'"')
_ENCODER = msgspec.json.Encoder(order="deterministic")


def is_profile(start: bytes) -> bool:
    """Say whether a file that begins with ``start`` claims to be a profile."""
    return _MARKER.match(start) is not None


def with_hash(profile: Profile) -> Profile:
    """Return the profile with the SHA-256 (hex) of its content, whatever hash it had before."""
    return replace(profile, hash=_digest(_document(profile)))


def to_bytes(profile: Profile) -> bytes:
    """Return the profile as JSON on one line: the same bytes for the same content."""
    return _ENCODER.encode(_document(profile)) + b"\n"


def from_bytes(content: bytes) -> Profile:
    """Return the profile that ``to_bytes`` wrote; layout and spacing of the JSON do not matter.

    Raises ``ReferenceProblem`` for another format or version, and for content that is damaged or does
    not have the hash that it carries.
    """
    try:
        head = msgspec.json.decode(content, type=profile_document.Head)
        if (head.format, head.version) != (FORMAT, VERSION):
            raise ReferenceProblem(
                f"the profile has format {head.format!r} version {head.version}, this program reads {FORMAT!r} "
                f"version {VERSION}; build the profile again from the training data"
            )
        document = msgspec.json.decode(content, type=profile_document.Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReferenceProblem(f"the profile is damaged ({error}); build it again from the training data") from error
    if _digest(document) != document.hash:
        raise ReferenceProblem(
            "the profile was changed after it was built (its hash does not match); build it again from the training data"
        )
    return _profile(document)


def _digest(document: profile_document.Document) -> str:
    return hashlib.sha256(_ENCODER.encode(msgspec.structs.replace(document, hash=""))).hexdigest()


def _document(profile: Profile) -> profile_document.Document:
    score = profile.score
    return profile_document.Document(
        format=FORMAT,
        version=VERSION,
        hash=profile.hash,
        rows=profile.rows,
        task=profile.task,
        classes=list(profile.classes),
        positive_class=profile.positive_class,
        prediction=None if profile.prediction is None else _written(profile.prediction),
        score=None if score is None else _numeric_written(score),
        label=None if profile.label is None else _written(profile.label),
        features={name: _written(column) for name, column in profile.features.items()},
        baselines=[
            profile_document.Baseline(by, segment, baseline.rows, dict(baseline.figures), dict(baseline.bounds))
            for (by, segment), baseline in sorted(profile.baselines.items())
        ],
        concept=None if profile.concept is None else _concept_written(profile.concept),
    )


def _concept_written(table: ConceptTable) -> profile_document.Concept:
    bins, outcomes = np.nonzero(table.counts)
    cells = zip(bins.tolist(), outcomes.tolist(), table.counts[bins, outcomes].tolist(), strict=True)
    return profile_document.Concept(
        by=table.by,
        bins=table.counts.shape[0],
        outcomes=table.counts.shape[1],
        cuts=table.cuts.tolist(),
        limits=table.limits.tolist(),
        cells=list(cells),
    )


def _written(column: Column) -> profile_document.Numeric | profile_document.Categorical:
    if isinstance(column, NumericColumn):
        return _numeric_written(column)
    return profile_document.Categorical(
        list(column.categories),
        column.counts.tolist(),
        column.rows,
        column.missing,
        sorted(column.domain),
        list(column.likenesses),
    )


def _numeric_written(column: NumericColumn) -> profile_document.Numeric:
    between = column.counts[::2]
    return profile_document.Numeric(
        edges=column.edges.tolist(),
        at=column.counts[1::2].tolist(),
        between=between.tolist() if between.any() else [],
        sums=column.sums.tolist() if between.any() else [],
        quantile_cuts=column.quantile_cuts.tolist(),
        width_cuts=column.width_cuts.tolist(),
        rows=column.rows,
        missing=column.missing,
        invalid=column.invalid,
        minimum=_number_or_none(column.minimum),
        maximum=_number_or_none(column.maximum),
        mean=_number_or_none(column.mean),
        std=_number_or_none(column.std),
        null=None if column.null is None else _null_written(column.null),
        likenesses=list(column.likenesses),
    )


def _profile(document: profile_document.Document) -> Profile:
    score = document.score
    return Profile(
        hash=document.hash,
        rows=document.rows,
        task=document.task,
        classes=tuple(document.classes),
        positive_class=document.positive_class,
        features={name: _read(name, column) for name, column in sorted(document.features.items())},
        prediction=None if document.prediction is None else _read("prediction", document.prediction),
        score=None if score is None else _numeric_read("score", score),
        label=None if document.label is None else _read("label", document.label),
        baselines={(b.segment_by, b.segment): Baseline(b.rows, b.figures, b.bounds) for b in document.baselines},
        concept=None if document.concept is None else _concept_read(document.concept),
    )


def _concept_read(table: profile_document.Concept) -> ConceptTable:
    cuts, counts = np.array(table.cuts, dtype=np.float64), np.zeros((table.bins, table.outcomes), np.int64)
    limits = np.array(table.limits, dtype=np.float64).reshape(table.bins, -1)
    _ensure(bool((np.diff(cuts) > 0).all()), "concept", "has cuts that do not increase")
    _ensure(table.by == "class" or cuts.size + 1 == table.bins, "concept", "has not one bin between each two cuts")
    _ensure(table.by != "residual" or limits.shape[1] + 1 == table.outcomes, "concept", "has not two limits for a bin")
    for bin_, outcome, rows in table.cells:
        _ensure(bin_ < table.bins and outcome < table.outcomes, "concept", "has a cell outside its bins and outcomes")
        counts[bin_, outcome] = rows
    return ConceptTable(table.by, cuts, limits, counts)


def _read(name: str, column: profile_document.Numeric | profile_document.Categorical) -> Column:
    if isinstance(column, profile_document.Numeric):
        return _numeric_read(name, column)
    _ensure(len(column.counts) == len(column.categories), name, "has not one count for each category")
    _ensure(sum(column.counts) + column.missing == column.rows, name, "has counts that do not add up to its rows")
    return CategoricalColumn(
        categories=tuple(column.categories),
        counts=np.array(column.counts, dtype=np.int64),
        rows=column.rows,
        missing=column.missing,
        domain=frozenset(column.domain),
        likenesses=tuple(column.likenesses),
    )


def _numeric_read(name: str, column: profile_document.Numeric) -> NumericColumn:
    gaps = len(column.edges) + 1
    sums = np.array(column.sums or [0.0] * gaps)
    counts = _interleaved(column.at, column.between or [0] * gaps, name)
    edges = np.array(column.edges, dtype=np.float64)
    cuts = [np.array(each, dtype=np.float64) for each in (column.quantile_cuts, column.width_cuts)]
    _ensure(len(column.at) == edges.size, name, "has not one count for each edge")
    _ensure(bool((np.diff(edges) > 0).all()), name, "has edges that do not increase")
    _ensure(
        all(np.isin(each, edges).all() and (np.diff(each) > 0).all() for each in cuts), name, "has odd limits of bins"
    )
    _ensure(sums.size == gaps, name, "has not one sum for each gap")
    placed = int(counts.sum())
    _ensure(placed + column.missing + column.invalid == column.rows, name, "has counts that do not add up to its rows")
    return NumericColumn(
        edges=edges,
        counts=counts,
        sums=sums,
        quantile_cuts=cuts[0],
        width_cuts=cuts[1],
        rows=column.rows,
        missing=column.missing,
        invalid=column.invalid,
        minimum=_number_or_nan(column.minimum),
        maximum=_number_or_nan(column.maximum),
        mean=_number_or_nan(column.mean),
        std=_number_or_nan(column.std),
        null=None if column.null is None else _null_read(name, column.null),
        likenesses=tuple(column.likenesses),
    )


def _null_written(table: NullTable) -> profile_document.Null:
    return profile_document.Null(
        table.rows.tolist(), table.ks.tolist(), table.wasserstein.tolist(), table.correlation.tolist()
    )


def _null_read(name: str, null: profile_document.Null) -> NullTable:
    shape = len(null.rows), len(LEVELS)
    ks, wasserstein = np.array(null.ks), np.array(null.wasserstein)
    _ensure(ks.shape == wasserstein.shape == shape and len(null.correlation) == 3, name, "has an odd null distribution")
    return NullTable(np.array(null.rows, dtype=np.int64), ks, wasserstein, np.array(null.correlation))


def _interleaved(at: Sequence[int], between: Sequence[int], name: str) -> Counts:
    _ensure(len(between) == len(at) + 1, name, "has not one count for each slot")
    counts = np.empty(len(at) + len(between), dtype=np.int64)
    counts[1::2], counts[::2] = at, between
    return counts


def _ensure(holds: bool, name: str, fault: str) -> None:
    if not holds:
        raise ReferenceProblem(f"the profile's column {name!r} {fault}; build it again from the training data")


def _number_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number_or_nan(value: float | None) -> float:
    return math.nan if value is None else value
