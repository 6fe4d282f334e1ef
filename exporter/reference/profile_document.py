"""The shape of a profile as JSON: what ``serialisation`` writes and reads. Any change needs a new version of the format."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from exporter.significance.rhythm import Likeness

Count = Annotated[int, msgspec.Meta(ge=0)]


class Null(msgspec.Struct, forbid_unknown_fields=True):
    rows: list[Count]
    ks: list[list[float]]
    wasserstein: list[list[float]]
    correlation: list[float]


class Numeric(msgspec.Struct, tag="numeric", tag_field="kind", forbid_unknown_fields=True):
    """``at`` counts rows by edge; ``between`` and ``sums`` by gap, empty when nothing lies between edges."""

    edges: list[float]
    at: list[Count]
    between: list[Count]
    sums: list[float]
    quantile_cuts: list[float]
    width_cuts: list[float]
    rows: Count
    missing: Count
    invalid: Count
    minimum: float | None
    maximum: float | None
    mean: float | None
    std: float | None
    null: Null | None
    likenesses: list[Likeness]


class Categorical(msgspec.Struct, tag="categorical", tag_field="kind", forbid_unknown_fields=True):
    categories: list[str]
    counts: list[Count]
    rows: Count
    missing: Count
    domain: list[str]
    likenesses: list[Likeness]


class Baseline(msgspec.Struct, forbid_unknown_fields=True):
    segment_by: str
    segment: str
    rows: Count
    figures: dict[str, float]
    bounds: dict[str, tuple[float, float]]


class Concept(msgspec.Struct, forbid_unknown_fields=True):
    """``cells`` holds bin, outcome and rows of each cell with rows: of a hundred classes most have none."""

    by: Literal["score", "class", "residual"]
    bins: Count
    outcomes: Count
    cuts: list[float]
    limits: list[list[float]]
    cells: list[tuple[Count, Count, Count]]


class Head(msgspec.Struct):
    format: str
    version: int


# The format stands first in the file, so that a look at its beginning tells what it is.
class Document(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    hash: str
    rows: Count
    task: str
    classes: list[str]
    positive_class: str | None
    prediction: Numeric | Categorical | None
    score: Numeric | None
    label: Numeric | Categorical | None
    features: dict[str, Numeric | Categorical]
    baselines: list[Baseline]
    concept: Concept | None
