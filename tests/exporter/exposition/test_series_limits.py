"""What goes first when there are too many series, what never does before it, and what is said about it."""

from __future__ import annotations

import logging
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import catalogue
from exporter.configuration.schema import Model
from exporter.exposition.series_limits import Usage, Watch, even_share, without_the_least_important
from exporter.snapshot import Histogram, Sample, width
from tests.exporter.small_models import model_of

EDGES = (0.5, float("inf"))


def page() -> list[Sample]:
    """A model of two versions; "new" has most of the requests of the last 24 hours, "old" of the last hour."""
    samples = [
        Sample(catalogue.MODEL_INFO, ("small", "binary", "", ""), 1),
        Sample(catalogue.FEATURE_BIN_REFERENCE, ("small", "x", "training", "01"), 1.0),
    ]
    for version, requests in (
        ("", {"1h": 12, "24h": 100}),
        ("new", {"1h": 2, "24h": 70}),
        ("old", {"1h": 10, "24h": 30}),
    ):
        for window, rows in requests.items():
            samples += [
                Sample(catalogue.WINDOW_REQUESTS, ("small", version, window), rows),
                Sample(catalogue.DRIFT_ROWS, ("small", version, "data", "x", "training", window), rows),
                Sample(catalogue.DATA_QUALITY_ROWS, ("small", version, "x", window), rows),
                Sample(catalogue.QUALITY_ROWS, ("small", version, "accuracy", "", "", window), rows),
                Sample(catalogue.QUALITY_ROWS, ("small", version, "accuracy", "by", "a", window), rows),
                Sample(catalogue.CONFUSION_WINDOW_ROWS, ("small", version, "0", "1", window), rows),
            ]
        samples.append(Sample(catalogue.SLO_COMPLIANCE, ("small", version, "up", "24h"), 0.9))
        if version:
            samples += [
                Sample(catalogue.REQUESTS, ("small", version, ""), 1),
                Sample(catalogue.REQUEST_DURATION, ("small", version), Histogram(EDGES, (1, 1), 0.1)),
                Sample(catalogue.PREDICTIONS, ("small", version, "0"), 1),
                Sample(catalogue.FEATURE_BIN_ROWS, ("small", version, "x", "01"), 1),
                Sample(catalogue.CONFUSION_ROWS, ("small", version, "0", "1"), 1),
            ]
    return samples


# What is gone, and of which version, from the first group to the last.
ORDER = [
    ("bins and cells", "old"),
    ("bins and cells", "new"),
    ("reference bins", ""),
    ("segment", "old"),
    ("segment", "new"),
    ("segment", ""),
    ("window", "old"),
    ("window", "new"),
    ("counter", "old"),
    ("counter", "new"),
    ("cells", ""),
    ("data quality", ""),
    ("drift", ""),
    ("window", ""),
    ("traffic", "old"),
    ("traffic", "new"),
    ("information", ""),
]


def group_of(sample: Sample) -> tuple[str, str]:
    labels = dict(zip(sample.metric.labels, sample.labels, strict=True))
    version = labels.get("model_version", "")
    names = {
        catalogue.FEATURE_BIN_ROWS: "bins and cells",
        catalogue.CONFUSION_ROWS: "bins and cells",
        catalogue.CONFUSION_WINDOW_ROWS: "bins and cells" if version else "cells",
        catalogue.FEATURE_BIN_REFERENCE: "reference bins",
        catalogue.PREDICTIONS: "counter",
        catalogue.REQUESTS: "traffic",
        catalogue.REQUEST_DURATION: "traffic",
        catalogue.MODEL_INFO: "information",
    }
    if labels.get("segment"):
        return "segment", version
    if not version:
        names |= {catalogue.DATA_QUALITY_ROWS: "data quality", catalogue.DRIFT_ROWS: "drift"}
        names |= {catalogue.SLO_COMPLIANCE: "information"}
    return names.get(sample.metric, "window"), version


def series(samples: object) -> int:
    assert isinstance(samples, list)
    return sum(width(sample.value) for sample in samples)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return model_of(tmp_path, "binary")


def test_groups_go_whole_and_in_the_stated_order(model: Model) -> None:
    samples = page()
    sizes = {group: series([sample for sample in samples if group_of(sample) == group]) for group in ORDER}
    assert sum(sizes.values()) == series(samples)
    for gone in range(len(ORDER)):
        limit = series(samples) - sum(sizes[group] for group in ORDER[:gone])
        found = without_the_least_important(model, samples, limit)
        assert {group_of(sample) for sample in found} == set(ORDER[gone:])
        if gone + 1 < len(ORDER):
            # One series less, and the whole next group goes.
            found = without_the_least_important(model, samples, limit - 1)
            assert {group_of(sample) for sample in found} == set(ORDER[gone + 1 :])


def test_the_order_of_samples_does_not_matter_and_that_of_the_page_stays(model: Model) -> None:
    forwards = without_the_least_important(model, page(), 30)
    backwards = without_the_least_important(model, page()[::-1], 30)
    assert list(forwards) == list(backwards)[::-1]


def test_what_is_within_the_limit_is_left_alone(model: Model) -> None:
    samples = page()
    assert without_the_least_important(model, samples, series(samples)) is samples


@given(st.lists(st.integers(0, 200), min_size=1, max_size=8), st.integers(1, 500))
def test_shares_are_even_and_use_what_there_is(sizes: list[int], limit: int) -> None:
    share = even_share(sizes, limit)
    cut = [min(size, share) for size in sizes]
    assert sum(cut) <= limit
    # Nobody is cut while there is room for one more series of each that is.
    larger = [size for size in sizes if size > share]
    assert not larger or sum(cut) + len(larger) > limit


def test_gauges_say_what_is_there_and_what_is_not() -> None:
    found = {(sample.metric, sample.labels): sample.value for sample in Usage("m", 90, 30, 100).gauges()}
    assert found == {
        (catalogue.SERIES, ("m",)): 90,
        (catalogue.SERIES_LIMIT, ("m",)): 100,
        (catalogue.DROPPED_SERIES, ("m",)): 30,
    }


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [record.getMessage().split()[1] for record in caplog.records if record.levelno == logging.WARNING]
    caplog.clear()
    return found


def test_it_warns_once_before_the_limit_and_once_beyond_it(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    said = []
    for series_, dropped in ((79, 0), (80, 0), (85, 0), (97, 9), (85, 0), (97, 12), (70, 0), (81, 0)):
        watch.look([Usage("m", series_, dropped, 100), Usage("", series_, 0, 10_000)])
        said.append(messages(caplog))
    # Wavering about the limit is one crossing; having been well below it begins a new one.
    assert said == [[], ["number"], [], ["are"], [], [], [], ["number"]]


def test_a_model_that_is_gone_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    for usages in ([Usage("m", 90, 0, 100)], [], [Usage("m", 90, 0, 100)]):
        watch.look(usages)
    assert len(messages(caplog)) == 2


def test_a_cut_never_leaves_more_than_a_smaller_cut(model: Model) -> None:
    found = [len(without_the_least_important(model, page(), limit)) for limit in range(series(page()) + 1)]
    assert all(less <= more for less, more in pairwise(found))
