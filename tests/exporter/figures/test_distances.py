"""Scores that are found at once must be those of the methods one by one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from exporter.configuration.drift import Drift
from exporter.figures.distances import NUMERIC, scores
from tests.exporter.significance.trials import column_of, numbers
from tests.exporter.statistics.ways import with_numpy

RANDOM = np.random.default_rng(5)
REFERENCES = {
    "spread": RANDOM.normal(size=4000),
    "of few values": RANDOM.integers(0, 4, 500).astype(np.float64),
    "constant": np.full(50, 2.0),
    "of one row": np.array([2.0]),
    "empty": np.empty(0),
}
WINDOWS = {"near": RANDOM.normal(0.1, 1, 900), "far": RANDOM.normal(9, 1, 70), "empty": np.empty(0)}


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("methods", [list(NUMERIC), ["tail"], ["psi", "js"], []])
def test_all_at_once_are_those_one_by_one(reference: str, window: str, methods: list[str]) -> None:
    data, drift = (
        numbers(column_of(REFERENCES[reference], 300), WINDOWS[window]),
        Drift.model_validate({"numeric": methods}),
    )
    found = dict(scores(data, drift))
    assert list(found) == methods
    expected = [with_numpy(NUMERIC[method], data, drift) for method in methods]
    assert_array_equal(list(found.values()), expected)
    assert data.rows == WINDOWS[window].size
