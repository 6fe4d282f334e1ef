"""What a page was made of is what is read back from it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exporter import catalogue
from exporter.exposition.page import Page
from exporter.exposition.reading import samples_of
from exporter.exposition.text import Renderer
from exporter.snapshot import Histogram, Sample, snapshot_of

METRICS = (catalogue.DRIFT_SCORE, catalogue.LIMIT, catalogue.WINDOW_REQUESTS)
NAMES = st.one_of(
    st.sampled_from(
        ['a"b', "a\\", 'x",model_version="y', "} 7", "a{b", "\n", "a\u2028b", "a\x85b", "é", " ", "{model_name="]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)


def page_of(samples: list[Sample]) -> Page:
    return Renderer().page(snapshot_of(samples))


@given(st.dictionaries(st.tuples(NAMES, NAMES, NAMES), st.floats(allow_nan=False), max_size=6), NAMES)
def test_labels_and_values_come_back_as_they_were(limits: dict[tuple[str, str, str], float], other: str) -> None:
    samples = [Sample(catalogue.LIMIT, labels, value) for labels, value in limits.items()]
    page = page_of(samples)
    for model in {labels[0] for labels in limits} | {other}:
        found = list(samples_of(page, model, METRICS))
        assert sorted(found) == sorted(sample for sample in samples if sample.labels[0] == model)


def test_versions_are_read_only_where_they_are_asked_for() -> None:
    together = Sample(catalogue.WINDOW_REQUESTS, ("m", "", "1h"), 5)
    of_version = Sample(catalogue.WINDOW_REQUESTS, ("m", "2", "1h"), 5)
    page = page_of([together, of_version])
    assert list(samples_of(page, "m", METRICS)) == [together]
    assert list(samples_of(page, "m", METRICS, (catalogue.WINDOW_REQUESTS,))) == [together, of_version]


def test_absent_labels_are_empty_and_other_families_and_models_are_left_out() -> None:
    score = Sample(catalogue.DRIFT_SCORE, ("m", "", "score", "", "ks", "training", "1d"), 0.25)
    histogram = Sample(catalogue.REQUEST_DURATION, ("m", ""), Histogram((float("inf"),), (3,), 1.5))
    others = [
        score._replace(labels=("mm", *score.labels[1:])),
        Sample(catalogue.ERROR_RATIO, ("m", "", "1d"), 0.5),
        histogram,
    ]
    found = list(samples_of(page_of([score, *others]), "m", (*METRICS, catalogue.REQUEST_DURATION)))
    assert found == [score]


def test_a_page_in_one_piece_is_read_like_one_in_many() -> None:
    samples = [Sample(catalogue.LIMIT, (model, "model_age", "info"), 1.0) for model in "ab"]
    whole = Page([page_of(samples).text], [])
    assert list(samples_of(whole, "b", METRICS)) == samples[1:]
