"""Whether what comes true, given what the model said, is what came true in the reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from exporter import catalogue
from exporter.catalogue import WAITING
from exporter.counting.drift_family import tests_of
from exporter.figures import label_state
from exporter.ledger.window_view import WindowView
from exporter.reference.profile import ConceptTable
from exporter.snapshot import Sample
from exporter.statistics.concept import Stratum, concept_chi_square, concept_shift, strata_of

Counts = NDArray[np.int64]
Strata = Sequence[Stratum]

METHODS: Mapping[str, Callable[[Strata], float]] = {"chi2": concept_chi_square, "shift": concept_shift}


def window_figures(view: WindowView) -> Iterator[Sample]:
    model, profile = view.layout.model, view.layout.profile
    if model.reference is None or model.labels is None or profile is None or profile.concept is None:
        return
    strata = strata_of(profile.concept.counts, window_table(view, profile.concept))
    about = (*view.labels, "concept", "")
    rows = sum(stratum.rows for stratum in strata)
    yield Sample(catalogue.DRIFT_ROWS, (*about, model.reference.name, view.window), rows)
    if not view.complete or rows < max(model.drift.min_rows, 1):
        return
    for method in model.drift.concept:
        labels = (*about, method, model.reference.name)
        score = METHODS[method](strata)
        yield Sample(catalogue.DRIFT_SCORE, (*labels, view.window), score)
        yield from _judged(view, strata, method, score, labels)


def window_table(view: WindowView, table: ConceptTable) -> Counts:
    """Return the window's counts by bin and outcome, shaped like the reference's.

    Classes that the reference does not have are in no bin, and are no outcome: there is nothing to compare them with.
    """
    layout = view.layout
    if table.by != "class":
        return view.slots(layout.concept, layout.concept.width).reshape(table.counts.shape)
    assert layout.profile is not None  # it has the table
    codes = [layout.classes.code(text) for text in layout.profile.classes]
    matrix = view.group_cells(0).dense(layout.classes.capacity**2).reshape(layout.classes.capacity, -1)
    found: Counts = matrix[np.ix_(codes, codes)].T
    return found


def _judged(view: WindowView, strata: Strata, method: str, score: float, labels: tuple[str, ...]) -> Iterator[Sample]:
    """Yield the p-value and the thresholds of windows that are judged, once their labels are no selection any more."""
    if label_state.state(view) in (None, WAITING):
        return
    # Loads SciPy, which only models with a reference need.
    from exporter.significance.concept import chi_square_null, shift_null

    null = (chi_square_null if method == "chi2" else shift_null)(strata, design_effect=view.design_effect("label"))
    yield Sample(catalogue.DRIFT_P_VALUE, (*labels, view.window), null.p_value(score))
    model = view.layout.model
    critical = null.critical(view.risk(tests_of(view.layout) * len(model.drift.concept)))
    for severity, floor in model.drift.floors.of(f"concept_{method}").items():
        if not math.isnan(critical):
            yield Sample(catalogue.DRIFT_THRESHOLD, (*labels, severity, view.window), max(floor, critical))
