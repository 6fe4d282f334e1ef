"""Raw values as the counts and sums that the statistics take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from exporter.statistics.arrays import Counts, Floats


class Slots(NamedTuple):
    counts: Counts
    sums: Floats


def slots_of(edges: Floats, values: Floats) -> Slots:
    left, right = np.searchsorted(edges, values, side="left"), np.searchsorted(edges, values, side="right")
    between = left == right
    return Slots(
        np.bincount(left + right, minlength=2 * len(edges) + 1),
        np.bincount(left[between], weights=values[between], minlength=len(edges) + 1).astype(np.float64),
    )


def array_of(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


# Few distinct values beside arbitrary ones: ties, constants, values on edges; a few far outliers.
VALUES = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(-10, 10, width=32), st.sampled_from([-1e9, 1e6, 1e12])),
    min_size=1,
    max_size=60,
).map(array_of)

# One count of each side per category.
TABLES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12).map(
    lambda pairs: np.array(pairs, dtype=np.int64).T.copy()
)


def _many(random: np.random.Generator, categories: int) -> Counts:
    """Return counts of both sides, most of them 0, of no row, few, or more than a float tells apart."""
    most = random.choice([1, 2, 10**4, 2**52], size=2)
    return np.stack([random.integers(0, each, categories) * (random.random(categories) < 0.3) for each in most])


# Of more categories than compiled code takes at once.
MANY = st.builds(_many, st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(1, 400))
