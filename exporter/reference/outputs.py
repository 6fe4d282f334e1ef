"""The model's outputs and the labels in a reference: classes, scores, and how they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from exporter.reference.classes import classes_of, positive_class_of
from exporter.reference.columns import Numbers, Texts, is_text
from exporter.reference.nested_text import decoded
from exporter.reference.options import NUMERIC
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Column, Floats, NumericColumn
from exporter.reference.roles import SCORE_PREFIXES, ScoreColumns, required, score_columns
from exporter.reference.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

_LONGEST_LIST = 10
# How far rounded probabilities of all classes may be from one.
_ROUNDING = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """What the model said and what was true. ``probabilities`` as in ``ClassificationRows``."""

    source: Source
    prediction: Texts | Numbers | None
    label: Texts | Numbers | None
    classes: tuple[str, ...]
    positive: str | None
    scores: ScoreColumns
    score: Numbers | None
    probabilities: Floats
    warnings: tuple[str, ...] = field(default=())

    def column(self, values: Texts | Numbers | None) -> Column | None:
        return self.source.column(values) if values is not None else None

    def score_column(self) -> NumericColumn | None:
        return self.source.numeric_column(self.score) if self.score is not None else None


def outputs_of(source: Source) -> Outputs:
    source = _with_nested_scores(source)
    options = source.options
    prediction, label = source.output(options.prediction, "prediction"), source.output(options.label, "label")
    predicted, true = _texts(prediction), _texts(label)
    seen = [*predicted, *true]
    classes = classes_of(options, predicted, true, _classes_of_scores(source, seen))
    positive = positive_class_of(options, classes)
    scores = score_columns(source.names, classes, options)
    score = _score(source, scores, classes, positive)
    if options.task == "binary":
        probabilities = _column_or_none(score, source.table.num_rows)
    else:
        probabilities = _matrix(source, scores, classes)
    warnings = (*_output_warnings(classes, seen, probabilities), *_number_warnings(prediction, label))
    return Outputs(source, prediction, label, classes, positive, scores, score, probabilities, warnings)


def _texts(values: Texts | Numbers | None) -> Sequence[str]:
    return values.categories if isinstance(values, Texts) else ()


def _with_nested_scores(source: Source) -> Source:
    scores = source.options.scores
    if isinstance(scores, str) and scores in source.names and is_text(source.table.column(scores).type):
        return Source(decoded(source.table, scores), source.options)
    return source


def _classes_of_scores(source: Source, seen: Sequence[str]) -> Sequence[str]:
    """Return the classes that only their probabilities tell of: a rare one may never be predicted nor true."""
    if source.options.task != "multiclass":
        return ()
    scores, names = source.options.scores, source.names
    if isinstance(scores, str):
        return [name.removeprefix(f"{scores}.") for name in names if name.startswith(f"{scores}.")]
    for prefix in SCORE_PREFIXES if seen and scores is None else ():
        alike = [name for name in names if name.startswith(prefix)]
        if set(alike) > {prefix + name for name in seen} and _add_up_to_one(source, alike):
            return [name.removeprefix(prefix) for name in alike]
    return ()


def _add_up_to_one(source: Source, names: Sequence[str]) -> bool:
    if any(source.kind(name, name)[0] != NUMERIC for name in names):
        return False
    total = np.sum([source.numbers(name).values for name in names], axis=0)
    return bool((np.abs(total[~np.isnan(total)] - 1) < _ROUNDING).all())


def _score(source: Source, scores: ScoreColumns, classes: Sequence[str], positive: str | None) -> Numbers | None:
    """Return the positive class's probability: the stated column, else that class's of the class scores."""
    if positive is None:
        return None
    if source.options.score is not None:
        return source.numbers(required(source.options.score, "score", source.names))
    if positive in scores.by_class:
        return source.numbers(scores.by_class[positive])
    if scores.of_lists is None:
        return None
    values = _matrix(source, scores, classes)[:, classes.index(positive)]
    return Numbers(values, int(np.isnan(values).sum()), 0)


def _column_or_none(score: Numbers | None, rows: int) -> Floats:
    return np.full((rows, 1), np.nan) if score is None else score.values[:, np.newaxis]


def _matrix(source: Source, scores: ScoreColumns, classes: Sequence[str]) -> Floats:
    """Return (rows, classes); NaN where nothing is known."""
    if scores.of_lists is not None:
        return _from_lists(source.table.column(scores.of_lists), scores.of_lists, len(classes))
    absent = np.full(source.table.num_rows, np.nan)
    columns = [source.numbers(scores.by_class[name]).values if name in scores.by_class else absent for name in classes]
    return np.column_stack(columns) if columns else absent[:, np.newaxis]


def _from_lists(column: pa.ChunkedArray, name: str, size: int) -> Floats:
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    if not (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
        raise ReferenceProblem(f"column {name!r}, named as scores, holds {kind} and no lists")
    fits = pc.equal(pc.list_value_length(column), size).fill_null(False)
    values = pc.list_flatten(column.filter(fits)).cast("float64").to_numpy()
    if not values.size:
        raise ReferenceProblem(f"column {name!r}: no list has {size} scores, one for each class; state classes")
    matrix = np.full((len(column), size), np.nan)
    matrix[fits.to_numpy()] = values.reshape(-1, size)
    return matrix


def _output_warnings(classes: Sequence[str], seen: Sequence[str], probabilities: Floats) -> tuple[str, ...]:
    warnings = []
    if strange := sorted(set(seen) - set(classes)) if classes else []:
        shown = ", ".join(map(repr, strange[:_LONGEST_LIST]))
        warnings.append(f"predictions or labels outside the stated classes are left out of the baselines: {shown}")
    if ((probabilities < 0) | (probabilities > 1)).any():
        warnings.append("scores outside 0..1 are no probabilities: no baseline for log_loss and brier")
    return tuple(warnings)


def _number_warnings(*outputs: Texts | Numbers | None) -> tuple[str, ...]:
    """Warn of a regression whose outputs are no numbers."""
    names = ("prediction", "label")
    return tuple(
        f"the {name} holds no numbers: is the task a classification?"
        for name, values in zip(names, outputs, strict=True)
        if isinstance(values, Numbers) and not values.finite.size
    )
