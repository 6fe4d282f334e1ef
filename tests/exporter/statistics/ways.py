"""What is compiled beside the NumPy that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import pytest
from numpy.testing import assert_array_equal

from exporter.statistics import (
    chi_square,
    kolmogorov_smirnov,
    population_stability,
    shares,
    slot_distances,
    slots,
    tails,
)

MODULES: tuple[Any, ...] = (chi_square, kolmogorov_smirnov, population_stability, shares, slot_distances, slots, tails)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def with_numpy(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """Return what a function says where nothing was compiled."""
    with pytest.MonkeyPatch.context() as patch:
        for module in MODULES:
            patch.setattr(module, "native", None)
        return function(*arguments, **options)


def both_ways(function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
    """Return what a function says, which is the same to the last bit with and without compiled code, or an error in both."""
    expected = with_numpy(function, *arguments, **options)
    found = function(*arguments, **options)
    assert_array_equal(found, expected, strict=True)
    return found
