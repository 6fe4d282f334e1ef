from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exporter.capture.profiles import profile_of
from exporter.counting.layout import Layout
from exporter.figures import drift
from exporter.ledger.window_view import WindowView
from exporter.significance import family
from exporter.statistics.arrays import Floats
from tests.exporter.slices_of import judged_view
from tests.exporter.small_models import (
    check_catalogue,
    figures_of,
    layout_of,
    model_of,
    put_numbers,
    put_texts,
    view_of,
)

ALL = "drift: {numeric: [ks, psi, js, wasserstein, wasserstein_normed, tail], categorical: [psi, js, chi2, linf]}"
HOUR = "windows: [1h]"
REST = ("training", "1h")


def put(layout: Layout, numbers: list[float], words: list[str]) -> Any:
    def counted(view: WindowView) -> None:
        put_numbers(view, layout.numeric[0], numbers)
        put_texts(view, layout.categorical[0], words)

    return counted


def figures_in(view: WindowView) -> dict[Any, Any]:
    return dict(figures_of(drift.window_figures(view)))


def found_in(layout: Layout, numbers: list[float], words: list[str], *, complete: bool = True) -> dict[Any, Any]:
    """Return the figures of a judged window of one slice."""
    return figures_in(judged_view(layout, [put(layout, numbers, words)], complete=complete))


def thresholds(found: dict[Any, Any], method: str, feature: str = "x") -> dict[str, float]:
    return {
        name[5]: value
        for name, value in found.items()
        if name[:4] == ("ml_drift_threshold", "data", feature, method)
    }  # fmt: skip


def name(what: str, method: str, feature: str = "x") -> tuple[str, ...]:
    return (f"ml_drift_{what}", "data", feature, method, *REST)


def test_every_score_has_a_p_value_and_thresholds(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", f"{ALL}\n{HOUR}")
    found = found_in(layout, [float(value) for value in range(1, 41)], ["red"] * 30 + ["green"] * 10)
    for feature, methods in (("x", layout.model.drift.numeric), ("colour", layout.model.drift.categorical)):
        for method in methods:
            assert found[name("score", method, feature)] > 0
            assert 0 < found[name("p_value", method, feature)] < 1
            assert set(thresholds(found, method, feature)) == set(layout.model.drift.floors.of(method))
    assert found["ml_drift_effective_rows", "data", "x", *REST] == 40
    check_catalogue(
        lambda: drift.window_figures(judged_view(layout, [put(layout, [1.0] * 40, ["red"] * 40)]))
    )  # fmt: skip


def test_of_identical_data_scores_are_0_and_p_values_1(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", f"{ALL}\n{HOUR}")
    found = found_in(layout, [float(value) for value in range(1, 11)] * 4, (["red"] * 7 + ["blue"] * 3) * 4)
    for key, value in found.items():
        if key[0] == "ml_drift_score":
            assert value == pytest.approx(0, abs=1e-7), key
        if key[0] == "ml_drift_p_value":
            assert value == pytest.approx(1, abs=1e-6), key
        if key[0] == "ml_drift_threshold":
            assert value > 0.01, key


def test_with_few_rows_thresholds_are_what_chance_explains(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", f"drift: {{numeric: [ks]}}\n{HOUR}")
    found = found_in(layout, [float(value) for value in range(1, 31)], ["red"] * 30)
    limits = thresholds(found, "ks")
    # Ten rows against thirty, at one in 7,200 windows of four columns, concept drift and two residuals.
    level = family.level(0.1, 3_600_000_000, tests=8)
    expected = math.sqrt(-math.log(level / 2) / 2) * math.sqrt(1 / 10 + 1 / 30)
    assert limits["info"] == limits["warning"] == limits["critical"] == pytest.approx(expected, rel=0.15)


def columns(folder: Path, reference: dict[str, Floats], said: str = HOUR) -> Layout:
    """Return the layout of a regression with these features."""
    model = model_of(folder, "regression", said, labels=False)
    rows = zip(*(values.tolist() for values in reference.values()), strict=True)
    lines = [",".join([*reference, "prediction"]), *(",".join([*map(str, row), "1"]) for row in rows)]
    (folder / "reference.csv").write_text("\n".join(lines) + "\n")
    return Layout(model, profile_of(model, None))


def test_with_many_rows_they_are_the_floors(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    layout = columns(tmp_path, {"x": random.integers(0, 8, 5000).astype(np.float64)}, f"{ALL}\n{HOUR}")
    view = judged_view(layout, [lambda view: put_numbers(view, layout.numeric[0], random.integers(0, 8, 5000))])
    found = figures_in(view)
    (column,) = (field.column for field in layout.numeric[:1])
    assert column is not None
    assert thresholds(found, "ks") == {"info": 0.1, "warning": 0.15, "critical": 0.25}
    assert thresholds(found, "psi") == {"info": 0.1, "warning": 0.2, "critical": 0.25}
    assert thresholds(found, "tail")["critical"] == 0.1
    assert thresholds(found, "wasserstein_normed")["critical"] == 0.3
    assert thresholds(found, "wasserstein")["critical"] == pytest.approx(0.3 * column.std)
    assert not [key for key, value in found.items() if key[0] == "ml_drift_score" and value > 0.1]


@pytest.mark.parametrize("rows", [2000, 10_000])
def test_the_floor_of_cramers_v_is_that_of_the_same_change_whatever_the_sizes(tmp_path: Path, rows: int) -> None:
    text = "windows: [1h]\ndrift: {categorical: [chi2]}"
    model = model_of(tmp_path, "regression", text, labels=False)
    (tmp_path / "reference.csv").write_text("c,prediction\n" + "a,1\n" * 1400 + "b,1\n" * 600)
    layout = Layout(model, profile_of(model, None))
    # A share that moves from 0.3 to this has a V of 0.22 between equal sides.
    words = ["a"] * (rows // 2) + ["b"] * (rows // 2)
    found = figures_in(judged_view(layout, [lambda view: put_texts(view, layout.categorical[0], words)]))  # fmt: skip
    limits, score = thresholds(found, "chi2", "c"), found[name("score", "chi2", "c")]
    even = math.sqrt(((0.7 - 0.5) ** 2 / 0.6 + (0.3 - 0.5) ** 2 / 0.4) / 4)
    # Pooled shares shift a little with the sizes.
    assert score / limits["warning"] == pytest.approx(even / 0.22, rel=0.06)
    assert limits["critical"] / limits["warning"] == pytest.approx(0.25 / 0.22)


def test_floors_are_configurable_or_off(tmp_path: Path) -> None:
    said = f"drift: {{numeric: [ks, psi], floors: {{ks: {{warning: 0.97, critical: 0.98, info: null}}, psi: null}}}}\n{HOUR}"
    found = found_in(layout_of(tmp_path, "binary", said), [1.0] * 40, ["red"] * 40)
    assert thresholds(found, "ks") == {"warning": 0.97, "critical": 0.98}
    assert not thresholds(found, "psi")
    assert found[name("p_value", "psi")] < 1


def test_more_false_warnings_make_smaller_thresholds(tmp_path: Path) -> None:
    limits = []
    for folder, warnings in (("few", 0.01), ("many", 50)):
        (tmp_path / folder).mkdir()
        layout = layout_of(tmp_path / folder, "binary", f"{HOUR}\nthresholds: {{false_warnings: {warnings}}}")
        limits.append(thresholds(found_in(layout, [1.0] * 40, ["red"] * 40), "ks")["warning"])
    assert limits[0] > 1.3 * limits[1]


def test_methods_of_one_column_share_its_risk(tmp_path: Path) -> None:
    limits = []
    for folder, methods in (("one", "[ks]"), ("several", "[ks, psi, tail]")):
        (tmp_path / folder).mkdir()
        layout = layout_of(tmp_path / folder, "binary", f"{HOUR}\ndrift: {{numeric: {methods}}}")
        limits.append(thresholds(found_in(layout, [1.0] * 40, ["red"] * 40), "ks")["warning"])
    assert limits[1] > 1.03 * limits[0]


def test_rows_that_come_in_heaps_are_worth_fewer(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", f"{ALL}\n{HOUR}")
    random = np.random.default_rng(2)
    words = random.choice(["red", "blue"], 30).tolist()
    heaps = list(zip(random.integers(1, 11, 30).astype(float).tolist(), words, strict=True))
    view = judged_view(layout, [put(layout, [value] * 10, [word] * 10) for value, word in heaps])
    found = figures_in(view)
    mixed = found_in(layout, [value for value, _ in heaps] * 10, [word for _, word in heaps] * 10)
    for feature, methods in (("x", layout.model.drift.numeric), ("colour", layout.model.drift.categorical)):
        assert found["ml_drift_rows", "data", feature, *REST] == 300
        assert found["ml_drift_effective_rows", "data", feature, *REST] < 100
        for method in methods:
            assert found[name("score", method, feature)] == mixed[name("score", method, feature)]
            assert found[name("p_value", method, feature)] >= mixed[name("p_value", method, feature)]
            assert thresholds(found, method, feature)["critical"] >= thresholds(mixed, method, feature)["critical"]
        assert thresholds(found, "psi", feature)["critical"] > 1.5 * thresholds(mixed, "psi", feature)["critical"]


@pytest.mark.parametrize(("rows", "complete"), [(29, True), (40, False), (0, True)])
def test_without_a_score_there_is_nothing_to_hold_it_against(tmp_path: Path, rows: int, complete: bool) -> None:
    found = found_in(layout_of(tmp_path, "binary", HOUR), [1.0] * rows, ["red"] * rows, complete=complete)
    assert {key[0] for key in found} == {"ml_drift_rows"}
    assert found["ml_drift_rows", "data", "x", *REST] == rows


@pytest.mark.parametrize("said", ["windows: [1h, 24h]", "windows: [100rows]", "windows: [all]"])
def test_windows_that_are_not_judged_have_scores_only(tmp_path: Path, said: str) -> None:
    """Those of rows, or of everything, never are: nobody knows how many there are in 30 days."""
    layout = layout_of(tmp_path, "binary", said)
    assert all(window.length for window in layout.model.judged_windows)
    view = view_of(layout)
    put(layout, [1.0] * 50, ["red"] * 50)(view)
    assert {key[0] for key in figures_of(drift.window_figures(view))} == {"ml_drift_rows", "ml_drift_score"}


@pytest.mark.filterwarnings("error")
def test_constant_and_empty_columns_are_defined(tmp_path: Path) -> None:
    layout = columns(tmp_path, {"x": np.full(100, 5.0), "y": np.full(100, np.nan)}, f"{ALL}\n{HOUR}\nfeatures: {{x: numeric, y: numeric}}")  # fmt: skip

    def both(values: list[float]) -> dict[Any, Any]:
        def counted(view: WindowView) -> None:
            for field in layout.numeric[:2]:
                put_numbers(view, field, values)

        return figures_in(judged_view(layout, [counted]))

    same, other = both([5.0] * 40), both([5.0] * 20 + [7.0] * 20)
    for found in (same, other):
        assert all(math.isfinite(value) for value in found.values())
        # Against nothing nothing can be compared.
        assert {key[0] for key in found if key[2] == "y"} == {"ml_drift_rows", "ml_drift_effective_rows"}
    for method in ("ks", "psi", "js", "tail"):
        assert same[name("score", method)] == pytest.approx(0, abs=1e-9)
        assert same[name("p_value", method)] == 1
        assert other[name("score", method)] > thresholds(other, method)["critical"]
    assert name("score", "wasserstein_normed") not in same


def test_fifty_features_that_have_not_changed_warn_as_rarely_as_one_would(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    # So long a reference that its own luck matters little: every window shares it.
    drawn = {f"f{number:02}": random.binomial(6, 0.02 + number / 100, 3000).astype(float) for number in range(50)}
    # Every other window may have a false warning: 720 hours and as many tests as there are columns.
    layout = columns(
        tmp_path, drawn, f"{HOUR}\nthresholds: {{false_warnings: 360}}\ndrift: {{floors: {floors_of(0.001)}}}"
    )
    warned, rounds = 0, 30
    for _ in range(rounds):

        def counted(view: WindowView) -> None:
            for number, field in enumerate(layout.numeric[:50]):
                put_numbers(view, field, random.binomial(6, 0.02 + number / 100, 400))

        found = figures_in(judged_view(layout, [counted]))
        warned += any(
            value > found["ml_drift_threshold", *key[1:5], "warning", key[5]]
            for key, value in found.items()
            if key[0] == "ml_drift_score"
        )
    # Ties leave the rate below what it may be; were each column let have all of the risk, hardly a window would pass.
    assert 0.03 < warned / rounds < 0.5


def floors_of(least: float) -> str:
    """Return floors so low that only chance speaks."""
    methods = ("ks", "psi", "wasserstein_normed", "tail")
    return "{" + ", ".join(f"{method}: {{info: null, warning: {least}}}" for method in methods) + "}"
