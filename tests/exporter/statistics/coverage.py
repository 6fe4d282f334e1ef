"""How often an interval holds the truth, over many samples."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.statistics.bounds import Bounds


def coverage(found: Iterable[Bounds | None], truth: float) -> float:
    """Return the share of intervals that hold the truth; None holds nothing."""
    held = [bounds is not None and bounds.lower <= truth <= bounds.upper for bounds in found]
    return sum(held) / len(held)
