"""Interval arithmetic: what is called certain is so for every value that the sides can take."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import syntax
from rules.bounds import by_catalogue
from rules.intervals import Interval, Reckoning, Verdict, compare
from rules.series import known

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
NUMBERS = st.one_of(st.integers(-4, 4).map(float), st.sampled_from([0.5, -0.5, 1e9]))


@st.composite
def intervals_with_a_value(draw: st.DrawFn) -> tuple[Interval, float]:
    """An interval, and a value in it."""
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    value = draw(st.sampled_from([low, high, (low + high) / 2]))
    above = value > low and draw(st.booleans())
    below = value < high and draw(st.booleans())
    low = -math.inf if draw(st.integers(0, 9)) == 0 else low
    return Interval(low, high, above, below), value


@given(intervals_with_a_value(), intervals_with_a_value(), st.sampled_from(sorted(COMPARISONS)))
def test_a_verdict_holds_for_every_value(
    one: tuple[Interval, float], other: tuple[Interval, float], comparison: str
) -> None:
    verdict = compare(comparison, one[0], other[0])
    if verdict is not None:
        assert COMPARISONS[comparison](one[1], other[1]) == (verdict is Verdict.ALWAYS)


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


@given(intervals_with_a_value(), intervals_with_a_value(), st.sampled_from(sorted(ARITHMETIC)))
def test_results_lie_in_their_interval(
    one: tuple[Interval, float], other: tuple[Interval, float], operation: str
) -> None:
    if operation == "/" and other[1] == 0:
        return
    bounds = {"a": one[0], "b": other[0]}
    found = Reckoning(lambda selector: bounds[str(selector.name)]).of(syntax.parsed(f"a {operation} on (x) b"))
    result = ARITHMETIC[operation](one[1], other[1])
    assert found is not None
    assert found.low - 1e-9 <= result <= found.high + 1e-9
    assert not (found.above and result == found.low)
    assert not (found.below and result == found.high)


RATIO = 'ml_error_ratio{job="driftbell"}'
COUNT = 'ml_window_requests{job="driftbell"}'


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        (f"{RATIO} > 1", "never"),
        (f"{RATIO} >= 1", None),
        (f"{RATIO} < 0", "never"),
        (f"{RATIO} >= 0", "always"),
        (f"{RATIO} > 0.5", None),
        (f"{RATIO} == 2", "never"),
        (f"{RATIO} != 2", "always"),
        (f"1 < {RATIO}", "never"),
        (f"max by (job) ({RATIO}) > 1", "never"),
        (f"sum by (job) ({RATIO}) > 1", None),
        (f"count by (job) ({RATIO}) < 1", "never"),
        (f"group by (job) ({RATIO}) > 0", "always"),
        (f"100 * {RATIO} > 100", "never"),
        (f"1 - {RATIO} > 1", "never"),
        (f"clamp_max({RATIO}, 0.5) > 0.6", "never"),
        (f"{COUNT} < 0", "never"),
        (f"-{COUNT} > 0", "never"),
        ("abs(ml_quality{job='x',metric='bias'}) < 0", "never"),
        ("rate(ml_requests_total{job='x'}[5m]) < 0", "never"),
        (f"{COUNT} / ({COUNT} + {COUNT}) > 1", "never"),
        ("ml_quality{metric='accuracy'} > 1", "never"),
        ("ml_quality{metric='brier'} > 1", None),
        ("ml_quality{metric='brier'} > 2", "never"),
        ("ml_quality > 1", None),
        ("ml_drift_score{method='ks'} > 1", "never"),
        ("ml_drift_score{method='psi'} > 1", None),
        ("ml_limit{limit='error_ratio'} > 1", "never"),
        ("ml_limit{limit='model_age'} > 1", None),
        ("ml_model_info == 1", "always"),
        ("vector(time()) > 900", "always"),
        ("(time() - ml_model_trained_timestamp_seconds) > 900", None),
        ("absent(up) == 1", "always"),
        ("unknown > 1", None),
    ],
)
def test_comparisons_that_are_certain(expression: str, verdict: str | None) -> None:
    reckoning = Reckoning(by_catalogue)
    reckoning.of(syntax.parsed(expression))
    assert [str(each.verdict) for each in reckoning.judged] == ([] if verdict is None else [verdict])


def test_comparisons_narrow_what_comes_through() -> None:
    found = Reckoning(by_catalogue).of(syntax.parsed(f"1 / ({COUNT} > 0)"))
    assert found is not None
    assert (found.low, found.above) == (0.0, True)


def test_records_are_followed_and_a_ratio_is_at_most_one() -> None:
    records = {"model:x:ratio_rate5m": f"{COUNT} / {COUNT}", "model:x:rate5m": f"{COUNT} / {COUNT}"}
    for name, verdicts in (("model:x:ratio_rate5m", [Verdict.NEVER]), ("model:x:rate5m", [])):
        reckoning = Reckoning(by_catalogue, records)
        reckoning.of(syntax.parsed(f"{name} > 1"))
        assert [each.verdict for each in reckoning.judged] == verdicts


def test_every_known_series_has_an_interval() -> None:
    for name in known():
        found = by_catalogue(syntax.selectors(syntax.parsed(f'{{__name__="{name}"}}'))[0])
        assert found.low <= found.high
