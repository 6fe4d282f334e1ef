"""The reference profile: what the training data looked like, small enough to ship.

A numeric column is kept as *slots* around its *edges* ``e[0] < … < e[k-1]`` (the distinct values of
the reference, or some of them when there are too many, plus every cut point of a bin):

    slot 0        values below e[0]
    slot 2i + 1   values equal to e[i]
    slot 2i       values strictly between e[i-1] and e[i]
    slot 2k       values above e[k-1]

Counts by slot give both empirical distribution functions on both sides of every edge, which is all
that KS, PSI, Jensen-Shannon and (with the sums of the values between edges) Wasserstein need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from exporter.significance.rhythm import Likeness
from exporter.significance.table import NullTable

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# A profile is built once, whatever confidence the configuration will ask for.
BASELINE_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class NumericColumn:
    """A numeric column of the reference.

    ``edges`` (k,) strictly increasing; ``counts`` (2k+1,) rows by slot; ``sums`` (k+1,) sum of the
    values strictly between edges, gap i lying before edge i; ``quantile_cuts`` and ``width_cuts`` the
    inner limits of the bins of PSI (intervals are (a, b]; the outer bins are open; repeated cuts are
    merged; each cut is also an edge). ``missing`` counts null and NaN, ``invalid`` infinities and what is
    no number: neither is placed, and neither enters the moments. ``std`` has n - 1 in its denominator.
    Without a finite value there are no edges and the moments are NaN; a constant column has ``std`` 0. ``null`` says what
    chance makes of distances from the column, where it has more than one value; ``likenesses`` how much the rows of one
    hour, day or week are alike, where the reference has times.
    """

    edges: Floats
    counts: Counts
    sums: Floats
    quantile_cuts: Floats
    width_cuts: Floats
    rows: int
    missing: int
    invalid: int
    minimum: float
    maximum: float
    mean: float
    std: float
    null: NullTable | None = None
    likenesses: tuple[Likeness, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CategoricalColumn:
    """A categorical column: canonical texts (``exporter.rows.category``) sorted, and their counts."""

    categories: tuple[str, ...]
    counts: Counts
    rows: int
    missing: int
    # Which JSON types the reference held: any of "text", "boolean", "number".
    domain: frozenset[str]
    likenesses: tuple[Likeness, ...] = ()


Column = NumericColumn | CategoricalColumn
ConceptBins = Literal["score", "class", "residual"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Quality on the reference itself: metric name to value, and the rows it rests on.

    ``bounds`` are the ends of each figure's confidence interval, where it has one, at ``BASELINE_CONFIDENCE``.
    """

    rows: int
    figures: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ConceptTable:
    """What came true, given what the model said: ``counts`` (b, l) of labelled rows by bin and outcome.

    ``by`` says what the bins are of. ``score``: of the positive class's probability, intervals (a, b] between ``cuts``
    (b - 1,); the outcomes are the other class and the positive one. ``class``: the predicted class, in the order of the
    profile's classes, as are the outcomes. ``residual``: of the prediction, between ``cuts``; the outcomes are where
    label - prediction lies among the bin's own ``limits`` (b, l - 1), again (a, b].
    """

    by: ConceptBins
    cuts: Floats
    limits: Floats
    counts: Counts


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that is kept of a reference.

    ``hash`` is the SHA-256 (hex) of the profile's content, the same for the same data and options.
    ``features`` is sorted by name. ``prediction`` is categorical (classification) or numeric (regression); ``score`` is the
    probability of the positive class (binary only). ``baselines`` maps (segment_by, segment) to a
    baseline; ("", "") is the overall one. ``concept`` is there if rows have both a prediction and a label.
    """

    hash: str
    rows: int
    task: str
    classes: tuple[str, ...]
    positive_class: str | None
    features: Mapping[str, Column]
    prediction: Column | None
    score: NumericColumn | None
    label: Column | None
    baselines: Mapping[tuple[str, str], Baseline] = field(default_factory=dict)
    concept: ConceptTable | None = None
