"""A few segments by name and the others added up, against scikit-learn on the rows themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, log_loss, r2_score, roc_auc_score

from exporter.counting import contributions
from exporter.counting.contributions import Labelled
from exporter.counting.layout import Layout
from exporter.figures import quality, segments
from exporter.ledger.window_view import WindowView
from exporter.rows.dictionary import OTHER
from exporter.rows.kept_rows import KeptPredictions
from exporter.snapshot import Histogram
from tests.exporter.small_models import layout_of, view_of

SAID = "segments: {kind: kind, place: place}\nlimits: {shown_segments: %d, segments: %d}"
Kinds = list[str]


def kept(layout: Layout, kinds: Kinds, predicted: np.ndarray, scores: np.ndarray) -> KeptPredictions:
    codes = np.array([1 + layout.segments["kind"].code(kind) for kind in kinds], np.int32)
    places = np.full(len(kinds), 1 + layout.segments["kind"].capacity + layout.segments["place"].code("here"), np.int32)
    rows = len(kinds)
    return KeptPredictions(
        time=np.arange(rows),
        key=np.arange(rows, dtype=np.uint64),
        version=np.zeros(rows, np.int32),
        scored=np.ones(rows, dtype=bool),
        predicted=predicted,
        scores=scores,
        groups=np.column_stack((codes, places)),
    )


def view_of_rows(
    layout: Layout, kinds: Kinds, predicted: np.ndarray, label: np.ndarray, scores: np.ndarray
) -> WindowView:
    rows = kept(layout, kinds, predicted, scores)
    everything = Labelled(rows, label, np.ones(len(kinds), dtype=bool))
    (content,) = contributions.of_labels(layout, everything, np.zeros(len(kinds), np.intp), 1)
    view = view_of(layout, cells=content.cells, scores=content.scores)
    view.quality[:] = content.quality.dense(view.quality.size).reshape(view.quality.shape)
    return view


def figures(view: WindowView) -> dict[tuple[str, str, str], float]:
    return {
        (sample.labels[2], sample.labels[3], sample.labels[4]): sample.value
        for sample in quality.window_figures(view)
        if sample.metric.name == "ml_quality" and not isinstance(sample.value, Histogram)
    }


def test_others_are_judged_by_their_rows_and_never_averaged(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID % (2, 50))
    random = np.random.default_rng(3)
    kinds = [*["a"] * 90, *["b"] * 70, *[f"c{i % 9}" for i in range(140)]]
    scores = random.random(300)
    label = (random.random(300) < scores).astype(float)
    predicted = (scores > 0.4).astype(float)
    found = figures(view_of_rows(layout, kinds, predicted, label, scores[:, None]))
    assert {key[2] for key in found if key[1] == "kind"} == {"a", "b", OTHER}
    assert {key[2] for key in found if key[1] == "place"} == {"here"}
    for name, rows in (("a", slice(0, 90)), ("b", slice(90, 160)), (OTHER, slice(160, 300))):
        there, said, probability = label[rows], predicted[rows], scores[rows]
        assert found["accuracy", "kind", name] == accuracy_score(there, said)
        assert found["f1", "kind", name] == pytest.approx(f1_score(there, said), abs=1e-12)
        assert found["roc_auc", "kind", name] == pytest.approx(roc_auc_score(there, probability), abs=1e-12)
        assert found["log_loss", "kind", name] == pytest.approx(log_loss(there, probability), rel=1e-9)


def test_errors_of_a_regression_add_up(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "regression", SAID % (1, 50))
    random = np.random.default_rng(4)
    kinds = [*["a"] * 60, *[f"c{i % 5}" for i in range(100)]]
    label = random.normal(15, 3, 160)
    predicted = label + random.normal(size=160)
    found = figures(view_of_rows(layout, kinds, predicted, label, np.empty((160, 0))))
    assert {key[2] for key in found if key[1] == "kind"} == {"a", OTHER}
    assert found["mae", "kind", OTHER] == pytest.approx(np.abs(predicted - label)[60:].mean())
    assert found["r2", "kind", OTHER] == pytest.approx(r2_score(label[60:], predicted[60:]))


def test_values_beyond_the_limit_of_distinct_ones_are_among_the_others(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID % (1, 2))
    kinds = ["a", "a", "b", "c", "d"]  # c and d have no code of their own
    label, predicted = np.array([1.0, 1, 1, 0, 0]), np.array([1.0, 0, 1, 0, 1])
    found = figures(view_of_rows(layout, kinds, predicted, label, np.empty((5, 0))))
    assert found["accuracy", "kind", "a"] == 0.5
    assert found["accuracy", "kind", OTHER] == pytest.approx(2 / 3)


def test_of_segments_with_equally_many_rows_the_first_by_text_is_shown(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID % (1, 50))
    one = np.ones(2)
    view = view_of_rows(layout, ["b", "a"], one, one, np.empty((2, 0)))
    assert [group.segment for group in segments.shown(view)[1] if group.segment_by == "kind"] == ["a", OTHER]


def test_nothing_is_copied_when_all_are_shown(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID % (2, 50))
    one = np.ones(2)
    view = view_of_rows(layout, ["b", "a"], one, one, np.empty((2, 0)))
    assert segments.shown(view)[0] is view


@given(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=40), st.integers(1, 8))
def test_every_row_is_in_one_group_of_each_field(
    tmp_path_factory: pytest.TempPathFactory, kinds: Kinds, shown: int
) -> None:
    layout = layout_of(tmp_path_factory.mktemp("m"), "binary", SAID % (shown, 5))
    one = np.ones(len(kinds))
    view, groups = segments.shown(view_of_rows(layout, kinds, one, one, np.empty((len(kinds), 0))))
    rows = {group: int(view.group_cells(group.number).values.sum()) for group in groups}
    for name in ("kind", "place"):
        assert sum(count for group, count in rows.items() if group.segment_by == name) == len(kinds)
    assert sum(group.segment_by == "kind" and group.segment != OTHER for group in groups) <= shown
    assert min(rows.values()) > 0
