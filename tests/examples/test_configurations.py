"""The configurations that we ship are right, and say nothing in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.demo import run
from exporter.configuration import load
from exporter.durations import parse_duration

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DAY = parse_duration("1d")


@pytest.mark.parametrize("name", ["elec2", "bike", "elec2_fast"])
def test_an_example_is_valid_without_a_warning(name: str) -> None:
    assert load(EXAMPLES / name / "driftbell.yml").warnings == ()


@pytest.mark.parametrize("name", ["elec2", "bike"])
def test_the_weeks_of_the_truth_can_be_asked_for(name: str) -> None:
    (model,) = load(EXAMPLES / name / "driftbell.yml").configuration.models.values()
    windows = {window.name: window for window in model.windows}
    assert {"24h", "7d", "all"} <= set(windows)
    assert all(window.step == 0 or DAY % window.step == 0 for window in windows.values())


def test_the_demo_is_valid_where_it_runs_without_a_warning(tmp_path: Path) -> None:
    loaded = load(run.lay_out(tmp_path))
    assert loaded.warnings == ()
    for model in loaded.configuration.models.values():
        assert run.WINDOW in {window.name for window in model.windows}
        assert model.labels is not None
        assert model.reference is not None
        assert Path(model.reference.path).is_file()
