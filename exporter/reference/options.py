"""How a reference is to be read: which column is what, and how fine the profile shall be."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace

TASKS = ("binary", "multiclass", "regression")
NUMERIC = "numeric"
CATEGORICAL = "categorical"


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """Roles of the columns (by name; ``None`` is "there is none") and the size of the profile.

    ``score`` is the probability of the positive class. ``scores`` gives the classes' probabilities: a
    mapping class to column, or one column that holds a list in the order of ``classes`` or a struct by
    class. ``segments`` maps segment_by to a column.

    ``features`` names the features; ``None`` takes every column that plays no other part and is not
    ``ignored``; but if there are columns that start with ``features_prefix``, those alone, and without
    it: a prediction log can be a reference. ``columns`` gives the column of single features that may be
    elsewhere, ``kinds`` overrides the kind (``numeric`` or ``categorical``). What ``features``,
    ``columns`` or ``kinds`` name is a feature even when it is also a segment or ignored.

    ``classes`` and ``positive_class`` are canonical texts (``exporter.rows.category``). A numeric column
    keeps at most ``max_edges`` edges, the cuts of ``psi_bins`` bins among them.

    Raises ``ValueError`` for options that contradict themselves.
    """

    task: str
    prediction: str | None = None
    score: str | None = None
    label: str | None = None
    scores: Mapping[str, str] | str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    features: tuple[str, ...] | None = None
    features_prefix: str = "features."
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] | None = None
    positive_class: str | None = None
    psi_bins: int = 10
    max_edges: int = 10_000
    # When a row was recorded, if it is there.
    timestamp: str | None = None
    time_format: str = "rfc3339"
    # Columns that play their part if they are there.
    optional: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task {self.task!r} is none of {', '.join(TASKS)}")
        if unknown := set(self.kinds.values()) - {NUMERIC, CATEGORICAL}:
            raise ValueError(f"kind {min(unknown)!r} is neither {NUMERIC} nor {CATEGORICAL}")
        if self.psi_bins < 2:
            raise ValueError(f"psi_bins must be at least 2, not {self.psi_bins}")
        if self.max_edges < self.least_edges:
            raise ValueError(
                f"max_edges must be at least {self.least_edges} for {self.psi_bins} bins, not {self.max_edges}"
            )

    def where(self, names: Collection[str]) -> ProfileOptions:
        """Return these options without the optional columns that a table with the columns ``names`` lacks."""
        structs = {name.rpartition(".")[0] for name in names}
        absent = {name for name in self.optional if name not in names and name not in structs}
        return replace(
            self,
            prediction=None if self.prediction in absent else self.prediction,
            score=None if self.score in absent else self.score,
            label=None if self.label in absent else self.label,
            scores=self.scores if not absent.issuperset(self._score_columns) else None,
            segments={name: column for name, column in self.segments.items() if column not in absent},
        )

    @property
    def _score_columns(self) -> Collection[str]:
        return self.scores.values() if isinstance(self.scores, Mapping) else (self.scores or "",)

    @property
    def least_edges(self) -> int:
        """The cuts of both kinds of bins, the minimum, the maximum, and one more."""
        return 2 * (self.psi_bins - 1) + 3

    @property
    def is_classification(self) -> bool:
        return self.task != "regression"

    def canonical(self) -> str:
        """Return a text that is equal for equal options, whatever the order of their mappings."""
        return json.dumps(asdict(self), sort_keys=True, default=sorted)

    def text_columns(self) -> frozenset[str]:
        """The columns whose spelling matters: a CSV reader must not make 7 of a category "007"."""
        outputs = (self.prediction, self.label) if self.is_classification else ()
        features = [name for name, kind in self.kinds.items() if kind == CATEGORICAL]
        placed = [place for name in features for place in self.places(name)]
        return frozenset(name for name in (*outputs, *self.segments.values(), *placed) if name is not None)

    def places(self, feature: str) -> tuple[str, ...]:
        """Return the names that the column of a feature can have, the likeliest first."""
        # A record nests what a table of training data has in a column of its own.
        stated = (self.columns[feature],) if feature in self.columns else ()
        return (*stated, self.features_prefix + feature, feature)
