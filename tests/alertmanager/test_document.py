"""The configuration as text: what is committed is what is generated, and Alertmanager takes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from alertmanager.command_line import GENERATED, main
from alertmanager.document import CONFIGURATION, document
from alertmanager.maintenance import Maintenance
from alertmanager.settings import DEFAULT, Settings
from tests.alertmanager.samples import FRAUD, MOVE, OWNED


def test_what_is_committed_is_up_to_date() -> None:
    assert main(["build", "--check"]) == 0


@pytest.mark.parametrize(
    ("settings", "maintenance"), [(DEFAULT, ()), (OWNED, ()), (DEFAULT, (MOVE,)), (OWNED, (MOVE, FRAUD))]
)
def test_amtool_has_nothing_to_say(settings: Settings, maintenance: tuple[Maintenance, ...], tmp_path: Path) -> None:
    path = tmp_path / CONFIGURATION
    path.write_text(document(settings, maintenance), encoding="utf-8")
    done = subprocess.run(["amtool", "check-config", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SUCCESS" in done.stdout
    assert f"{len(yaml.safe_load(document(settings))['receivers'])} receivers" in done.stdout


def test_the_same_settings_give_the_same_text() -> None:
    assert document(OWNED, (MOVE,)) == document(OWNED, (MOVE,))
    assert "&id" not in document(OWNED, (MOVE, FRAUD))


def test_building_writes_what_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("alertmanager.command_line.GENERATED", tmp_path)
    monkeypatch.setattr("alertmanager.command_line.DOCS", tmp_path)
    assert main(["build", "--check"]) == 1
    assert not list(tmp_path.iterdir())
    assert (main(["build"]), main(["build", "--check"])) == (0, 0)
    assert (tmp_path / CONFIGURATION).read_text("utf-8") == (GENERATED / CONFIGURATION).read_text("utf-8")
    assert "written" in capsys.readouterr().out
