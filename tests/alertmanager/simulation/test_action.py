"""``python -m alertmanager test``: what it prints and exits with."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from alertmanager.command_line import main
from tests.alertmanager.lint.faults import inhibit
from tests.alertmanager.samples import plain


@pytest.fixture(autouse=True)
def without_amtool(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says is compared in test_tree.py."""
    monkeypatch.setattr("alertmanager.simulation.amtool.amtool", lambda: None)


def test_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test"]) == 0
    assert capsys.readouterr().out.endswith("without amtool, which is not installed: nothing wrong\n")


def test_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = plain()
    del document["route"]["routes"][1]
    inhibit(document, 'alertname="MLExporterAbsent"', 'alertname="MLExporterDown"', "job")
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    assert main(["test", str(path)]) == 1
    said = capsys.readouterr().out
    assert "no route but the root is for MLOutage (emergency), MLLowModelAccuracy (emergency)" in said
    assert "MLExporterAbsent (critical) mutes MLExporterDown (critical)" in said
    assert "MLOutage emergency reaches warning, and is to reach emergency" in said


def test_what_amtool_says_otherwise(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("alertmanager.simulation.amtool.amtool", lambda: "amtool")
    monkeypatch.setattr("alertmanager.simulation.amtool.receivers", lambda *_: ("warning",))
    assert main(["test"]) == 1
    assert "the simulation routes it to ('emergency',), amtool to ('warning',)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["a: [", "{}", "route: {}", "route: {receiver: x, routes: [{matchers: ['x']}]}", "- x"]
)
def test_what_cannot_be_used(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(text, encoding="utf-8")
    assert main(["test", str(path)]) == 2
    assert capsys.readouterr().err.startswith(str(path))


def test_files_that_are_not_there() -> None:
    assert main(["test", "nowhere.yml"]) == main(["test", "--cases", "nowhere.yml"]) == 2
