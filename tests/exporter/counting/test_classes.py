from __future__ import annotations

from pathlib import Path

from exporter.counting.classes import stated_classes
from tests.exporter.small_models import layout_of, model_of


def test_the_positive_class(tmp_path: Path) -> None:
    assert layout_of(tmp_path, "binary").positive == 1
    assert layout_of(tmp_path, "binary", "classes: [1, 0]\npositive_class: 1").positive == 0
    assert layout_of(tmp_path, "binary", "positive_class: 0").positive == 0
    assert layout_of(tmp_path, "multiclass").positive is None


def test_classes_follow_from_the_paths_of_their_scores(tmp_path: Path) -> None:
    said = "fields: {scores: {c: p.c, a: p.a, b: p.b, d: p.d}}"
    assert stated_classes(model_of(tmp_path, "multiclass", said)) == ("c", "a", "b", "d")
    layout = layout_of(tmp_path, "multiclass", said)
    assert layout.classes.texts == ["c", "a", "b", "d"]
    assert layout.score_columns == 4
