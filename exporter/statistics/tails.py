"""The share of rows far out in the tails of the reference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from exporter.extensions import extension
from exporter.statistics.arrays import Counts

native = extension("exporter.statistics._slot_distances")

# Of the reference, so much lies beyond each limit, or less.
SHARE = 0.01


class Tail(NamedTuple):
    """Rows beyond a limit, of the reference and of the window."""

    reference: int
    current: int


def tails(reference: Counts, current: Counts, *, share: float = SHARE) -> tuple[Tail, Tail]:
    """Return the rows below and above the limits, from counts by slot (2k+1,) each.

    The limits are the innermost edges beyond which the reference has at most ``share`` of its rows; a value at the limit
    is not beyond it.

    >>> tails(np.array([0, 1, 0, 8, 0, 1, 0]), np.array([2, 0, 0, 5, 0, 0, 3]), share=0.1)
    (Tail(reference=1, current=2), Tail(reference=1, current=3))
    """
    return _beyond_limits(reference, current, share * int(reference.sum()))


def _beyond_limits(reference: Counts, current: Counts, allowed: float) -> tuple[Tail, Tail]:
    """Return both tails; ``allowed`` are the rows of the reference that may be in one."""
    found = native.tails(reference, current, allowed) if native is not None else None
    if found is not None:
        return Tail(*found[:2]), Tail(*found[2:])
    return _beyond(reference, current, allowed), _beyond(reference[::-1], current[::-1], allowed)


def _beyond(reference: Counts, current: Counts, most: float) -> Tail:
    # Up to, but without, each edge.
    rows = np.cumsum(reference)[:-1:2]
    if not len(rows):
        return Tail(0, 0)
    allowed = np.flatnonzero(rows <= most)
    last = int(allowed[-1]) if len(allowed) else 0
    return Tail(int(rows[last]), int(current[: 2 * last + 1].sum()))


def tail_excess(reference: Counts, current: Counts) -> float:
    """Return by how much the window's share of rows in the worse tail exceeds the reference's, from 0 to 1.

    What distances between whole distributions are blind to: a hundredth of the rows that is fifty times too large moves
    neither PSI nor KS. NaN when one side has no rows.
    """
    m, n = float(reference.sum()), float(current.sum())
    if not (m and n):
        return float("nan")
    low, high = _beyond_limits(reference, current, SHARE * m)
    return max(0.0, low.current / n - low.reference / m, high.current / n - high.reference / m)
