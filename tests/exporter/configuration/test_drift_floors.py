from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from exporter.configuration import ConfigurationError
from exporter.configuration.drift import CategoricalMethod, ConceptMethod, NumericMethod
from exporter.configuration.drift_floors import DEFAULTS, DriftFloors
from tests.exporter.small_models import model_of

METHODS = [
    *get_args(NumericMethod),
    *get_args(CategoricalMethod),
    *(f"concept_{each}" for each in get_args(ConceptMethod)),
]


def floors(folder: Path, said: str) -> DriftFloors:
    return model_of(folder, "binary", f"drift: {{floors: {said}}}").drift.floors


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_floors_that_rise_with_the_severity(method: str) -> None:
    found = DriftFloors().of(method)
    assert list(found) == [each for each in ("info", "warning", "critical") if each in found]
    assert {"warning", "critical"} <= set(found)
    assert sorted(found.values()) == list(found.values())
    assert min(found.values()) > 0


def test_by_default_they_are_those_of_the_design() -> None:
    assert DriftFloors().of("ks") == {"info": 0.10, "warning": 0.15, "critical": 0.25}
    assert DriftFloors().of("psi") == {"info": 0.10, "warning": 0.20, "critical": 0.25}
    assert DriftFloors().of("wasserstein_normed") == {"warning": 0.10, "critical": 0.30}
    # In units of the column it is the same floor times the standard deviation.
    assert DriftFloors().of("wasserstein") == DriftFloors().of("wasserstein_normed")


def test_what_is_not_written_stays(tmp_path: Path) -> None:
    found = floors(tmp_path, "{ks: {warning: 0.2}, psi: {info: null}, tail: {info: 0.01}, js: null}")
    assert found.of("ks") == {"info": 0.10, "warning": 0.2, "critical": 0.25}
    assert found.of("psi") == {"warning": 0.20, "critical": 0.25}
    assert found.of("tail") == {"info": 0.01, "warning": 0.02, "critical": 0.10}
    assert found.of("js") == {}
    assert found.of("chi2") == dict(DEFAULTS["chi2"])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{ks: {warning: 0.3}}", "critical (0.25) lies below warning (0.3)"),
        ("{psi: {critical: 0.05}}", "critical (0.05) lies below warning (0.2)"),
        ("{tail: {warning: 0}}", "greater than 0"),
        ("{ks: {grave: 0.3}}", "grave"),
        ("{kolmogorov: {warning: 0.3}}", "kolmogorov"),
    ],
)
def test_floors_that_cannot_be_are_refused(tmp_path: Path, said: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        floors(tmp_path, said)
    assert message in str(refused.value)
