"""What the rules come to for a configuration, over the generated rules themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.configuration.loading import parse
from exporter.configuration.schema import Configuration
from rules.lint import configured, run
from rules.lint.check import Check
from rules.lint.finding import Finding
from rules.lint.material import Material
from rules.lint.rule_file import read

OF_CONFIGURATIONS = [each for each in vars(configured).values() if isinstance(each, Check)]
FILES = [read(path) for path in sorted(run.GENERATED.glob("*.yml"))]
MODEL = {
    "task": "binary",
    "predictions": "log.jsonl",
    "labels": {"path": "labels.jsonl", "settle": "6h"},
    "reference": "reference.parquet",
}


def configuration_of(**changed: Any) -> Configuration:
    model = {key: value for key, value in {**MODEL, **changed}.items() if value is not None}
    return parse(yaml.safe_dump({"models": {"fraud": model}}), file="d.yml", folder=Path("/")).configuration


def found(configuration: Configuration, **more: Any) -> list[Finding]:
    material = Material(FILES, configuration=configuration, configuration_file="d.yml", **more)
    return [finding for check in OF_CONFIGURATIONS for finding in check(material)]


def said(configuration: Configuration, **more: Any) -> set[tuple[str, str]]:
    return {(each.check, each.rule) for each in found(configuration, **more)}


def test_a_usual_configuration_is_clean() -> None:
    assert said(configuration_of(slos={"up": {"objective": 0.99, "availability": True}})) == set()


@pytest.mark.parametrize(
    ("objective", "dead"),
    [(0.95, []), (0.9306, []), (0.93, ["1h"]), (0.8334, ["1h"]), (0.8, ["1h", "6h"]), (0.6, ["1h", "6h", "1d"])],
)
def test_burn_rates_that_an_objective_cannot_reach(objective: float, dead: list[str]) -> None:
    severities = {"1h": "critical", "6h": "critical", "1d": "warning"}
    slos = {"right": {"objective": objective, "quality": True}}
    assert said(configuration_of(slos=slos)) == {
        ("S01", f"MLErrorBudgetBurn ({severities[window]}, {window})") for window in dead
    }


def test_a_shorter_period_has_factors_of_its_own() -> None:
    # 2 % of a week's budget in an hour is a factor of 3.36.
    slos = {"right": {"objective": 0.8, "quality": True, "period": "7d"}}
    assert {rule for _, rule in said(configuration_of(slos=slos))} & {"MLErrorBudgetBurn (critical, 1h)"} == set()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"quality": {"limits": {"accuracy": {"emergency": {"floor": -0.5}}}}}, "MLLowModelAccuracy (emergency)"),
        ({"quality": {"limits": {"accuracy": {"warning": {"floor": 1.5}}}}}, "MLLowModelAccuracy (warning)"),
        ({"quality": {"limits": {"calibration_error": {"critical": {"ceiling": 1.0}}}}}, "MLCalibrationPoor (critical)"),
        ({"drift": {"numeric": ["ks"], "categorical": [], "floors": {"ks": {"warning": 1.5, "critical": 2}}}},
         "MLDataDriftDetected (warning)"),
    ],
)  # fmt: skip
def test_limits_at_the_end_of_what_is_possible(changed: dict[str, Any], rule: str) -> None:
    assert ("A27", rule) in said(configuration_of(**changed))


def test_what_is_turned_off_is_no_fault() -> None:
    off = dict.fromkeys(("error_ratio", "traffic_ratio", "label_coverage", "drifted_feature_share"))
    assert said(configuration_of(alerts=off)) == set()


def test_labels_that_come_too_late_for_every_window() -> None:
    late = {"labels": {"path": "labels.jsonl", "settle": "7d"}}
    assert ("S08", "") in said(configuration_of(**late, windows=["1h", "24h"]))
    assert ("S08", "") not in said(configuration_of(**late, windows=["1h", "14d"]))


def test_a_model_without_a_reference() -> None:
    assert ("S12", "") in said(configuration_of(reference=None))


def test_the_false_alarms_of_a_week() -> None:
    # Three a month of drift, as many of data quality: 1.4 a week.
    often = configuration_of(thresholds={"false_warnings": 3})
    [finding] = [each for each in found(often) if each.check == "S05"]
    assert finding.message == "1.4 false warnings a week are expected of 1 models; 1 are borne"
    assert ("S05", "") not in said(often, false_alarms=2.0)


def test_a_budget_that_is_longer_than_what_is_kept() -> None:
    quarter = {"up": {"objective": 0.99, "availability": True, "calendar": "quarter"}}
    assert ("A28", "") in said(configuration_of(slos=quarter))
    assert ("A28", "") not in said(configuration_of(slos=quarter), retention=100 * 86_400)
