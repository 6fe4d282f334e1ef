"""Build the reference profile of a table of training data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from exporter.reference.baselines import ClassificationRows, Flags, RegressionRows
from exporter.reference.columns import Numbers, Texts
from exporter.reference.concept import concept_table
from exporter.reference.options import NUMERIC, ProfileOptions
from exporter.reference.outputs import Outputs, outputs_of
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Baseline, Column, Counts, Floats, NumericColumn, Profile
from exporter.reference.roles import absent_features, feature_columns, required
from exporter.reference.serialisation import with_hash
from exporter.reference.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

Step = Callable[[int, int], None]


def build_profile(
    table: pa.Table, options: ProfileOptions, progress: Step | None = None
) -> tuple[Profile, tuple[str, ...]]:
    """Condense a table into a profile; return it with warnings, one sentence each.

    The order of rows and of columns does not matter. ``progress`` hears of columns done and their
    number. Raises ``ReferenceProblem`` when a named column is missing or the classes cannot be told.
    """
    if not table.num_rows:
        raise ReferenceProblem("the reference has no rows")
    outputs = outputs_of(Source(table, options.where(table.column_names)))
    features, warnings = _features(outputs, progress)
    prediction, score = outputs.column(outputs.prediction), outputs.score_column()
    profile = Profile(
        hash="",
        rows=table.num_rows,
        task=options.task,
        classes=outputs.classes,
        positive_class=outputs.positive,
        features=features,
        prediction=prediction,
        score=score,
        label=outputs.column(outputs.label),
        baselines=_baselines(outputs),
        concept=concept_table(_labelled(outputs)[0], _quantile_cuts(score or prediction)),
    )
    return with_hash(profile), (*outputs.warnings, *warnings)


def _features(outputs: Outputs, progress: Step | None) -> tuple[dict[str, Column], tuple[str, ...]]:
    source = outputs.source
    chosen = feature_columns(source.names, outputs.scores, source.options)
    found: dict[str, Column] = {}
    absent = absent_features(source.names, source.options)
    warnings = [f"feature {name!r} is not in the reference: its drift is not measured" for name in absent]
    for done, (feature, name) in enumerate(chosen.items(), 1):
        kind, reason = source.kind(feature, name)
        if kind is None:
            warnings.append(f"column {name!r} is ignored: {reason}")
        else:
            found[feature] = source.column(source.numbers(name) if kind == NUMERIC else source.texts(name))
        if progress is not None:
            progress(done, len(chosen))
    return found, tuple(warnings)


def _baselines(outputs: Outputs) -> Mapping[tuple[str, str], Baseline]:
    """Return the baselines overall and by segment, over the rows that have a prediction and a label."""
    rows, usable = _labelled(outputs)
    if rows is None or not usable.any():
        return {}
    chosen: dict[tuple[str, str], Flags] = {("", ""): np.ones(int(usable.sum()), dtype=np.bool_)}
    source = outputs.source
    for segment_by, name in sorted(source.options.segments.items()):
        segments = source.texts(required(name, f"segment {segment_by!r}", source.names))
        codes = segments.codes[usable]
        chosen |= {(segment_by, text): codes == code for code, text in enumerate(segments.categories)}
    return {
        key: Baseline(int(flags.sum()), part.figures(), part.bounds())
        for key, flags in chosen.items()
        if flags.any()
        for part in (rows.where(flags),)
    }


def _quantile_cuts(column: Column | None) -> Floats:
    return column.quantile_cuts if isinstance(column, NumericColumn) else np.empty(0)


def _labelled(outputs: Outputs) -> tuple[ClassificationRows | RegressionRows | None, Flags]:
    """Return the rows that can be judged, and which rows of the table they are."""
    label, prediction = outputs.label, outputs.prediction
    if isinstance(label, Numbers) and isinstance(prediction, Numbers):
        usable: Flags = np.isfinite(label.values) & np.isfinite(prediction.values)
        return RegressionRows(label.values, prediction.values).where(usable), usable
    if isinstance(label, Texts) and isinstance(prediction, Texts):
        truth, predicted = (_class_codes(values, outputs.classes) for values in (label, prediction))
        usable = (truth >= 0) & (predicted >= 0)
        positive = None if outputs.positive is None else outputs.classes.index(outputs.positive)
        rows = ClassificationRows(truth, predicted, outputs.probabilities, len(outputs.classes), positive)
        return rows.where(usable), usable
    return None, np.zeros(outputs.source.table.num_rows, dtype=np.bool_)


def _class_codes(values: Texts, classes: Sequence[str]) -> Counts:
    places = {text: place for place, text in enumerate(classes)}
    translation = np.array([places.get(text, -1) for text in values.categories] + [-1], dtype=np.int64)
    return translation[values.codes]
