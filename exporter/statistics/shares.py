"""Counts as shares of their sum."""

from __future__ import annotations

import numpy as np

from exporter.extensions import extension
from exporter.statistics.arrays import Counts, Floats

native = extension("exporter.statistics._slot_distances")


def shares(counts: Counts) -> Floats:
    """Return each count over their sum; all NaN when there are no rows.

    >>> shares(np.array([1, 3])).tolist()
    [0.25, 0.75]
    """
    total = int(counts.sum())
    return counts / total if total else np.full(counts.shape, np.nan)


def both_shares(reference: Counts, current: Counts) -> tuple[Floats, Floats] | None:
    """Return the shares of two sides; None when one has no rows at all, so that no comparison can be made."""
    if native is not None:
        found = np.empty(len(reference)), np.empty(len(current))
        if native.shares(reference, current, *found):
            return found
    return None if any_empty(reference, current) else (shares(reference), shares(current))


def any_empty(reference: Counts, current: Counts) -> bool:
    """Say whether one side has no rows at all, so that no comparison can be made."""
    return not (reference.sum() and current.sum())
