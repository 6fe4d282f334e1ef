"""What the package promises about itself."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from exporter import statistics

# What is compiled is behind them.
MODULES = sorted(each.name for each in pkgutil.iter_modules(statistics.__path__) if not each.name.startswith("_"))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"exporter.statistics.{name}")).failed == 0


def test_most_modules_have_an_example() -> None:
    attempted = [doctest.testmod(importlib.import_module(f"exporter.statistics.{name}")).attempted for name in MODULES]
    # Only the array types have nothing to show.
    assert attempted.count(0) == 1
