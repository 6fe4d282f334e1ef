from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from exporter.significance import proportion
from exporter.significance.proportion import critical_share, is_significant, p_value


@given(st.integers(0, 2000), st.integers(1, 2000), st.floats(0, 1), st.floats(0, 1))
def test_the_p_value_is_fishers(reference_rows: int, rows: int, one: float, other: float) -> None:
    hits, found = round(one * reference_rows), round(other * rows)
    expected = hypergeom.sf(found - 1, reference_rows + rows, hits + found, rows)
    assert p_value(hits, reference_rows, found, rows) == pytest.approx(expected, rel=1e-6, abs=1e-14)


@pytest.mark.parametrize("surplus", [0, 300, 600, 900])
def test_of_many_rows_it_is_nearly_fishers(surplus: int) -> None:
    found = 50_000 + surplus
    expected = hypergeom.sf(found - 1, 2_000_000, 50_000 + found, 1_000_000)
    assert p_value(50_000, 1_000_000, found, 1_000_000) == pytest.approx(expected, rel=0.01)


@settings(max_examples=200)
@given(st.integers(0, 3000), st.integers(1, 3000), st.floats(0, 1), st.sampled_from([0.05, 0.001, 1e-5]))
def test_the_critical_share_is_the_last_one_that_is_not_significant(
    reference_rows: int, rows: int, share: float, level: float
) -> None:
    hits = round(share * reference_rows)
    critical = round(critical_share(hits, reference_rows, rows, level) * rows)
    assert 0 <= critical <= rows
    assert p_value(hits, reference_rows, critical, rows) > level
    assert critical == rows or p_value(hits, reference_rows, critical + 1, rows) <= level


@given(st.integers(1, 3000), st.integers(1, 3000), st.floats(0, 1), st.floats(0, 1), st.floats(1e-9, 0.5))
def test_a_quick_look_says_the_same(reference_rows: int, rows: int, one: float, other: float, level: float) -> None:
    hits, found = round(one * reference_rows), round(other * rows)
    exact = p_value(hits, reference_rows, found, rows)
    for limit in (level, exact, exact * (1 + 1e-9), exact * (1 - 1e-9)):
        assert is_significant(hits, reference_rows, found, rows, limit) == (exact <= limit)


@pytest.mark.parametrize("hits", [0, 1, 10, 200, 5000])
@pytest.mark.parametrize("rows", [300, 20_000, 300_000])
def test_few_looks_are_enough(hits: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def watched(*arguments: int, negligible: float = 1e-13) -> float:
        looks.append(arguments[2])
        return p_value(*arguments, negligible=negligible)

    monkeypatch.setattr(proportion, "p_value", watched)
    critical_share(hits, 20_000, rows, 1e-5)
    assert len(set(looks)) <= 6


@pytest.mark.parametrize(("reference_rows", "rows"), [(0, 100), (100, 0), (0, 0)])
def test_without_rows_nothing_is_too_much(reference_rows: int, rows: int) -> None:
    assert critical_share(0, reference_rows, rows, 0.01) == 1


@pytest.mark.parametrize("rows", [1, 30, 10_000, 10_000_000])
@pytest.mark.parametrize(("hits", "reference_rows"), [(0, 10_000_000), (0, 20), (20, 20), (10_000_000, 10_000_000)])
def test_extremes_are_finite(hits: int, reference_rows: int, rows: int) -> None:
    assert 0 <= critical_share(hits, reference_rows, rows, 1e-4) <= 1


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.3])
@pytest.mark.parametrize(("reference_rows", "rows"), [(300, 50), (300, 3000), (5000, 500)])
def test_an_unchanged_share_is_above_it_no_more_often_than_the_level(
    share: float, reference_rows: int, rows: int
) -> None:
    random = np.random.default_rng(reference_rows + rows)
    drawn = random.binomial([[reference_rows, rows]], share, (2000, 2)).tolist()
    limits = {hits: critical_share(hits, reference_rows, rows, 0.05) for hits in {hits for hits, _ in drawn}}
    assert sum(found / rows > limits[hits] for hits, found in drawn) / 2000 <= 0.06


def test_hardly_any_risk_is_a_risk() -> None:
    """1 - level is 1 for it."""
    assert critical_share(0, 1000, 1000, 1e-19) > critical_share(0, 1000, 1000, 1e-9)
