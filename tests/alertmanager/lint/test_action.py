"""``python -m alertmanager lint``: what it prints and exits with; and its page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from alertmanager.command_line import main
from alertmanager.lint.page import page
from alertmanager.lint.registry import CHECKS
from tests.alertmanager.lint.faults import one, put
from tests.alertmanager.samples import plain


@pytest.fixture(autouse=True)
def without_amtool(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it adds is tested in test_checks.py."""
    monkeypatch.setattr("alertmanager.lint.action.amtool", lambda: None)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with an error and a warning."""
    document = plain()
    put(one(document, "critical", "slack"), api_url_file="slack_url")
    put(one(document, "heartbeat", "webhook"), url="http://beat.example.com")
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def test_ours_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--strict"]) == 0
    assert capsys.readouterr().out == "nothing found\n"


def test_what_matters(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1:3] for line in lines[:-1]] == [["error", "M14:"], ["warning", "M21:"]]
    assert lines[0].startswith("alertmanager.yml:")
    assert lines[-1] == "1 error, 1 warning"
    path.write_text(
        path.read_text("utf-8").replace("api_url_file: slack_url", "api_url_file: /slack_url"), encoding="utf-8"
    )
    assert (main(["lint", str(path)]), main(["lint", "--strict", str(path)])) == (0, 1)


def test_json_and_sarif(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", "--format=json", str(path)])
    entries = json.loads(capsys.readouterr().out)
    assert [(each["check"], each["rule"]) for each in entries] == [("M14", "critical"), ("M21", "heartbeat")]
    main(["lint", "--format=sarif", str(path)])
    [run] = json.loads(capsys.readouterr().out)["runs"]
    assert run["tool"]["driver"]["name"] == "driftbell-routing-lint"
    assert [each["id"] for each in run["tool"]["driver"]["rules"]] == [check.code for check in CHECKS]
    assert [each["ruleId"] for each in run["results"]] == ["M14", "M21"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.yml"],
        ["--cases", "nowhere.yml"],
        ["--target", "new"],
        ["--retention", "long"],
        ["--heartbeat-timeout", "x"],
    ],
)
def test_what_cannot_be_used(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", *arguments]) == 2
    assert capsys.readouterr().err


def test_times_of_the_surroundings() -> None:
    assert main(["lint", "--strict", "--retention", "12h"]) == 1
    assert main(["lint", "--heartbeat-timeout", "90s"]) == 1


def test_a_copy_of_ours_is_held_against_our_cases(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(path.read_text("utf-8").replace("monday:friday", "monday:tuesday"), encoding="utf-8")
    assert main(["lint", str(path)]) == 1
    assert "error M26: case in line" in capsys.readouterr().out


def test_the_page_has_every_check() -> None:
    for check in CHECKS:
        assert f"## {check.code}\n\n**{check.level}**: {check.title}.\n\n{check.why}" in page()
