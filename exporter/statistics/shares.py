"""Counts as shares of their sum."""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts, Floats


def shares(counts: Counts) -> Floats:
    """Return each count over their sum; all NaN when there are no rows.

    >>> shares(np.array([1, 3])).tolist()
    [0.25, 0.75]
    """
    total = int(counts.sum())
    return counts / total if total else np.full(counts.shape, np.nan)


def any_empty(reference: Counts, current: Counts) -> bool:
    """Say whether one side has no rows at all, so that no comparison can be made."""
    return not (reference.sum() and current.sum())
