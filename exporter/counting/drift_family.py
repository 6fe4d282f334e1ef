"""How many things drift is tested of, which share one risk of a false warning."""

from __future__ import annotations

from exporter.counting.layout import Layout


def tested_columns(layout: Layout) -> int:
    """Return how many columns of a window are compared with the reference, concept drift counting as one more."""
    fields = (*layout.features, layout.prediction, layout.score, layout.label)
    concept = layout.profile is not None and layout.profile.concept is not None and layout.model.labels is not None
    return sum(field.column is not None for field in fields) + concept


def tests_of(layout: Layout) -> int:
    """Return how many tests there are: each column, and each residual that is watched from slice to slice."""
    # Against each reference; concept drift knows one only, so this is on the safe side.
    references = 1 + len(layout.model.comparisons)
    return tested_columns(layout) * references + len(watched_residuals(layout))


def watched_residuals(layout: Layout) -> tuple[str, ...]:
    """Return the residuals that are watched: of several classes there is no sign to an error."""
    model = layout.model
    if model.labels is None:
        return ()
    return tuple(name for name in model.drift.sequential.methods if name != "bias" or model.task != "multiclass")
