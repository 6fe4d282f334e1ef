from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporter.counting import layout as positions
from exporter.counting.layout import Layout
from exporter.figures import data_quality
from exporter.ledger.window_view import WindowView
from exporter.significance import family
from exporter.significance.proportion import critical_share
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


def test_without_a_finite_number_in_the_reference_there_is_no_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = layout_of(tmp_path, "binary")
    view = view_of(layout, traffic={positions.REQUESTS: 7, positions.SUCCESSFUL: 7})
    # Without edges there is one slot, which is below and above all of them.
    monkeypatch.setattr(WindowView, "slots", lambda *_: np.array([7]))
    found = figures_of(data_quality.window_figures(view))
    assert ratio("out_of_range", "x") not in found
    assert ratio("missing", "x") in found


def threshold(check: str, feature: str, severity: str = "warning") -> tuple[str, ...]:
    return ("ml_data_quality_threshold", check, feature, severity, "1h")


def full_view(layout: Layout, rows: int, *, complete: bool = True) -> WindowView:
    view = view_of(layout, traffic={positions.REQUESTS: rows, positions.SUCCESSFUL: rows}, complete=complete)
    put_numbers(view, layout.numeric[0], [5.0] * rows)
    put_texts(view, layout.categorical[0], ["red"] * rows)
    return view


def test_thresholds_are_what_is_usual_and_an_allowance_or_what_chance_explains(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "windows: [1h]")
    found = figures_of(data_quality.window_figures(full_view(layout, 100)))
    level = family.level(0.1, 3_600_000_000, tests=6)
    # Of a reference of ten rows, none missing, chance explains a lot of a hundred.
    chance = critical_share(0, 10, 100, level)
    assert 0.2 < chance < 1
    assert found[threshold("missing", "x")] == found[threshold("missing", "x", "critical")] == chance
    assert found[threshold("out_of_range", "x")] == critical_share(1, 10, 100, level)
    assert threshold("unseen_category", "colour") in found
    assert threshold("unseen_category", "x") not in found
    check_catalogue(lambda: data_quality.window_figures(full_view(layout, 100)))


def test_an_allowance_is_on_top_of_what_the_reference_has(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "windows: [1h]\nthresholds: {false_warnings: 1000}\ndata_quality: {limits: {invalid: {warning: 0.5, critical: null}, missing: null}}")  # fmt: skip
    found = figures_of(data_quality.window_figures(full_view(layout, 100)))
    assert found[threshold("invalid", "x")] == 0.5
    assert not [name for name in found if name[:2] == ("ml_data_quality_threshold", "missing")]


@pytest.mark.parametrize("said", ["windows: [1h, 24h]", "windows: [1h]\nthresholds: {windows: []}"])
def test_windows_that_are_not_judged_have_no_thresholds(tmp_path: Path, said: str) -> None:
    found = figures_of(data_quality.window_figures(full_view(layout_of(tmp_path, "binary", said), 100)))
    assert not [name for name in found if name[0] == "ml_data_quality_threshold"]


def test_nor_do_windows_that_are_not_whole_or_a_model_without_a_reference(tmp_path: Path) -> None:
    view = full_view(layout_of(tmp_path, "binary", "windows: [1h]"), 100, complete=False)
    assert not [name for name in figures_of(data_quality.window_figures(view)) if "threshold" in name[0]]
    layout = layout_of(
        tmp_path, "binary", "windows: [1h]\nfeatures: {x: numeric, colour: categorical}", reference=False
    )
    found = figures_of(data_quality.window_figures(full_view(layout, 100)))
    assert not [name for name in found if "threshold" in name[0]]
    assert found[ratio("missing", "x")] == 0


@pytest.mark.parametrize(("reference", "window"), [(300, 50), (300, 5000), (5000, 500)])
def test_new_values_of_an_unchanged_feature_are_over_it_no_more_often_than_the_level(
    reference: int, window: int
) -> None:
    random = np.random.default_rng(reference + window)
    shares = 1 / np.arange(1, 2001)
    shares /= shares.sum()
    over = np.zeros(2)
    for _ in range(500):
        before, after = random.normal(size=reference), random.normal(size=window)
        outside = ((after < before.min()) | (after > before.max())).mean()
        over[0] += outside > critical_share(*data_quality.out_of_range_hits(reference), window, 0.05)
        seen, found = random.multinomial(reference, shares), random.multinomial(window, shares)
        over[1] += found[seen == 0].sum() / window > critical_share(
            *data_quality.unseen_hits(seen[seen > 0]), window, 0.05
        )
    assert (over / 500 <= 0.07).all()
