"""Thresholds of quality: what they follow from, and how often a model that did not change is over them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from exporter.configuration.quality_limits import QualityJudgement
from exporter.counting import measures
from exporter.counting.measures import Measure
from exporter.figures.quality_limits import Threshold, thresholds
from exporter.reference.profile import Baseline
from exporter.statistics.bounds import Bounds, Sampling

LARGE = 1_000_000
LEVEL = 0.025


def judgement(limits: Mapping[str, Any] | None = None) -> QualityJudgement:
    return QualityJudgement.model_validate({"limits": limits or {}})


def baseline(**figures: float) -> Baseline:
    """Return a baseline that is known as good as exactly."""
    return Baseline(LARGE, figures, {name: (value - 1e-6, value + 1e-6) for name, value in figures.items()})


def sure(value: float, rows: int = LARGE) -> Measure:
    return Measure(value, rows, Bounds(value - 1e-6, value + 1e-6))


def found(
    metric: str, base: Baseline | None, limits: Mapping[str, Any] | None = None, *, overall: bool = True
) -> dict[tuple[str, str], object]:
    each = thresholds(judgement(limits), metric, sure(0.5), base, LEVEL, overall=overall)
    return {(severity, bound): pytest.approx(value, abs=1e-4) for severity, bound, value in each}


def test_a_loss_is_taken_from_the_baseline() -> None:
    assert found("roc_auc", baseline(roc_auc=0.9)) == {("warning", "min"): 0.85, ("critical", "min"): 0.8}
    assert found("recall", baseline(recall=0.9)) == {("warning", "min"): 0.8, ("critical", "min"): 0.7}


def test_a_rise_is_a_share_of_the_baseline() -> None:
    assert found("log_loss", baseline(log_loss=0.4)) == {("warning", "max"): 0.46, ("critical", "max"): 0.52}
    assert found("mae", baseline(mae=0.0)) == {}


def test_bias_has_both_sides_in_units_of_the_references_rmse() -> None:
    assert found("bias", baseline(bias=-0.5, rmse=2.0)) == {
        ("warning", "min"): -0.9,
        ("critical", "min"): -1.5,
        ("warning", "max"): -0.1,
        ("critical", "max"): 0.5,
    }


@pytest.mark.parametrize(
    ("accuracy", "critical", "emergency"), [(0.95, 0.85, 0.6), (0.78, 0.7, 0.6), (0.74, 0.64, 0.6), (0.62, 0.52, None)]
)
def test_a_floor_by_default_is_for_models_that_are_well_above_it(
    accuracy: float, critical: float, emergency: float | None
) -> None:
    thresholds_ = found("accuracy", baseline(accuracy=accuracy))
    assert thresholds_[("critical", "min")] == critical
    assert thresholds_.get(("emergency", "min")) == emergency


def test_a_floor_that_is_written_holds_without_a_reference_and_above_it() -> None:
    limits = {"accuracy": {"critical": {"floor": 0.9}, "emergency": None}}
    assert found("accuracy", None, limits) == {("critical", "min"): 0.9}
    assert found("accuracy", baseline(accuracy=0.8), limits)[("critical", "min")] == 0.9


def test_absolute_limits_are_not_for_segments() -> None:
    limits = {"accuracy": {"critical": {"floor": 0.9}}, "bias": {"warning": {"ceiling": 1.0}}}
    assert found("accuracy", None, limits, overall=False) == {}
    assert ("emergency", "min") not in found("accuracy", baseline(accuracy=0.95), overall=False)
    assert found("bias", None, limits) == {("warning", "min"): -1.0, ("warning", "max"): 1.0}


def test_without_a_baseline_or_a_figure_in_it_nothing_is_relative() -> None:
    assert found("accuracy", None) == {}
    assert found("accuracy", baseline(recall=0.5)) == {}


def test_what_is_turned_off_has_none() -> None:
    assert found("recall", baseline(recall=0.9), {"recall": None}) == {}
    assert found("recall", baseline(recall=0.9), {"recall": {"warning": None}}) == {("critical", "min"): 0.7}


def test_with_few_rows_there_is_none() -> None:
    def rows(measure: Measure) -> list[Threshold]:
        return list(thresholds(judgement(), "recall", measure, baseline(recall=0.9), LEVEL, overall=True))

    assert rows(sure(0.5, rows=29)) == []
    assert rows(sure(0.5, rows=30)) != []
    assert rows(sure(0.5, rows=30)._replace(least_rows=31)) == []
    assert rows(sure(0.5)._replace(bounds=None)) == []


def test_an_unsure_baseline_moves_the_threshold_away_from_it() -> None:
    unsure = Baseline(50, {"roc_auc": 0.8}, {"roc_auc": (0.65, 0.9)})
    (warning, critical) = thresholds(judgement(), "roc_auc", sure(0.5), unsure, LEVEL, overall=True)
    assert warning.value == critical.value == pytest.approx(0.65, abs=1e-3)
    assert Threshold("warning", "min", warning.value) == warning


def test_a_threshold_stays_within_what_the_metric_can_be() -> None:
    unsure = Baseline(5, {"roc_auc": 0.03}, {"roc_auc": (0.0, 0.9)})
    assert {each.value for each in thresholds(judgement(), "roc_auc", sure(0.5), unsure, LEVEL, overall=True)} == {0.0}


@pytest.mark.parametrize(("reference", "window"), [(100, 30), (100, 2000), (2000, 100), (2000, 2000)])
@pytest.mark.parametrize("level", [0.025, 0.005])
def test_an_unchanged_model_is_over_its_threshold_no_more_often_than_the_level(
    reference: int, window: int, level: float
) -> None:
    cells = np.array([0.45, 0.12, 0.08, 0.35])
    random = np.random.default_rng(reference + window)
    over: dict[str, int] = {}
    for before, after in zip(
        random.multinomial(reference, cells, 800), random.multinomial(window, cells, 800), strict=True
    ):
        base = measures.of_classes(before.reshape(2, 2), 1, Sampling())
        bounds = {name: tuple(each.bounds) for name, each in base.items() if each.bounds is not None}
        kept = Baseline(reference, {name: each.value for name, each in base.items()}, bounds)  # type: ignore[arg-type]
        for metric, now in measures.of_classes(after.reshape(2, 2), 1, Sampling()).items():
            assert now.bounds is not None
            limits = [each.value for each in thresholds(judgement(), metric, now, kept, level, overall=True)]
            over[metric] = over.get(metric, 0) + (now.bounds.upper < max(limits))
    # Two standard errors of the simulation, beside the level.
    assert max(over.values()) / 800 <= level + 2 * math.sqrt(level / 800)


def test_a_model_that_lost_a_lot_is_found() -> None:
    base = measures.of_classes(np.array([[900, 100], [100, 900]]), 1, Sampling())
    now = measures.of_classes(np.array([[375, 125], [125, 375]]), 1, Sampling())
    bounds = {name: tuple(each.bounds) for name, each in base.items() if each.bounds is not None}
    kept = Baseline(2000, {name: each.value for name, each in base.items()}, bounds)  # type: ignore[arg-type]
    for metric in ("accuracy", "f1"):
        warning = next(iter(thresholds(judgement(), metric, now[metric], kept, 0.001, overall=True)))
        assert now[metric].bounds is not None
        assert now[metric].bounds.upper < warning.value  # type: ignore[union-attr]
