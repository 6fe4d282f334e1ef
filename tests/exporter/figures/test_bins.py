"""Bins against plain counting, and PSI reckoned from what the page shows against what it says itself."""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.catalogue import Metric
from exporter.counting.layout import Layout
from exporter.figures import bins
from exporter.ledger.ledger import Totals
from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from exporter.snapshot import Histogram, Sample
from tests.exporter.small_models import check_catalogue, figures_of, layout_of, model_of

ROWS = "ml_feature_bin_rows_total"
DAY = 86_400_000_000
NOW = 1_800_000_000_000_000


def ratios_of(layout: Layout, feature: str) -> dict[str, float]:
    return {
        sample.labels[3]: sample.value
        for sample in bins.reference_ratios(layout)
        if sample.labels[1] == feature and not isinstance(sample.value, Histogram)
    }


def test_bins_of_numbers_are_those_of_psi_and_stand_at_0(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {psi: {bins: 4}}")
    found = figures_of(bins.counters(layout, "v1", Totals(layout)))
    names = ["01 (-Inf, 3.25]", "02 (3.25, 5.5]", "03 (5.5, 7.75]", "04 (7.75, +Inf]"]
    assert [key[2] for key in found if key[:2] == (ROWS, "x")] == names
    assert set(found.values()) == {0}
    assert list(ratios_of(layout, "x").values()) == pytest.approx([0.3, 0.2, 0.2, 0.3])
    check_catalogue(lambda: bins.counters(layout, "v1", Totals(layout)))


def test_bins_of_equal_width(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {psi: {bins: 3, binning: width}}")
    assert list(ratios_of(layout, "x")) == ["01 (-Inf, 4]", "02 (4, 7]", "03 (7, +Inf]"]


def test_a_value_on_a_cut_lies_below_it_and_missing_ones_nowhere(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "drift: {psi: {bins: 3, binning: width}}")
    totals, field = Totals(layout), layout.numeric[0]
    np.add.at(totals.counts, field.span.start + field.index.slots(np.array([-5.0, 4.0, 4.5, 99.0])), 1)
    totals.counts[[field.missing, field.invalid]] = 7
    found = figures_of(bins.counters(layout, "v1", totals))
    assert [found[ROWS, "x", name] for name in ratios_of(layout, "x")] == [2, 1, 1]


def test_categories_are_the_most_frequent_ones_and_all_others_together(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "limits: {bins: 1}")
    totals, field = Totals(layout), layout.categorical[0]
    for text, rows in (("blue", 2), ("green", 3), ("red", 5)):
        totals.counts[field.span.start + field.dictionary.code(text)] = rows
    found = figures_of(bins.counters(layout, "v1", totals))
    assert {key[2]: rows for key, rows in found.items() if key[1] == "colour"} == {"red": 5, "__other__": 5}
    assert ratios_of(layout, "colour") == {"red": 0.7, "__other__": pytest.approx(0.3)}


def test_of_equally_frequent_categories_the_first_by_text_is_shown(tmp_path: Path) -> None:
    lines = ["x,colour,label,prediction", "1,b,1,1", "2,a,0,0", "3,c,1,1", "4,b,0,0", "5,c,0,0", "6,a,0,1"]
    model = model_of(tmp_path, "binary", "limits: {bins: 2}")
    (tmp_path / "reference.csv").write_text("\n".join(lines) + "\n")
    layout = Layout(model, profile_of(model, None))
    assert list(ratios_of(layout, "colour")) == ["a", "b", "__other__"]


def test_many_bins_have_numbers_that_sort() -> None:
    names = bins.interval_names([float(cut) for cut in range(120)])
    assert names == sorted(names)
    assert (names[0], names[-1]) == ("001 (-Inf, 0]", "121 (119, +Inf]")
    assert bins.interval_names([]) == ["01 (-Inf, +Inf]"]
    assert bins.interval_names([1e-7, 0.1 + 0.2])[1] == "02 (1e-07, 0.3]"


@pytest.mark.parametrize(
    ("cuts", "said"),
    [
        ([1.0, 1.0001, 1.0002], ["1", "1.0001", "1.0002"]),
        ([123_456.7, 123_457.7], ["123456.7", "123457.7"]),
        ([0.1 + 0.2, math.nextafter(0.1 + 0.2, 1)], ["0.30000000000000004", "0.3000000000000001"]),
        # Four digits of the largest number would be infinity.
        ([sys.float_info.max], ["1.79769e+308"]),
    ],
)
def test_edges_have_the_digits_that_tell_them_apart(cuts: list[float], said: list[str]) -> None:
    assert [name.partition("(")[2].partition(",")[0] for name in bins.interval_names(cuts)][1:] == said


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=12, unique=True))
def test_edges_are_near_what_they_stand_for(cuts: list[float]) -> None:
    cuts.sort()
    edges = [float(name.partition("(")[2].partition(",")[0]) for name in bins.interval_names(cuts)][1:]
    assert edges == sorted(set(edges))
    gaps = [math.inf, *(high - low for low, high in itertools.pairwise(cuts)), math.inf]
    for edge, cut, below, above in zip(edges, cuts, gaps, gaps[1:], strict=False):
        assert abs(edge - cut) <= min(below, above) / 100


def test_without_a_reference_there_are_no_bins(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "features: {x: numeric}", reference=False)
    assert not list(bins.counters(layout, "v1", Totals(layout)))
    assert not list(bins.reference_ratios(layout))


def values(samples: list[Sample], metric: Metric, feature: str) -> dict[str, float]:
    place = metric.labels.index("feature_name")
    return {
        sample.labels[-1]: float(sample.value)
        for sample in samples
        if sample.metric is metric and sample.labels[place] == feature and not isinstance(sample.value, Histogram)
    }


def psi(counts: dict[str, float], ratios: dict[str, float], floor: float = 1e-4) -> float:
    """Population stability as it is written in every textbook."""
    rows, total = sum(counts.values()), 0.0
    for name, ratio in ratios.items():
        now, then = max(counts[name] / rows, floor), max(ratio, floor)
        total += (now - then) * math.log(now / then)
    return total


def test_psi_from_the_page_is_psi_on_the_page(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    reference = {
        "amount": random.lognormal(size=800).tolist(),
        "whole": random.integers(0, 6, 800).tolist(),
        "country": random.choice(["DE", "FR", "PL"], 800, p=[0.6, 0.3, 0.1]).tolist(),
        "label": random.integers(0, 2, 800).tolist(),
        "prediction": random.integers(0, 2, 800).tolist(),
    }
    model = model_of(tmp_path, "binary", "windows: [all]\ntime_format: epoch_us\nfields: {version: null}")
    lines = [reference, *zip(*reference.values(), strict=True)]
    (tmp_path / "reference.csv").write_text("".join(",".join(map(str, line)) + "\n" for line in lines))
    now = {
        "amount": random.lognormal(0.3, size=500).tolist(),
        "whole": random.integers(1, 9, 500).tolist(),
        "country": random.choice(["DE", "FR", "PL"], 500, p=[0.4, 0.3, 0.3]).tolist(),
    }
    rows = [dict(zip(now, row, strict=True)) for row in zip(*now.values(), strict=True)]
    records = [{"timestamp": i * DAY // 500, "features": row} for i, row in enumerate(rows)]
    (tmp_path / "none.jsonl").write_text("\n".join(map(json.dumps, records)))
    (tmp_path / "no-labels.jsonl").touch()

    samples = list(Backtest(Pipeline(model, profile_of(model, None), 1, finish=True), None, "all").run(NOW))

    cuts = [-math.inf, *np.quantile(reference["amount"], np.arange(1, 10) / 10).tolist(), math.inf]
    expected = [sum(low < value <= high for value in now["amount"]) for low, high in itertools.pairwise(cuts)]
    assert list(values(samples, catalogue.FEATURE_BIN_ROWS, "amount").values()) == expected
    for feature in ("amount", "whole", "country"):
        counts = values(samples, catalogue.FEATURE_BIN_ROWS, feature)
        ratios = values(samples, catalogue.FEATURE_BIN_REFERENCE, feature)
        assert counts.keys() == ratios.keys()
        assert sum(ratios.values()) == pytest.approx(1)
        assert sum(counts.values()) == 500
        said = {
            sample.value
            for sample in samples
            if sample.metric is catalogue.DRIFT_SCORE and sample.labels[3:5] == (feature, "psi")
        }
        assert psi(counts, {name: ratio for name, ratio in ratios.items() if ratio or counts[name]}) == pytest.approx(
            said.pop(), rel=1e-12
        )
