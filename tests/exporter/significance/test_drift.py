"""Null distributions of drift scores, and how often the default methods alarm with and without a change."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from exporter.configuration.drift import CategoricalMethod, NumericMethod
from exporter.significance.dependence import DesignEffects, design_effects
from exporter.significance.tail import TailNull
from exporter.statistics.arrays import Counts, Floats
from tests.exporter.significance.streams import autoregressive, by_block
from tests.exporter.significance.trials import Draw, column_of, judged, judged_classes, references

TRIALS = 300
# Of a rate of 5 % in so many trials.
NOISE = math.sqrt(0.05 * 0.95 / TRIALS)
NUMERIC, CATEGORICAL = get_args(NumericMethod), get_args(CategoricalMethod)


def normal(random: np.random.Generator, rows: int) -> Floats:
    return random.normal(size=rows)


def lognormal(random: np.random.Generator, rows: int) -> Floats:
    return random.lognormal(size=rows)


def ties(random: np.random.Generator, rows: int) -> Floats:
    return np.round(random.normal(size=rows))


@pytest.mark.parametrize("rows", [50, 1000])
@pytest.mark.parametrize("draw", [normal, lognormal, ties])
def test_numbers_that_have_not_changed_alarm_as_often_as_they_may(draw: Draw, rows: int) -> None:
    random = np.random.default_rng(rows)
    found = [judged(column, draw(random, rows)) for column in references(draw, 1000, TRIALS, seed=rows + 1)]
    assert 0.02 - NOISE < np.mean([each.by_chance(0.05) for each in found]) < 0.075 + NOISE
    for method in ("ks", "psi", "wasserstein_normed"):
        assert 0.01 < np.mean([each.p_values()[method] <= 0.05 for each in found]) < 0.075 + NOISE
    # The floors are above all that chance does to a thousand rows, but for the farthest tails.
    assert rows == 50 or np.mean([each.warned(0.05) for each in found]) < 0.04


@pytest.mark.parametrize("rows", [50, 1000])
@pytest.mark.parametrize("categories", [2, 20, 100])
def test_categories_that_have_not_changed_alarm_as_often_as_they_may(categories: int, rows: int) -> None:
    random = np.random.default_rng(categories + rows)
    shares = 1 / np.arange(1, categories + 1)
    drawn = (random.multinomial([1000, rows], shares / shares.sum()) for _ in range(TRIALS))
    found = [judged_classes(*each) for each in drawn]
    assert 0.025 - NOISE < np.mean([each.by_chance(0.05) for each in found]) < 0.075 + NOISE
    assert 0.025 < np.mean([each.p_values()["chi2"] <= 0.05 for each in found]) < 0.075 + NOISE


@pytest.mark.parametrize("method", ["js", "linf"])
def test_nor_do_the_other_methods_alarm_too_often(method: str) -> None:
    random, shares = np.random.default_rng(21), np.array([0.5, 0.3, 0.1, 0.05, 0.03, 0.02])
    drawn = (random.multinomial([1000, 300], shares) for _ in range(TRIALS))
    found = (judged_classes(reference, current, methods=(method,)) for reference, current in drawn)
    rate = np.mean([each.by_chance(0.05) for each in found])
    assert 0.015 < rate < 0.075 + NOISE


CHANGES: dict[str, Callable[[np.random.Generator, Floats], Floats]] = {
    "mean": lambda _, values: values + 0.2,
    "spread": lambda _, values: values * 1.3,
    "some larger": lambda random, values: values + 3 * (random.random(values.size) < 0.05),
    "few broken": lambda random, values: values + 50 * (random.random(values.size) < 0.01),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_matters_is_seen_in_a_thousand_rows(name: str) -> None:
    """With the floors as shipped."""
    random = np.random.default_rng(22)
    seen = [
        judged(column, CHANGES[name](random, random.normal(size=1000))).warned(0.05)
        for column in references(normal, 1000, 100, seed=23)
    ]
    assert np.mean(seen) >= 0.95


@pytest.mark.parametrize("likeness", [0.5, 0.9])
def test_rows_that_resemble_those_before_them_alarm_less_than_twice_as_often(likeness: float) -> None:
    def stream(random: np.random.Generator, rows: int) -> Floats:
        return autoregressive(random, rows, likeness)

    random, naive, minded = np.random.default_rng(24), 0, 0
    for column in references(stream, 1000, 150, seed=25):
        values = stream(random, 1000)
        effects = design_effects(by_block(values, column.quantile_cuts, 48))
        naive += judged(column, values).by_chance(0.05)
        minded += judged(column, values, effects).by_chance(0.05)
    assert naive / 150 > (0.15 if likeness == 0.5 else 0.5)
    assert 0.005 < minded / 150 < 0.1


def test_effects_raise_each_critical_value_in_their_own_way() -> None:
    random = np.random.default_rng(26)
    column, values = column_of(random.normal(size=500)), random.normal(size=500)
    plain = judged(column, values, methods=NUMERIC).nulls.by_method
    least = DesignEffects(4.0, 1.0, 9.0, 16.0)
    minded = judged(column, values, least, methods=NUMERIC).nulls.by_method
    ratio = {method: minded[method].critical(0.01) / plain[method].critical(0.01) for method in NUMERIC}
    # Sums of squares grow with the effect, distances with its root (the table's quantiles differ a little by rows).
    assert ratio["psi"] == pytest.approx(4, rel=0.05)
    assert ratio["js"] == pytest.approx(2, rel=0.05)
    assert ratio["ks"] == pytest.approx(3, rel=0.12)
    assert ratio["wasserstein"] == pytest.approx(ratio["wasserstein_normed"])
    assert ratio["wasserstein"] == pytest.approx(4, rel=0.12)
    assert ratio["tail"] > 2
    uneven = judged(column, values, least._replace(unevenness=4.0), methods=NUMERIC).nulls.by_method["psi"]
    assert uneven.critical(0.01) > 1.2 * minded["psi"].critical(0.01)


@pytest.mark.parametrize("level", [0.3, 0.05, 1e-3, 1e-6])
def test_critical_values_and_p_values_agree(level: float) -> None:
    random = np.random.default_rng(27)
    numbers = judged(column_of(random.lognormal(size=300)), random.lognormal(size=80), methods=NUMERIC)
    reference, current = random.multinomial([300, 80], [0.6, 0.3, 0.07, 0.03])
    classes = judged_classes(reference, current, methods=CATEGORICAL)
    for nulls in (numbers.nulls.by_method, classes.nulls.by_method):
        for method, null in nulls.items():
            if method != "tail":
                assert null.p_value(null.critical(level)) == pytest.approx(level, rel=1e-4), method


def test_wasserstein_in_units_of_the_column_is_the_normed_one() -> None:
    random = np.random.default_rng(28)
    column = column_of(random.normal(0, 25.0, size=400))
    nulls = judged(column, random.normal(0, 25.0, size=100), methods=NUMERIC).nulls.by_method
    assert nulls["wasserstein"].critical(0.01) == pytest.approx(column.std * nulls["wasserstein_normed"].critical(0.01))


@pytest.mark.parametrize("kind", ["normal", "ties", "two", "constant", "huge", "pair"])
@pytest.mark.filterwarnings("error")
def test_identical_data_is_no_distance_and_no_surprise(kind: str) -> None:
    random = np.random.default_rng(29)
    values = {
        "normal": random.normal(size=500),
        "ties": np.round(random.normal(size=500)),
        "two": np.repeat([0.0, 1.0], [450, 50]),
        "constant": np.full(200, 3.0),
        "huge": random.normal(size=500) * 1e300,
        "pair": np.array([1.0, 2.0]),
    }[kind]
    found = judged(column_of(values), values, methods=NUMERIC)
    assert list(found.scores.values()) == pytest.approx([0.0] * len(found.scores), abs=1e-12)
    assert not found.by_chance(0.5)
    for method, probability in found.p_values().items():
        assert probability == pytest.approx(1, abs=1e-6), method


@pytest.mark.parametrize("counts", [[50, 30, 20], [70], [1, 1, 1], [90, 10, 0, 0], list(range(1, 101))])
def test_identical_categories_are_no_distance_and_no_surprise(counts: list[int]) -> None:
    reference = np.array(counts)
    for current in (reference, reference * 3):
        found = judged_classes(reference, current, methods=CATEGORICAL)
        assert list(found.scores.values()) == pytest.approx([0.0] * 4, abs=1e-7)
        for method, probability in found.p_values().items():
            assert probability == pytest.approx(1, abs=1e-6), method


@pytest.mark.parametrize(
    ("reference", "current"),
    [([100, 0], [0, 100]), ([100], [40]), ([50, 50, 0], [0, 0, 60]), ([1000, 1], [30, 0]), ([0, 900], [1, 29])],
)
def test_new_empty_and_single_categories_are_finite(reference: list[int], current: list[int]) -> None:
    found = judged_classes(np.array(reference), np.array(current), methods=CATEGORICAL)
    for probability in found.p_values().values():
        assert 0 <= probability <= 1
    for null in found.nulls.by_method.values():
        assert np.isfinite([null.critical(level) for level in (0.5, 0.01, 1e-9)]).all()
    assert np.isfinite(found.nulls.correlation).all()


def test_another_value_of_a_constant_is_a_surprise() -> None:
    column = column_of(np.full(300, 3.0))
    found = judged(column, np.repeat([3.0, 4.0], [80, 20]), methods=NUMERIC)
    assert "wasserstein_normed" not in found.scores
    assert isinstance(found.nulls.by_method["ks"], TailNull)
    for method in ("ks", "psi", "js", "tail"):
        assert found.p_values()[method] < 1e-6
    # One row of a hundred is none, after three hundred without.
    little = judged(column, np.repeat([3.0, 4.0], [99, 1]), methods=NUMERIC)
    assert min(little.p_values().values()) > 0.05


def test_a_column_of_an_older_profile_without_a_table_keeps_what_needs_none() -> None:
    random = np.random.default_rng(30)
    column = replace(column_of(random.normal(size=300)), null=None)
    nulls = judged(column, random.normal(size=100), methods=NUMERIC).nulls.by_method
    assert {"psi", "js", "tail"} <= set(nulls)
    assert not {"wasserstein", "wasserstein_normed"} & set(nulls)


def test_the_same_measure_twice_is_one_test() -> None:
    random = np.random.default_rng(31)
    column, values = column_of(random.normal(size=300)), random.normal(size=100)
    one = judged(column, values, methods=("wasserstein_normed",)).level(0.05)
    assert one == pytest.approx(0.05)
    assert judged(column, values, methods=("wasserstein", "wasserstein_normed")).level(0.05) == pytest.approx(0.05)
    # Tails count as a test of their own.
    assert judged(column, values, methods=("wasserstein_normed", "tail")).level(0.05) == pytest.approx(0.025, rel=0.05)
    alike = judged(column, values, methods=("ks", "wasserstein_normed")).level(0.05)
    assert 0.028 < alike < 0.04


def test_categories_say_themselves_how_alike_their_measures_are() -> None:
    even: Counts = np.full(5, 400)
    both = judged_classes(even, even, methods=("psi", "chi2"))
    assert both.nulls.correlation[0, 1] > 0.99
    assert both.level(0.05) == pytest.approx(0.05, rel=0.15)
    four = judged_classes(even, even, methods=("linf", "psi", "chi2"))
    assert four.nulls.correlation[0].tolist() == [1, 0, 0]
    assert four.nulls.correlation[1, 2] == both.nulls.correlation[0, 1]


def test_rare_categories_make_the_index_and_chi_square_differ() -> None:
    rare = np.array([900, 60, 30, 5, 3, 2])
    assert judged_classes(rare, rare).nulls.correlation[0, 1] < 0.97


def test_a_larger_window_has_smaller_critical_values() -> None:
    random = np.random.default_rng(32)
    column = column_of(random.normal(size=10_000), 500)
    few, many = (
        judged(column, random.normal(size=rows), methods=NUMERIC).nulls.by_method for rows in (100, 2500)
    )  # fmt: skip
    noise = math.sqrt((1 / 100 + 1e-4) / (1 / 2500 + 1e-4))
    for method, power in (("ks", 1), ("wasserstein", 1), ("js", 1), ("psi", 2)):
        ratio = few[method].critical(0.001) / many[method].critical(0.001)
        assert ratio == pytest.approx(noise**power, rel=0.25), method
