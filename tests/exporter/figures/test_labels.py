from __future__ import annotations

import math
from pathlib import Path

from exporter.counting import layout as positions
from exporter.counting.layout import DELAY_BOUNDS
from exporter.figures import labels
from exporter.ledger.ledger import Totals
from exporter.snapshot import Histogram
from tests.exporter.small_models import check_catalogue, figures_of, layout_of, view_of


def test_coverage_is_of_successful_predictions(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    view = view_of(layout, traffic={positions.REQUESTS: 9, positions.SUCCESSFUL: 8, positions.LABELLED: 6})
    assert figures_of(labels.window_figures(view)) == {("ml_label_coverage_ratio", "1h"): 0.75}
    check_catalogue(lambda: labels.window_figures(view))


def test_counters(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    totals = Totals(layout)
    totals.counts[layout.outcomes.start : layout.outcomes.stop] = [5, 4, 3, 2, 0]
    totals.counts[layout.delay.start] = 12
    totals.sums[layout.delay_sum.start] = 60.0
    found = figures_of(labels.counters(layout, "v1", totals))
    assert found == {
        ("ml_labels_total", "joined"): 5,
        ("ml_labels_total", "duplicate"): 4,
        ("ml_labels_total", "corrected"): 3,
        ("ml_labels_total", "unscored"): 2,
        ("ml_label_delay_seconds",): Histogram((*DELAY_BOUNDS, math.inf), (12,) * 12, 60.0),
    }
    check_catalogue(lambda: labels.counters(layout, "v1", totals))


def test_orphans_have_no_version(tmp_path: Path) -> None:
    (sample,) = labels.orphan_counter(layout_of(tmp_path, "binary"), 7)
    assert (sample.labels, sample.value) == (("small", "", "orphan"), 7)


def test_a_model_without_labels_has_no_figures_of_them(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", labels=False)
    assert not list(labels.window_figures(view_of(layout, traffic={positions.SUCCESSFUL: 8})))
    assert not list(labels.counters(layout, "v1", Totals(layout)))
    assert not list(labels.orphan_counter(layout, 0))
