"""``python -m dashboards lint``: what it prints and exits with; its page; and what it says of ours."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from dashboards.lint import arguments, round_trip, run, schemas
from dashboards.lint.page import page
from dashboards.lint.registry import CHECKS
from dashboards.lint.shapes import canonical
from tests.dashboards.lint.samples import RULES, board


def main(said: Sequence[object]) -> int:
    parser = argparse.ArgumentParser()
    arguments.add_to(parser.add_subparsers())
    chosen = parser.parse_args(["lint", *map(str, said)])
    return int(chosen.run(chosen))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dashboard with an error and a warning, beside the rules that it agrees with."""
    data = board()
    data["panels"][1]["title"] = "requests"
    data["editable"] = True
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.yml").write_text(RULES, encoding="utf-8")
    found = tmp_path / "driftbell-good.json"
    found.write_text(canonical(data), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return found


def test_ours_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--strict"])
    assert (code, capsys.readouterr().out) == (0, "nothing found\n")


def test_what_matters(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules", "rules", path]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1:3] for line in lines[:-1]] == [["error", "D39:"], ["warning", "D13:"]]
    assert lines[0].startswith("driftbell-good.json:")
    assert 'panel 2 "requests": the title begins' in lines[1]
    assert lines[-1] == "1 error, 1 warning"
    path.write_text(path.read_text("utf-8").replace('"editable": true', '"editable": false'), encoding="utf-8")
    assert (main(["--rules", "rules", path.parent]), main(["--rules", "rules", "--strict", path])) == (0, 1)


def test_json_and_sarif(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rules", "rules", "--format=json", path])
    entries = json.loads(capsys.readouterr().out)
    assert [(each["check"], each["rule"], each["group"]) for each in entries] == [
        ("D39", "", "driftbell-good"),
        ("D13", 'panel 2 "requests"', "driftbell-good"),
    ]
    main(["--rules", "rules", "--format=sarif", path])
    [ran] = json.loads(capsys.readouterr().out)["runs"]
    assert ran["tool"]["driver"]["name"] == "driftbell-dashboards-lint"
    assert [each["id"] for each in ran["tool"]["driver"]["rules"]] == [check.code for check in CHECKS]
    assert [each["ruleId"] for each in ran["results"]] == ["D39", "D13"]


def test_what_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([tmp_path / "nowhere.json"]) == 2
    (tmp_path / "latin.json").write_bytes(b'{"title": "\xe9"}')
    assert main([tmp_path / "latin.json"]) == 2
    (tmp_path / "exemptions.yml").write_text("exemptions: 1", encoding="utf-8")
    monkeypatch.setattr(run, "EXEMPTIONS", tmp_path / "exemptions.yml")
    assert main([]) == 2
    assert "there has to be a list of exemptions" in capsys.readouterr().err


@pytest.mark.parametrize("installed", ["1769699998!10.1.0", ""])
def test_models_of_another_version(
    installed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    round_trip._model.cache_clear()
    monkeypatch.setattr(round_trip, "_installed", lambda: installed)
    assert main([]) == 2
    assert "pip install grafana-foundation-sdk==0.0.21" in capsys.readouterr().err


def test_no_exemptions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--no-exemptions"]) == 1
    assert "D18" in capsys.readouterr().out


def test_the_page_has_every_check() -> None:
    for check in CHECKS:
        assert f"### {check.code}\n\n**{check.level}**: {check.title}.\n\n{check.why}" in page()


def test_schemas_say_what_they_are_made_of() -> None:
    notice = (schemas.FOLDER / "NOTICE").read_text("utf-8")
    package = json.loads(
        (schemas.FOLDER.parents[1] / "scripts" / "grafana-schemas" / "package.json").read_text("utf-8")
    )
    for name, version in package["devDependencies"].items():
        assert f"{name} {version}" in notice
    assert "Apache License 2.0" in notice
    assert {path.stem for path in schemas.FOLDER.glob("*.json")} == schemas.TYPES | {"dashboard", "row", "names"}


@pytest.mark.parametrize("unit", ["s", "percentunit", "bytes", "reqps", "none", "µs"])
def test_units_that_grafana_knows(unit: str) -> None:
    assert unit in schemas.known("units")
    assert len(schemas.known("units")) > 250
