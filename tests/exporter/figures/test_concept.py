from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporter.counting import layout as positions
from exporter.counting.concept_cells import concept_cells
from exporter.counting.content import Content
from exporter.counting.contributions import Labelled, cells_per_group, of_labels
from exporter.counting.layout import Layout
from exporter.counting.tally import Tally
from exporter.figures.concept import window_figures, window_table
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Sample
from tests.exporter.kept import kept_predictions
from tests.exporter.small_models import layout_of, view_of

# The small references have ten rows.
SAID = "drift: {min_rows: 1}\nwindows: [1h]"


def view(layout: Layout, labels: list[float], **said: object) -> WindowView:
    """Return a window with labelled rows, all of them predicted alike."""
    rows = kept_predictions(np.arange(len(labels), dtype=np.int64), **said)  # type: ignore[arg-type]  # of its own kinds
    labelled = Labelled(rows, np.array(labels), np.ones(len(labels), dtype=bool))
    (content,) = of_labels(layout, labelled, np.zeros(len(labels), np.intp), 1)
    found = view_of(layout, traffic={positions.SUCCESSFUL: len(labels)}, cells=content.cells)
    found.counts[content.counts.keys] += content.counts.values
    return found


def by_name(samples: list[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.metric.name, []).append(sample)
    return found


def test_of_scores_the_bins_are_those_of_the_reference(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID)
    assert layout.profile is not None
    table = layout.profile.concept
    assert table is not None
    window = window_table(view(layout, [1.0] * 6 + [0.0] * 4, scores=[0.9]), table)
    assert window.shape == table.counts.shape
    (bin_,) = np.flatnonzero(window.sum(axis=1))
    assert window[bin_].tolist() == [4, 6]
    # Of the reference's five rows with a score of 0.9 four came true.
    assert table.counts[bin_].tolist() == [1, 4]


def test_scores_and_rows_are_there_from_the_first_rows_that_can_be_compared(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID)
    samples = by_name(list(window_figures(view(layout, [1.0] * 6 + [0.0] * 4, scores=[0.9]))))
    (rows,) = samples["ml_drift_rows"]
    assert rows.value == 10
    assert rows.labels == ("small", "v1", "concept", "", "training", "1h")
    scores = {sample.labels[4]: sample.value for sample in samples["ml_drift_score"]}
    # Shares of 0.8 and 0.6 that came true, of five and ten rows.
    pooled = 10 / 15
    assert scores == {
        "shift": pytest.approx(0.2),
        "chi2": pytest.approx(0.2 / np.sqrt(pooled * (1 - pooled))),
    }


def test_a_window_that_is_judged_has_p_values_and_thresholds(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID)
    window = view(layout, [1.0] * 60 + [0.0] * 40, scores=[0.9])
    samples = by_name(list(window_figures(window)))
    assert {sample.labels[4] for sample in samples["ml_drift_p_value"]} == {"chi2", "shift"}
    limits = {(sample.labels[4], sample.labels[6]): sample.value for sample in samples["ml_drift_threshold"]}
    assert set(limits) == {(method, severity) for method in ("chi2", "shift") for severity in ("warning", "critical")}
    # With a reference of ten rows chance explains more than the floors do.
    limit = limits["chi2", "warning"]
    assert isinstance(limit, float)
    assert limit > 0.25


@pytest.mark.parametrize("said", ["quality: {min_coverage: 0.9}", "thresholds: {windows: []}"])
def test_while_labels_are_waited_for_nothing_is_judged(tmp_path: Path, said: str) -> None:
    layout = layout_of(tmp_path, "binary", f"{SAID}\n{said}")
    window = view(layout, [1.0] * 60, scores=[0.9])
    window.counts[layout.traffic.start + positions.SUCCESSFUL] = 600
    samples = by_name(list(window_figures(window)))
    assert set(samples) == {"ml_drift_rows", "ml_drift_score"}


def test_an_incomplete_window_and_one_with_few_rows_have_no_score(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {min_rows: 11}\nwindows: [1h]")
    assert set(by_name(list(window_figures(view(layout, [1.0] * 10, scores=[0.9]))))) == {"ml_drift_rows"}
    assert list(by_name(list(window_figures(view_of(layout, complete=False))))) == ["ml_drift_rows"]


def test_of_classes_it_is_read_off_the_confusion_cells(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "multiclass", SAID)
    assert layout.concept.width == 0
    assert layout.profile is not None
    assert layout.profile.concept is not None
    codes = [layout.classes.code(name) for name in ("a", "b", "c")]
    stranger = layout.classes.code("new")
    width = layout.classes.capacity
    keys = np.array(sorted([codes[0] * width + codes[2], codes[2] * width + codes[2], stranger * width + codes[2]]))
    window = view_of(layout, cells=Tally(keys, np.array([2, 30, 4])))
    found = window_table(window, layout.profile.concept)
    # Predicted c: true a twice, true c thirty times; what the reference does not know is nowhere.
    assert found[2].tolist() == [2, 0, 30]
    assert found[:2].sum() == 0
    assert cells_per_group(layout) == width**2


def test_of_numbers_it_is_where_the_residual_lies(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "regression", SAID)
    assert layout.profile is not None
    table = layout.profile.concept
    assert table is not None
    # In the reference each label is greater than its prediction by 1.
    assert (table.limits == 1.0).all()
    rows = kept_predictions(np.arange(3, dtype=np.int64), predicted=12.0)
    there, cells = concept_cells(layout, rows, np.array([12.0, 13.0, 14.0]))
    assert there.tolist() == [0, 1, 2]
    bins, outcomes = np.divmod(cells - layout.concept.start, 3)
    assert len(set(bins.tolist())) == 1
    assert outcomes.tolist() == [0, 0, 2]


def test_a_correction_takes_back_what_was_counted(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID)
    counted = view(layout, [1.0] * 3, scores=[0.2]).counts
    stretch = slice(layout.concept.start, layout.concept.stop)
    assert counted[stretch].sum() == 3
    assert not Content().counts.keys.size


def test_without_labels_or_a_reference_there_is_no_concept(tmp_path: Path) -> None:
    for said in ({"labels": False}, {"reference": False}):
        layout = layout_of(tmp_path, "regression", SAID, **said)
        assert list(window_figures(view_of(layout))) == []
