"""The distances that are found in one pass over the slots of a column, where there is compiled code."""

from __future__ import annotations

from typing import NamedTuple

from exporter.extensions import extension
from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.tails import SHARE

native = extension("exporter.statistics._slot_distances")


class SlotDistances(NamedTuple):
    """What the functions of these names return, which have the definitions."""

    kolmogorov_smirnov: float
    wasserstein: float
    tail_excess: float


def slot_distances(
    edges: Floats, reference_counts: Counts, reference_sums: Floats, current_counts: Counts, current_sums: Floats
) -> SlotDistances | None:
    """Return the distances of two samples; the arguments are those of ``wasserstein``.

    None without compiled code, and of columns without edges or rows.

    >>> import numpy as np
    >>> counts, sums = np.array([0, 1, 0, 1, 0]), np.zeros(3)
    >>> found = slot_distances(np.array([0.0, 1.0]), counts, sums, np.array([0, 0, 0, 0, 2]), np.array([0, 0, 7.0]))
    >>> found is None or found == SlotDistances(kolmogorov_smirnov=1.0, wasserstein=3.0, tail_excess=1.0)
    True
    """
    if native is None:
        return None
    found = native.distances(edges, reference_counts, reference_sums, current_counts, current_sums, SHARE)
    return None if found is None else SlotDistances(*found)
