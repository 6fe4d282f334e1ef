from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporter.counting.content import Content
from exporter.counting.layout import Layout
from exporter.counting.packed import PackedContent, pack, pack_content
from exporter.counting.packed_vectors import sums_by
from exporter.counting.tally import Tally
from exporter.ledger.slices import Slices
from exporter.ledger.window_view import WindowView
from exporter.significance.dependence import INDEPENDENT, design_effects, effect_on_mean
from exporter.statistics.arrays import Floats
from exporter.statistics.regression import COLUMNS
from tests.exporter.significance.streams import autoregressive, by_block
from tests.exporter.slices_of import Put, packed_of
from tests.exporter.small_models import cells_of, layout_of, put_numbers, put_texts


def numbers(layout: Layout, values: Floats) -> Put:
    return lambda view: put_numbers(view, layout.numeric[0], values.tolist())


def texts(layout: Layout, values: list[str]) -> Put:
    return lambda view: put_texts(view, layout.categorical[0], values)


def test_effects_are_those_of_the_blocks_of_bins(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    values = 5.5 + 2 * autoregressive(np.random.default_rng(1), 2400, 0.9)
    parts = [[packed_of(layout, numbers(layout, each))] for each in np.split(values, 48)]
    # Deciles of 1 to 10.
    expected = design_effects(by_block(values, np.quantile(np.arange(1.0, 11.0), np.arange(1, 10) / 10), 48))
    found = Slices(layout, parts).effects(layout.numeric[0])
    assert found == pytest.approx(expected)
    assert found.cumulated > 3


def test_parts_of_a_slice_add_up(tmp_path: Path) -> None:
    """Of several versions, or several panes."""
    layout, random = layout_of(tmp_path, "binary"), np.random.default_rng(2)
    values = [random.uniform(0, 11, size=(2, 30)) + 3 * random.normal() for _ in range(20)]
    halves = Slices(layout, [[packed_of(layout, numbers(layout, half)) for half in each] for each in values])
    whole = Slices(layout, [[packed_of(layout, numbers(layout, each.reshape(-1)))] for each in values])
    assert halves.effects(layout.numeric[0]) == whole.effects(layout.numeric[0]) != INDEPENDENT


def test_of_categories_the_shown_ones_and_all_others_are_blocks(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    words = [["red"] * 9 + ["pink"], ["blue"] * 5 + ["green"] * 5] * 10
    found = Slices(layout, [[packed_of(layout, texts(layout, each))] for each in words])
    expected = design_effects(np.array([[9, 0, 1], [0, 5, 5]] * 10))
    assert found.effects(layout.categorical[0]) == pytest.approx(expected)
    assert expected.overall > 4


def test_a_column_that_the_reference_lacks_counts_as_independent(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "features: {x: numeric, colour: categorical}", reference=False)
    parts = [[packed_of(layout, texts(layout, ["red"] * 5))] for _ in range(20)]
    assert Slices(layout, parts).effects(layout.categorical[0]) == INDEPENDENT


def test_without_slices_everything_counts_as_independent(tmp_path: Path) -> None:
    for task in ("binary", "regression"):
        (tmp_path / task).mkdir()
        layout = layout_of(tmp_path / task, task)
        slices = Slices(layout, [])
        assert slices.effects(layout.numeric[0]) == INDEPENDENT
        assert slices.of_features == slices.of_errors == 1


def test_features_together_are_worth_what_the_middle_one_is(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")

    def put(view: WindowView, value: float, word: str) -> None:
        put_numbers(view, layout.numeric[0], [value] * 10)
        put_texts(view, layout.categorical[0], [word] * 10)

    def of(value: float, word: str) -> PackedContent:
        return packed_of(layout, lambda view: put(view, value, word))

    slices = Slices(layout, [[of(float(place % 2 * 9), "red" if place % 4 < 2 else "blue")] for place in range(20)])
    each = [slices.effects(field).overall for field in layout.features]
    assert len(each) == 2
    assert slices.of_features == pytest.approx(np.mean(each))
    assert slices.of_features > 9


def test_errors_of_classes_are_right_and_wrong_answers(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    pairs = [[("1", "1")] * 8 + [("0", "1")] * 2, [("1", "0")] * 6 + [("0", "0")] * 4] * 10
    parts = [[packed_of(layout, lambda _: None, cells_of(layout, each))] for each in pairs]
    expected = design_effects(np.array([[8, 2], [4, 6]] * 10)).overall
    assert Slices(layout, parts).of_errors == pytest.approx(expected)
    assert expected > 1.5


def test_errors_of_numbers_are_those_of_their_mean(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "regression")
    random = np.random.default_rng(3)
    residuals = np.repeat(random.normal(size=30), 10).reshape(30, 10)
    sums = residuals.sum(axis=1), (residuals**2).sum(axis=1)
    assert Slices(layout, [[residual_content(each)] for each in residuals]).of_errors == pytest.approx(
        effect_on_mean(np.full(30, 10.0), *sums)
    )
    assert effect_on_mean(np.full(30, 10.0), *sums) > 4


def residual_content(residuals: Floats) -> PackedContent:
    quality = np.zeros(len(COLUMNS))
    quality[COLUMNS.index("signed")] = residuals.sum()
    quality[COLUMNS.index("squared")] = (residuals**2).sum()
    keys = np.arange(len(COLUMNS))
    rows = Tally(np.array([0]), np.array([residuals.size]))
    return pack_content(Content(cells=rows, quality=Tally(keys, quality)))


@pytest.mark.parametrize("density", [0.01, 0.5, 1.0])
def test_sums_by_number_are_those_of_the_dense_vector(density: float) -> None:
    random = np.random.default_rng(4)
    # No multiple of a block, with its last one full.
    size = 1500
    number = random.integers(0, 8, size).astype(np.int32)
    expected, parts = np.zeros(8, np.int64), []
    for _ in range(3):
        keys = np.flatnonzero(random.random(size) < density)
        values = random.integers(1, 100_000, len(keys))
        np.add.at(expected, number[keys], values)
        parts.append(pack(Tally(keys, values)))
    assert density < 1 or len(parts[0].blocks)
    found = sums_by([parts, []], number, 8)
    assert found.tolist() == [expected.tolist(), [0] * 8]
