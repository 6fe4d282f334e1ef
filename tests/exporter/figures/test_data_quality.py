from __future__ import annotations

from pathlib import Path

import pytest

from exporter import layout as positions
from exporter.figures import data_quality
from tests.exporter.small_models import check_catalogue, figures_of, layout_of, put_numbers, put_texts, view_of


def ratio(check: str, feature: str) -> tuple[str, ...]:
    return ("ml_data_quality_ratio", check, feature, "1h")


def test_shares(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    number, category = layout.numeric[0], layout.categorical[0]
    view = view_of(layout, traffic={positions.REQUESTS: 12, positions.SUCCESSFUL: 10})
    put_numbers(view, number, [0.5, 1.0, 10.0, 11.0, 5.0])
    view.counts[number.missing], view.counts[number.invalid] = 3, 2
    put_texts(view, category, ["red", "blue", "green", "green"])
    view.counts[category.missing] = 6
    found = figures_of(data_quality.window_figures(view))
    assert found["ml_data_quality_rows", "x", "1h"] == found["ml_data_quality_rows", "colour", "1h"] == 10
    assert found[ratio("missing", "x")] == 0.3
    assert found[ratio("invalid", "x")] == 0.2
    assert found[ratio("out_of_range", "x")] == 0.4  # 0.5 and 11 of the five that are there
    assert found[ratio("missing", "colour")] == 0.6
    assert found[ratio("unseen_category", "colour")] == 0.5
    assert ratio("unseen_category", "x") not in found
    check_catalogue(lambda: data_quality.window_figures(view))


def test_a_window_without_requests_has_no_shares(tmp_path: Path) -> None:
    view = view_of(layout_of(tmp_path, "binary"))
    found = figures_of(data_quality.window_figures(view))
    assert found == {("ml_data_quality_rows", "x", "1h"): 0, ("ml_data_quality_rows", "colour", "1h"): 0}


def test_without_a_reference_nothing_is_out_of_range(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "features: {x: numeric}", reference=False)
    view = view_of(layout, traffic={positions.SUCCESSFUL: 2})
    put_numbers(view, layout.numeric[0], [1e9, -1e9])
    found = figures_of(data_quality.window_figures(view))
    assert found[ratio("missing", "x")] == pytest.approx(0)
    assert ratio("out_of_range", "x") not in found
