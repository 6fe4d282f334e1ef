"""The arithmetic of burn rates, by the workbook's own figures and by counting."""

from __future__ import annotations

import ast
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import burn_rates
from exporter.burn_rates import DAY, can_fire, events_needed, limit, pairs


def test_the_usual_pairs_of_a_month() -> None:
    found = [(pair.long, pair.short, float(pair.factor)) for pair in pairs(30 * DAY)]
    assert found == [(3600, 300, 14.4), (21_600, 1800, 6.0), (86_400, 7200, 3.0), (259_200, 21_600, 1.0)]


@pytest.mark.parametrize("days", [1, 7, 28, 30, 90])
def test_a_pair_that_fires_for_its_long_window_has_spent_its_share(days: int) -> None:
    for pair in pairs(days * DAY):
        assert pair.factor * pair.long / (days * DAY) == pair.share
        assert pair.factor >= 1
    assert len(pairs(days * DAY)) == {1: 0, 7: 2, 28: 3, 30: 4, 90: 4}[days]


@pytest.mark.parametrize(
    ("objective", "alive"),
    [(0.999, 4), (0.95, 4), (0.9306, 4), (0.93, 3), (0.9, 3), (0.8, 2), (0.5, 1), (0.01, 1)],
)
def test_a_low_objective_has_pairs_that_never_fire(objective: float, alive: int) -> None:
    assert sum(can_fire(pair, objective) for pair in pairs(30 * DAY)) == alive


@given(st.integers(1, 9999), st.sampled_from([7, 28, 30, 90]))
def test_one_bad_event_among_as_many_as_needed_fires_nothing(tenths: int, days: int) -> None:
    objective = tenths / 10_000
    for pair in pairs(days * DAY):
        needed = events_needed(pair, objective)
        assert Fraction(1, needed) <= limit(pair, objective)
        if needed > 1:
            assert Fraction(1, needed - 1) > limit(pair, objective)
        else:
            assert not can_fire(pair, objective)


def test_the_limits_are_those_that_people_write() -> None:
    assert [float(limit(pair, 0.999)) for pair in pairs(30 * DAY)] == [0.0144, 0.006, 0.003, 0.001]


def test_generators_need_the_standard_library_only() -> None:
    tree = ast.parse(Path(str(burn_rates.__file__)).read_text())
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(str(module).partition(".")[0] in sys.stdlib_module_names for module in modules)
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
