"""Whether residuals have changed from slice to slice: sums over finished slices, beside their limits."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.counting.layout import Layout
from exporter.sequential.detector import EVERY, Detector
from exporter.snapshot import Sample

# These are about no window, and compare the model with its own past.
WINDOW, REFERENCE = "sequential", "past"


def figures(layout: Layout, detector: Detector) -> Iterator[Sample]:
    """Yield the sums of all versions together, then of each."""
    for version, watch in sorted(detector.watches.items()):
        name = "" if version == EVERY else layout.versions.text(version)
        about = (layout.model.name, name, "concept", "")
        if not watch.rows:
            continue
        yield Sample(catalogue.DRIFT_ROWS, (*about, REFERENCE, WINDOW), watch.rows)
        for residual, score in detector.scores(version):
            labels = (*about, f"cusum_{residual}", REFERENCE, WINDOW)
            yield Sample(catalogue.DRIFT_SCORE, labels, score)
            yield Sample(catalogue.DRIFT_THRESHOLD, (*labels[:-1], "warning", WINDOW), detector.limits[residual])


def counters(layout: Layout, detector: Detector) -> Iterator[Sample]:
    if detector.limits:
        late = sum(watch.late for watch in detector.watches.values())
        yield Sample(catalogue.LATE_RESIDUALS, (layout.model.name,), late + detector.past_late)
