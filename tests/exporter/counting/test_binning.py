from __future__ import annotations

from pathlib import Path

import numpy as np

from exporter.counting.binning import bins_of, shown_codes
from exporter.counting.layout import Layout, NumericField
from exporter.reference.profile import NumericColumn
from tests.exporter.small_models import layout_of, put_numbers, put_texts, view_of


def numeric(layout: Layout) -> tuple[NumericField, NumericColumn]:
    field = layout.numeric[0]
    assert field.column is not None
    return field, field.column


def test_numbers_fall_into_the_bins_of_psi(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {psi: {bins: 4}}")
    field, _ = numeric(layout)
    # Of 1 to 10; bins are (a, b].
    assert field.cuts.tolist() == [3.25, 5.5, 7.75]
    view, bins = view_of(layout), bins_of(layout)
    put_numbers(view, field, [-9.0, 1.0, 3.1, 3.25, 3.2500001, 5.4, 5.5, 5.6, 7.75, 8.0, 9.99, 10.0, 1e9])
    found = np.bincount(bins.number, view.counts, bins.count + 1)
    span = bins.spans[field.span]
    assert found[span.start : span.stop].tolist() == [4, 3, 2, 4]
    assert found.sum() == 13


def test_categories_have_a_bin_each_and_all_others_one(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    field = layout.categorical[0]
    view, bins = view_of(layout), bins_of(layout)
    put_texts(view, field, ["red"] * 4 + ["blue"] * 3 + ["green", "pink"])
    span = bins.spans[field.span]
    found = np.bincount(bins.number, view.counts, bins.count + 1)[span.start : span.stop]
    assert found.tolist() == [4, 3, 2]


def test_the_most_frequent_categories_are_shown(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "limits: {bins: 1}")
    field = layout.categorical[0]
    assert [field.dictionary.text(code) for code in shown_codes(layout, field).tolist()] == ["red"]
    assert bins_of(layout).spans[field.span].width == 2


def test_every_column_of_the_reference_has_bins_of_its_own(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    bins = bins_of(layout)
    fields = [*layout.features, layout.prediction, layout.score, layout.label]
    assert set(bins.spans) == {field.span for field in fields}
    covered = [place for span in bins.spans.values() for place in range(span.start, span.stop)]
    assert sorted(covered) == list(range(bins.count))
    # Missing and invalid values, traffic and the rest are in none.
    for field in fields:
        assert bins.number[field.missing] == bins.number[field.invalid] == bins.count
    assert (bins.number[layout.traffic.start : layout.traffic.stop] == bins.count).all()


def test_without_a_reference_there_are_none(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "features: {x: numeric, colour: categorical}", reference=False)
    bins = bins_of(layout)
    assert (bins.count, bins.spans) == (0, {})
    assert not bins.number.any()
