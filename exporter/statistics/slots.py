"""Reading a numeric column that was counted by slots.

The slots of k edges are described in ``exporter.reference.profile``: counts (2k+1,) alternate between
the gaps around the edges (even) and the edges themselves (odd); sums (k+1,) are the sums of the
values inside each gap.
"""

from __future__ import annotations

import numpy as np

from exporter.extensions import extension
from exporter.statistics.arrays import Counts, Floats

native = extension("exporter.statistics._slot_distances")


def cumulative(counts: Counts) -> tuple[Counts, Counts]:
    """Return, for each edge, the rows strictly below it and the rows up to and including it: two (k,).

    >>> below, up_to = cumulative(np.array([1, 2, 0, 3, 4]))
    >>> below.tolist(), up_to.tolist()
    ([1, 3], [3, 6])
    """
    running = np.cumsum(counts, dtype=np.int64)
    return running[:-1:2], running[1::2]


def bin_counts(edges: Floats, counts: Counts, cuts: Floats) -> Counts:
    """Return the rows in the bins (a, b] between increasing ``cuts``: (cuts + 1,), outer bins open.

    Raises ValueError for a cut that is not an edge: its rows cannot be told apart.

    >>> bin_counts(np.array([1.0, 2.0]), np.array([1, 2, 0, 3, 4]), np.array([2.0])).tolist()
    [6, 4]
    """
    if native is not None:
        bins = np.empty(len(cuts) + 1, np.int64)
        if native.bin_counts(edges, counts, cuts, bins):
            return bins
    places = np.searchsorted(edges, cuts)
    found = edges.take(places, mode="clip") == cuts if len(edges) else np.zeros(len(cuts), bool)
    if not found.all():
        raise ValueError(f"cuts that are not edges: {cuts[~found].tolist()}")
    running = np.cumsum(counts, dtype=np.int64)
    # Up to each cut, and to the end.
    up_to = np.append(running[2 * places + 1], running[-1])
    up_to[1:] -= up_to[:-1].copy()
    return up_to


def mean(edges: Floats, counts: Counts, sums: Floats) -> float:
    """Return the mean of the values, exact up to rounding; NaN without rows.

    >>> mean(np.array([1.0, 2.0]), np.array([0, 2, 0, 1, 1]), np.array([0.0, 0.0, 8.0]))
    3.0
    """
    rows = int(counts.sum())
    return float(edges @ counts[1::2] + sums.sum()) / rows if rows else float("nan")


def below_range(counts: Counts) -> int:
    """Return the rows below the first edge."""
    return int(counts[0])


def above_range(counts: Counts) -> int:
    """Return the rows above the last edge."""
    return int(counts[-1])
