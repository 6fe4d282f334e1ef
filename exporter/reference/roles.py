"""Which column of a table plays which part."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem

# How writers name the column of a class's probability, followed by the class.
SCORE_PREFIXES = tuple(
    name + join for name in ("score", "scores", "proba", "prob", "probability", "probabilities") for join in ("_", ".")
)


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """Where the classes' probabilities are: one column each, or one column of lists, or nowhere.

    ``never_features`` holds every column that is, or looks like, the probability of a class.
    """

    by_class: Mapping[str, str] = field(default_factory=dict)
    of_lists: str | None = None
    never_features: frozenset[str] = frozenset()


def required(name: str, part: str, names: Collection[str]) -> str:
    """Return ``name`` if there is such a column, else raise ``ReferenceProblem`` with what there is."""
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, list(names)[:20]))}"
    raise ReferenceProblem(f"column {name!r}, named as {part}, is not there; {hint}")


def score_columns(names: Sequence[str], classes: Sequence[str], options: ProfileOptions) -> ScoreColumns:
    """Find the class scores: as stated, else by name (``score_<class>``, ``proba_<class>`` …)."""
    look_alikes = frozenset(prefix + name for prefix in SCORE_PREFIXES for name in classes).intersection(names)
    if isinstance(options.scores, str):
        return _in_one_column(options.scores, names, classes, look_alikes)
    if options.scores is not None:
        stated = {name: required(column, f"score of class {name!r}", names) for name, column in options.scores.items()}
        return ScoreColumns(stated, None, look_alikes | set(stated.values()))
    for prefix in SCORE_PREFIXES:
        if classes and look_alikes.issuperset(prefix + name for name in classes):
            return ScoreColumns({name: prefix + name for name in classes}, None, look_alikes)
    return ScoreColumns(never_features=look_alikes)


def _in_one_column(
    column: str, names: Sequence[str], classes: Sequence[str], look_alikes: frozenset[str]
) -> ScoreColumns:
    # A struct has been flattened into one column a class by the time it gets here.
    members = frozenset(name for name in names if name.startswith(f"{column}."))
    if column not in names and members:
        by_class = {name: required(f"{column}.{name}", f"score of class {name!r}", names) for name in classes}
        return ScoreColumns(by_class, None, look_alikes | members)
    return ScoreColumns({}, required(column, "scores", names), look_alikes | {column})


def feature_columns(names: Sequence[str], scores: ScoreColumns, options: ProfileOptions) -> dict[str, str]:
    """Return feature name to column name, sorted by feature name.

    Raises ``ReferenceProblem`` when one of ``options.features`` has no column.
    """
    if options.features is not None:
        found = {
            name: _located(name, names, options) or required(name, "a feature", names) for name in options.features
        }
    else:
        found = _remaining(names, scores, options)
        found |= {name: place for name in _mentioned(options) if (place := _located(name, names, options))}
    return dict(sorted(found.items()))


def absent_features(names: Sequence[str], options: ProfileOptions) -> list[str]:
    """Return the features that the options say something about and the table does not have."""
    return sorted(name for name in _mentioned(options) if _located(name, names, options) is None)


def _mentioned(options: ProfileOptions) -> set[str]:
    return {*options.columns, *options.kinds}


def _remaining(names: Sequence[str], scores: ScoreColumns, options: ProfileOptions) -> dict[str, str]:
    prefix = options.features_prefix
    nested = [name for name in names if name.startswith(prefix)]
    found = {name.removeprefix(prefix): name for name in nested} if nested else {name: name for name in names}
    taken = {options.prediction, options.label, options.score, *options.segments.values(), *options.columns.values()}
    taken |= options.ignored | scores.never_features
    return {feature: column for feature, column in found.items() if not {feature, column} & taken}


def _located(feature: str, names: Sequence[str], options: ProfileOptions) -> str | None:
    return next((place for place in options.places(feature) if place in names), None)
