"""``python -m rules lint``: what it prints and exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from rules.command_line import main
from rules.lint import exemptions, report
from rules.lint.page import page
from rules.lint.registry import CHECKS
from tests.rules.lint.samples import alert, group


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [group(alert(alert="MLWatchdogs"))]}, sort_keys=False), encoding="utf-8")
    return path


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")


def lint(*arguments: object) -> int:
    return main(["lint", "--runbooks", "nowhere", "--routing", "nowhere", *map(str, arguments)])


def test_clean_files(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(write) == 0
    assert capsys.readouterr().out == "nothing found\n"
    assert lint(write.parent) == 0


def test_errors_matter_and_warnings_when_strict(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(write, "for: 5m", "for: 1m")
    assert (lint(write), lint(write, "--strict")) == (0, 1)
    capsys.readouterr()
    change(write, "== 0", "> 1")
    assert lint(write) == 1
    assert "rules.yml:5: error A07: MLWatchdogs (warning): " in capsys.readouterr().out


def test_what_cannot_be_used(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint("nowhere.yml") == 2
    assert lint(write, "--retention", "long") == 2
    assert lint(write, "--config.file", "nowhere.yml") == 2
    (write.parent / "d.yml").write_text("models: {fraud: {task: binray, predictions: log.jsonl}}", encoding="utf-8")
    assert lint(write, "--config.file", "d.yml") == 2
    assert "did you mean binary?" in capsys.readouterr().err
    with pytest.raises(SystemExit) as exit_code:
        lint(write, "--format", "xml")
    assert exit_code.value.code == 2


def test_json(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(write, "== 0", "> 1")
    lint(write, "--format=json")
    [entry] = json.loads(capsys.readouterr().out)
    assert (entry["file"], entry["line"], entry["check"], entry["level"]) == ("rules.yml", 5, "A07", "error")
    assert (entry["group"], entry["rule"]) == ("things", "MLWatchdogs (warning)")


def test_sarif(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(write, "== 0", "> 1")
    lint(write, "--format=sarif")
    log = json.loads(capsys.readouterr().out)
    [run] = log["runs"]
    [result] = run["results"]
    assert log["version"] == "2.1.0"
    assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("rules.yml", 5)
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {check.code for check in CHECKS}


def test_external_labels(write: Path) -> None:
    assert lint(write, "--external-label", "category") == 1


def test_exemptions(tmp_path: Path, write: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(write, "== 0", "> 1")
    ours = tmp_path / "exemptions.yml"
    monkeypatch.setattr(exemptions.read, "__defaults__", (ours,))
    ours.write_text("exemptions: [{check: A07, rule: MLWatch*, reason: it is so}]", encoding="utf-8")
    assert (lint(write, "--strict"), lint(write, "--strict", "--no-exemptions")) == (0, 1)


def test_exemptions_without_a_reason_or_use(
    tmp_path: Path, write: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = tmp_path / "exemptions.yml"
    monkeypatch.setattr(exemptions.read, "__defaults__", (ours,))
    ours.write_text(
        "exemptions:\n- {check: A07, rule: MLWatch*}\n- {check: A07, rule: MLWatch*, reason: was so}\n"
        "- {check: A07, rule: MLOther, reason: of a rule that is not linted}\n",
        encoding="utf-8",
    )
    assert lint(write) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()[:-1]] == ["X08:", "X09:"]
    ours.write_text("exemptions: [{chek: A07}]", encoding="utf-8")
    assert lint(write) == 2


def test_the_page_has_every_check() -> None:
    text = page()
    for check in CHECKS:
        assert f"### {check.code}\n\n**{check.level}**: {check.title}.\n\n{check.why}" in text
        assert check.title, check.code
        assert (check.why[-1], check.mend[-1]) == (".", "."), check.code
    assert set(report.OF_EXEMPTIONS) <= set(text.replace("(", " ").replace(")", " ").split())
