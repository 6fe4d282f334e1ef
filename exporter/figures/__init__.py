"""From vectors to samples: one module for each kind of figure.

A window's figures are functions from a ``WindowView``; counters are functions from a version's ``Totals``.
To find where a figure comes from, look for its metric's constant here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from exporter.counting.layout import Layout
from exporter.figures import bins, concept, data_quality, drift, labels, quality, traffic
from exporter.figures.attempt import Attempt, name_of, plainly
from exporter.ledger.ledger import Totals
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Sample

WINDOW_FIGURES: tuple[Callable[[WindowView], Iterator[Sample]], ...] = (
    traffic.window_figures,
    drift.window_figures,
    concept.window_figures,
    data_quality.window_figures,
    quality.window_figures,
    labels.window_figures,
)


def window_samples(found: Sequence[WindowView], attempt: Attempt = plainly) -> Iterator[Sample]:
    """Yield all figures of a window's views, as ``window_view.views`` returns them.

    The figures of a single version are those of all versions together: they are computed once, and named twice.
    """
    together, *versions = found
    samples = list(_figures_of(together, attempt))
    yield from samples
    for view in versions:
        if len(versions) == 1:
            yield from (each._replace(labels=(*view.labels, *each.labels[len(view.labels) :])) for each in samples)
        else:
            yield from _figures_of(view, attempt)


def _figures_of(view: WindowView, attempt: Attempt) -> Iterator[Sample]:
    for figures in WINDOW_FIGURES:
        yield from attempt(name_of(figures), partial(figures, view))


# Of one version, whose name is the second argument.
COUNTERS: tuple[Callable[[Layout, str, Totals], Iterator[Sample]], ...] = (
    traffic.counters,
    traffic.prediction_counters,
    bins.counters,
    quality.counters,
    labels.counters,
)
