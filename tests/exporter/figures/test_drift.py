from __future__ import annotations

import math
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import ks_2samp, wasserstein_distance

from exporter.figures import drift
from exporter.ledger.window_view import PastCounts
from tests.exporter.small_models import check_catalogue, figures_of, layout_of, put_numbers, put_texts, view_of

ALL = "drift: {numeric: [ks, psi, js, wasserstein, wasserstein_normed, tail], categorical: [psi, js, chi2, linf], min_rows: 4}"


def score(method: str, feature: str = "x", kind: str = "data") -> tuple[str, ...]:
    return ("ml_drift_score", kind, feature, method, "training", "1h")


def rows(feature: str = "x", kind: str = "data") -> tuple[str, ...]:
    return ("ml_drift_rows", kind, feature, "training", "1h")


def test_numbers(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", ALL)
    view = view_of(layout)
    values = [3.0, 3.5, 12.0, 12.0]
    put_numbers(view, layout.numeric[0], values)
    found = figures_of(drift.window_figures(view))
    reference = [float(value) for value in range(1, 11)]
    assert found[rows()] == 4
    assert found[score("ks")] == pytest.approx(ks_2samp(reference, values).statistic, abs=1e-12)
    distance = wasserstein_distance(reference, values)
    assert found[score("wasserstein")] == pytest.approx(distance, abs=1e-9)
    assert found[score("wasserstein_normed")] == pytest.approx(distance / statistics.stdev(reference), abs=1e-9)
    # Both twelves lie beyond all that the reference has.
    assert found[score("tail")] == pytest.approx(0.5)
    # Deciles of 1 … 10 are 1.9, 2.8, …: each of the ten bins holds one; 3 and 3.5 fall into (2.8, 3.7], 12 into the last.
    psi = 8 * (1e-4 - 0.1) * math.log(1e-4 / 0.1) + 2 * (0.5 - 0.1) * math.log(0.5 / 0.1)
    assert found[score("psi")] == pytest.approx(psi, abs=1e-12)


def test_categories_of_which_one_is_new(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", ALL)
    view = view_of(layout)
    put_texts(view, layout.categorical[0], ["red", "red", "green", "green"])
    found = figures_of(drift.window_figures(view))
    assert found[score("linf", "colour")] == pytest.approx(0.5)  # green: 0 before, a half now
    # Each of red 7 + 2, blue 3 + 0, green 0 + 2 of 10 and 4 rows.
    chi2 = 40 * sum((r / 10 - c / 4) ** 2 / (r + c) for r, c in ((7, 2), (3, 0), (0, 2)))
    assert found[score("chi2", "colour")] == pytest.approx(math.sqrt(chi2 / 14), abs=1e-12)


def test_the_past_has_its_own_bins(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", ALL)
    view, past = view_of(layout), view_of(layout)
    field = layout.numeric[0]
    values, before = [3.0, 3.5, 12.0, 12.0], [1.0, 2.0, 3.6, 3.6, 9.5]
    put_numbers(view, field, values)
    put_numbers(past, field, before)
    view = replace(view, pasts={"previous": PastCounts(past.counts, past.sums, past.counts[None])})
    found = figures_of(drift.window_figures(view))
    # Of the deciles' bins those of 1, 2, 3 and 9.5 have a fifth of the past, but two of it that of 3 and 3.5.
    shares = {"1": (0.2, 0), "2": (0.2, 0), "3": (0.4, 0.5), "9.5": (0.2, 0.5)}
    psi = sum((max(c, 1e-4) - r) * math.log(max(c, 1e-4) / r) for r, c in shares.values())
    assert found["ml_drift_score", "data", "x", "psi", "previous", "1h"] == pytest.approx(psi, abs=1e-12)
    ks = ks_2samp(before, values).statistic
    assert found["ml_drift_score", "data", "x", "ks", "previous", "1h"] == pytest.approx(ks, abs=1e-12)
    assert found[score("psi")] != pytest.approx(psi, abs=0.1)


def test_the_floor_of_psi_is_the_configured_one_for_categories_too(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {categorical: [psi], psi: {bins: 5, floor: 0.01}, min_rows: 2}")
    view = view_of(layout)
    put_texts(view, layout.categorical[0], ["red"] * 4)
    found = figures_of(drift.window_figures(view))
    psi = (1 - 0.7) * math.log(1 / 0.7) + (0.01 - 0.3) * math.log(0.01 / 0.3)
    assert found[score("psi", "colour")] == pytest.approx(psi, abs=1e-12)


def test_too_few_rows_have_no_score(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", ALL)
    view = view_of(layout)
    put_numbers(view, layout.numeric[0], [1.0, 2.0, 3.0])
    found = figures_of(drift.window_figures(view))
    assert found[rows()] == 3
    assert not [key for key in found if key[0] == "ml_drift_score"]


def test_a_window_that_is_not_whole_has_no_score(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", ALL)
    view = view_of(layout, complete=False)
    put_numbers(view, layout.numeric[0], [1.0] * 50)
    found = figures_of(drift.window_figures(view))
    assert found[rows()] == 50
    assert score("ks") not in found


def test_outputs_drift_too(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", ALL)
    view = view_of(layout)
    put_texts(view, layout.prediction, "1111")
    put_texts(view, layout.label, "0011")
    put_numbers(view, layout.score, [0.9] * 4)
    found = figures_of(drift.window_figures(view))
    assert found[score("linf", "", "prediction")] == pytest.approx(0.5)
    assert found[score("linf", "", "label")] == pytest.approx(0.0)
    assert found[score("ks", "", "score")] == pytest.approx(0.5)


def test_bins_of_equal_width(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {numeric: [psi], psi: {bins: 3, binning: width}, min_rows: 1}")
    view = view_of(layout)
    put_numbers(view, layout.numeric[0], [1.0, 5.0, 10.0])
    # Cuts at 4 and 7, (a, b]: the reference has 4, 3 and 3 of ten.
    psi = sum((1 / 3 - r) * math.log(1 / 3 / r) for r in (0.4, 0.3, 0.3))
    assert figures_of(drift.window_figures(view))[score("psi")] == pytest.approx(psi, abs=1e-12)


def test_without_a_reference_there_is_nothing_to_drift_from(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "features: {x: numeric}", reference=False)
    assert not list(drift.window_figures(view_of(layout)))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_labels_are_those_of_the_catalogue(tmp_path: Path, task: str) -> None:
    layout = layout_of(tmp_path, task, ALL)
    view = view_of(layout)
    put_numbers(view, layout.numeric[0], [1.0] * 5)
    put_texts(view, layout.categorical[0], ["red"] * 5)
    check_catalogue(lambda: drift.window_figures(view))
