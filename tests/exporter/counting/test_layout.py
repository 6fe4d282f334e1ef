from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exporter.counting.layout import CategoricalField, Layout, NumericField, Span, reference_counts
from exporter.reference.profile import CategoricalColumn
from exporter.statistics.slots import bin_counts
from tests.exporter.small_models import layout_of

SAID = "segments: {kind: prediction}"


def spans_of(layout: Layout) -> tuple[list[Span], list[Span]]:
    fields = [*layout.features, layout.prediction, layout.label, layout.score]
    counts = [layout.traffic, layout.endpoint_requests, layout.latency, layout.latency_histogram, layout.confidence]
    counts += [layout.outcomes, layout.delay, layout.concept, *(field.span for field in fields)]
    sums = [layout.latency_sum, layout.confidence_sum, layout.delay_sum]
    return counts, sums + [field.sums for field in fields if isinstance(field, NumericField)]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_place_of_a_vector_belongs_to_one_field(tmp_path: Path, task: str) -> None:
    layout = layout_of(tmp_path, task, SAID)
    for spans, size in zip(spans_of(layout), (layout.size, layout.sums_size), strict=True):
        places = [place for span in spans for place in range(span.start, span.stop)]
        assert sorted(places) == list(range(size))


def test_missing_and_invalid_come_after_the_slots(tmp_path: Path) -> None:
    for field in layout_of(tmp_path, "binary").features:
        assert [field.span.start + field.slots, field.missing, field.invalid] == [
            field.span.stop - 2,
            field.span.stop - 2,
            field.span.stop - 1,
        ]


def test_kinds_come_from_the_reference_unless_stated(tmp_path: Path) -> None:
    found = layout_of(tmp_path, "binary")
    assert [field.name for field in found.numeric] == ["x"]
    assert [field.name for field in found.categorical] == ["colour"]
    stated = layout_of(tmp_path, "binary", "features: {x: categorical}\nignore_features: [colour]")
    (field,) = stated.features
    assert isinstance(field, CategoricalField)
    assert field.dictionary.texts == sorted(map(str, range(1, 11)))


def test_a_stated_feature_that_the_reference_lacks_is_counted_without_edges(tmp_path: Path) -> None:
    field = next(
        field for field in layout_of(tmp_path, "binary", "features: {z: numeric}").features if field.name == "z"
    )
    assert field.column is None
    assert field.slots == 1
    assert field.path == ("features", "z")


def test_paths(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "features: {x: {path: [deep, 'x.y']}}\nfields: {features: [in, put]}")
    assert {field.name: field.path for field in layout.features} == {
        "x": ("deep", "x.y"),
        "colour": ("in", "put", "colour"),
    }


def test_score_columns(tmp_path: Path) -> None:
    assert layout_of(tmp_path, "binary").score_columns == 1
    assert layout_of(tmp_path, "binary", "fields: {score: null}").score_columns == 0
    assert layout_of(tmp_path, "multiclass").score_columns == 3
    assert layout_of(tmp_path, "multiclass", "fields: {scores: null}").score_columns == 0
    assert layout_of(tmp_path, "regression").score_columns == 0


def test_reference_counts_follow_the_order_of_the_classes(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "classes: [1, 0]")
    assert isinstance(layout.prediction, CategoricalField)
    assert reference_counts(layout.prediction)[:2].tolist() == [5, 5]
    layout = layout_of(tmp_path, "multiclass", "classes: [c, b, a]")
    assert isinstance(layout.prediction, CategoricalField)
    assert reference_counts(layout.prediction)[:3].tolist() == [5, 3, 2]


def test_a_class_of_the_reference_that_was_not_stated_gets_a_code_when_it_is_asked_for(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "multiclass", "classes: [c, b]")
    assert isinstance(layout.prediction, CategoricalField)
    # Codes that are given before a state is restored would be given twice.
    assert layout.classes.added() == []
    assert reference_counts(layout.prediction)[:3].tolist() == [5, 3, 2]
    assert layout.classes.added() == ["a"]


def test_categories_that_get_one_label_are_counted_together(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    assert layout.profile is not None
    column = layout.profile.features["colour"]
    assert isinstance(column, CategoricalColumn)
    twice = replace(column, categories=("__other__", "__other__ (a value)"))
    profile = replace(layout.profile, features={**layout.profile.features, "colour": twice})
    field = Layout(layout.model, profile).categorical[0]
    assert sorted(reference_counts(field)[:2].tolist()) == [0, 10]


def test_counts_of_the_reference_are_nobodys_to_change(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    for counts in (reference_counts(layout.categorical[0]), layout.numeric[0].reference_bins):
        with pytest.raises(ValueError, match="read-only"):
            counts[0] = 7


@pytest.mark.parametrize("binning", ["quantile", "width"])
def test_cuts_are_those_that_the_configuration_asks_for(tmp_path: Path, binning: str) -> None:
    layout = layout_of(tmp_path, "regression", f"drift: {{psi: {{binning: {binning}}}}}")
    fields = [*layout.numeric, layout.prediction, layout.label]
    assert len(fields) > 2
    for field in fields:
        assert isinstance(field, NumericField)
        assert field.column is not None
        assert field.cuts is (field.column.quantile_cuts if binning == "quantile" else field.column.width_cuts)
        assert field.reference_bins.sum() == field.column.counts.sum()
        assert field.reference_bins.tolist() == bin_counts(field.column.edges, field.column.counts, field.cuts).tolist()


def test_a_number_that_the_reference_lacks_has_one_bin_without_rows(tmp_path: Path) -> None:
    field = next(each for each in layout_of(tmp_path, "binary", "features: {z: numeric}").numeric if each.name == "z")
    assert field.cuts.tolist() == []
    assert field.reference_bins.tolist() == [0]


def test_a_fingerprint_changes_with_whatever_changes_the_vectors(tmp_path: Path) -> None:
    same = layout_of(tmp_path, "binary", SAID).fingerprint()
    assert layout_of(tmp_path, "binary", SAID).fingerprint() == same
    others = [
        "",
        f"{SAID}\nclasses: [1, 0]",
        f"{SAID}\nlow_confidence: 0.6",
        f"{SAID}\nlatency_buckets: [1]",
        f"{SAID}\nfeatures: {{x: categorical}}",
        f"{SAID}\nfeatures: {{z: numeric}}",
        f"{SAID}\nlimits: {{versions: 51}}",
        f"{SAID}\nlimits: {{endpoints: 51}}",
        f"{SAID}\nlimits: {{segments: 51}}",
    ]
    found = [layout_of(tmp_path, "binary", said).fingerprint() for said in others]
    assert len({same, *found}) == 1 + len(others)
    # What does not touch the vectors does not matter.
    assert layout_of(tmp_path, "binary", f"{SAID}\nwindows: [2h]").fingerprint() == same


def test_dictionaries_have_keys_of_their_own(tmp_path: Path) -> None:
    assert list(layout_of(tmp_path, "binary", SAID).dictionaries) == [
        "versions",
        "endpoints",
        "classes",
        "segment kind",
        "feature colour",
    ]
