from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from exporter.counting import layout as positions
from exporter.counting import quality_sums
from exporter.counting.tally import NO_COUNTS, Tally, merge
from exporter.figures import quality
from exporter.ledger.ledger import Totals
from tests.exporter.small_models import cells_of, check_catalogue, figures_of, layout_of, score_table, view_of


def key(metric: str, segment_by: str = "", segment: str = "", family: str = "ml_quality") -> tuple[str, ...]:
    return (family, metric, segment_by, segment, "1h")


def test_binary(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    # Three true positives, one false, two missed, four true negatives.
    pairs = [("1", "1")] * 3 + [("1", "0")] + [("0", "1")] * 2 + [("0", "0")] * 4
    scores = score_table([(0, True, 0.9), (0, True, 0.4), (0, False, 0.4), (0, False, 0.1)])
    view = view_of(layout, cells=cells_of(layout, pairs), scores=scores)
    view.quality[0, [positions.LOG_LOSS, positions.BRIER]] = [2.0, 0.5]
    found = figures_of(quality.window_figures(view))
    assert found[key("accuracy")] == 0.7
    assert found[key("precision")] == 0.75
    assert found[key("recall")] == 0.6
    assert found[key("f1")] == pytest.approx(6 / 9)
    assert found[key("roc_auc")] == pytest.approx(3.5 / 4)
    assert found[key("log_loss")] == 0.5  # of the four rows that have a score
    assert found[key("brier")] == 0.125
    assert found[key("accuracy", family="ml_quality_rows")] == 10
    assert found[key("brier", family="ml_quality_rows")] == 4
    # The reference itself: five predicted positives, four of them right, of five.
    assert found[key("precision", family="ml_quality_baseline")] == 0.8
    assert found["ml_confusion_window_rows", "0", "1", "1h"] == 2
    check_catalogue(lambda: quality.window_figures(view))


def test_rounding_that_corrections_leave_is_not_shown_as_a_negative_loss(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    view = view_of(layout, cells=cells_of(layout, [("1", "1")]), scores=score_table([(0, True, 1.0)]))
    view.quality[0, [positions.LOG_LOSS, positions.BRIER]] = [-1e-17, -1e-17]
    found = figures_of(quality.window_figures(view))
    assert (found[key("log_loss")], found[key("brier")]) == (0, 0)


def test_without_a_positive_row_recall_is_nothing_and_areas_are_absent(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    view = view_of(layout, cells=cells_of(layout, [("0", "0")] * 4), scores=score_table([(0, False, 0.4)]))
    found = figures_of(quality.window_figures(view))
    assert (found[key("recall")], found[key("precision")], found[key("accuracy")]) == (0, 0, 1)
    assert key("roc_auc") not in found
    assert found[key("roc_auc", family="ml_quality_rows")] == 1


def test_an_empty_window_has_rows_of_0_and_the_baseline(tmp_path: Path) -> None:
    view = view_of(layout_of(tmp_path, "binary"))
    found = figures_of(quality.window_figures(view))
    assert not [name for name in found if name[0] == "ml_quality"]
    assert found[key("accuracy", family="ml_quality_rows")] == 0
    assert found[key("accuracy", family="ml_quality_baseline")] == 0.8


def test_multiclass_means_are_over_classes_that_occur(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "multiclass")
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b")]  # c does not occur
    view = view_of(layout, cells=cells_of(layout, pairs))
    found = figures_of(quality.window_figures(view))
    assert found[key("precision")] == pytest.approx((2 / 3 + 1) / 2)
    assert found[key("recall")] == pytest.approx((1 + 0.5) / 2)
    assert found[key("recall_weighted")] == 0.75
    assert found["ml_confusion_window_rows", "c", "c", "1h"] == 0
    check_catalogue(lambda: quality.window_figures(view))


def test_multiclass_areas_are_of_each_class_against_the_rest(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "multiclass")
    # Class a is told apart perfectly, b not at all; c does not occur, so it has no area.
    rows = [(0, True, 0.9), (0, False, 0.1), (1, True, 0.1), (1, False, 0.1), (2, False, 0.0), (2, False, 0.8)]
    view = view_of(layout, cells=cells_of(layout, [("a", "a"), ("a", "b")]), scores=score_table(rows))
    view.quality[0, positions.LOG_LOSS] = 3.0
    found = figures_of(quality.window_figures(view))
    assert found[key("roc_auc")] == pytest.approx((1 + 0.5) / 2)
    assert found[key("log_loss")] == 1.5


def test_regression(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "regression")
    predicted, label = np.array([1.0, 4.0, 5.0]), np.array([2.0, 2.0, 0.0])
    view = view_of(layout, cells=Tally(np.array([0, 1]), np.array([3, 2])))
    view.quality[0] = quality_sums.regression_terms(predicted, label, layout.label_centre).sum(axis=0)
    found = figures_of(quality.window_figures(view))
    assert found[key("mae")] == pytest.approx(8 / 3)
    assert found[key("bias")] == pytest.approx(2.0)
    assert found[key("rmse")] == pytest.approx(math.sqrt(10))
    assert found[key("r2")] == pytest.approx(1 - 30 / (8 / 3))
    assert found[key("mape")] == pytest.approx(0.75)
    assert found[key("mape", family="ml_quality_rows")] == 2
    assert found[key("bias", family="ml_quality_baseline")] == -1
    check_catalogue(lambda: quality.window_figures(view))


def test_segments_that_have_labels(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "segments: {kind: prediction}")
    layout.segments["kind"].code("first")
    layout.segments["kind"].code("second")
    cells = [cells_of(layout, [("1", "1")]), cells_of(layout, [("1", "0")], group=1)]
    found = figures_of(quality.window_figures(view_of(layout, cells=merge(cells, NO_COUNTS))))
    assert found[key("accuracy", "kind", "first")] == 0
    assert key("accuracy", "kind", "second") not in found
    assert key("accuracy", "kind", "second", "ml_quality_rows") not in found


def test_counters_are_the_settled_cells(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    totals = Totals(layout)
    totals.cells[cells_of(layout, [("1", "0")]).keys] = 5
    found = figures_of(quality.counters(layout, "v1", totals))
    assert found["ml_confusion_rows_total", "1", "0"] == 5
    assert sorted(map(str, found.values())) == ["0", "0", "0", "5"]
    check_catalogue(lambda: quality.counters(layout, "v1", totals))


def test_without_labels_there_is_no_quality(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", labels=False)
    assert not list(quality.window_figures(view_of(layout)))
    assert not list(quality.counters(layout, "v1", Totals(layout)))


def test_every_figure_has_bounds_that_hold_it(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    pairs = [("1", "1")] * 30 + [("1", "0")] * 10 + [("0", "1")] * 20 + [("0", "0")] * 40
    random = np.random.default_rng(1)
    scores = [(0, bool(i % 2), float(score)) for i, score in enumerate(random.random(100))]
    view = view_of(layout, cells=cells_of(layout, pairs), scores=score_table(scores))
    given = np.array([score if own else 1 - score for _, own, score in scores])
    view.quality[0, :4] = quality_sums.loss_terms(-np.log(given), (1 - given) ** 2).sum(axis=0)
    found = figures_of(quality.window_figures(view))
    values = {name: value for name, value in found.items() if name[0] == "ml_quality"}
    assert len(values) >= 7
    for name, value in values.items():
        lower, upper = found["ml_quality_lower", *name[1:]], found["ml_quality_upper", *name[1:]]
        assert 0 <= lower < value < upper, name  # type: ignore[operator]
    assert found[key("accuracy", family="ml_quality_lower")] == pytest.approx(
        0.6042, abs=1e-4
    )  # Wilson's, of 70 in 100


def test_a_wider_confidence_makes_wider_bounds(tmp_path: Path) -> None:
    pairs = [("1", "1")] * 70 + [("1", "0")] * 30
    uppers = []
    for confidence in (0.8, 0.95, 0.99):
        layout = layout_of(tmp_path, "binary", f"quality: {{confidence: {confidence}}}")
        found = figures_of(quality.window_figures(view_of(layout, cells=cells_of(layout, pairs))))
        uppers.append(found[key("accuracy", family="ml_quality_upper")])
    assert uppers == sorted(set(uppers))
