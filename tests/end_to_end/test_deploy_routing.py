"""Deployments to the real Alertmanager: what it runs afterwards, whatever happens meanwhile."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import yaml

from alertmanager.command_line import main
from alertmanager.deploy.server import hash_of
from alertmanager.document import document
from alertmanager.settings import DEFAULT, Team
from compose.stack import programs
from rules.deploy.failure import Exit
from tests.end_to_end.test_prometheus import program
from tests.end_to_end.world import eventually

PLAIN = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
ALERT = {"alertname": "MLOutage", "severity": "emergency", "job": "driftbell", "model_name": "churn", "owner": "risk"}


class Site:
    def __init__(self, folder: Path) -> None:
        self.config = folder / "alertmanager.yml"
        self.templates = folder / "templates"
        self.templates.mkdir()
        self.config.write_text(PLAIN)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.pid_file = folder / "pid"
        executable, place = programs.alertmanager(Path(program("prometheus-alertmanager")), folder)
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    str(executable),
                    f"--config.file={self.config}",
                    f"--storage.path={folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                    "--cluster.listen-address=",
                ],
                stdout=log,
                stderr=log,
                cwd=place,
            )
        self.pid_file.write_text(str(self.process.pid))
        try:
            eventually(self._ready, "alertmanager")
        except AssertionError:
            self.stop()
            raise

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def hash(self) -> float:
        text = requests.get(f"{self.url}/metrics", timeout=10).text
        return float(text.partition("\nalertmanager_config_hash ")[2].partition("\n")[0])

    def receivers(self) -> set[str]:
        running = requests.get(f"{self.url}/api/v2/status", timeout=10).json()["config"]["original"]
        return {each["name"] for each in yaml.safe_load(running)["receivers"]}

    def deploy(self, wanted: Path, *arguments: str) -> int:
        where = ["--config-file", str(self.config), "--url", self.url, "--file", str(wanted)]
        return main(["deploy", "files", *where, *arguments])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def wanted(site: Site, tmp_path: Path) -> Path:
    """Ours, with the templates where this server has them."""
    path = tmp_path / "wanted.yml"
    path.write_text(document(replace(DEFAULT, templates=f"{site.templates}/*.tmpl")))
    return path


def test_ours_is_deployed_once_and_rolled_back(site: Site, wanted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.deploy(wanted, "--dry-run") == 0
    assert (site.config.read_text(), list(site.templates.iterdir())) == (PLAIN, [])
    alert = {"labels": ALERT, "annotations": {}}
    assert requests.post(f"{site.url}/api/v2/alerts", json=[alert], timeout=10).status_code == 200
    assert site.deploy(wanted) == 0
    said = capsys.readouterr().out
    assert "  + receiver emergency" in said
    assert "  MLOutage (emergency): told to emergency instead of nobody" in said
    assert site.hash() == hash_of(wanted.read_text())
    assert "critical" in site.receivers()
    assert [path.name for path in site.templates.iterdir()] == ["driftbell.tmpl"]
    assert site.deploy(wanted) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing to do"

    settings = replace(DEFAULT, templates=f"{site.templates}/*.tmpl", owners={"risk": Team("#risk", "/secrets/risk")})
    wanted.write_text(document(settings))
    assert site.deploy(wanted, "--pid-file", str(site.pid_file)) == 0
    said = capsys.readouterr().out
    assert "  + receiver emergency-risk" in said
    assert "told to emergency-risk instead of emergency" in said
    assert "emergency-risk" in site.receivers()
    assert site.deploy(wanted, "--rollback") == 0
    assert site.receivers() == {"emergency", "critical", "warning", "digest", "retraining", "heartbeat"}


def test_what_the_server_alone_can_refuse_is_rolled_back(
    site: Site, wanted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template of somebody else is broken: the reload fails, and not because of ours. With amtool lint would say so."""
    monkeypatch.setenv("PATH", "/nowhere")
    (site.templates / "theirs.tmpl").write_text("{{ define")
    before = site.hash()
    assert site.deploy(wanted) == Exit.REFUSED
    assert "rolled back" in capsys.readouterr().out
    assert (site.config.read_text(), site.hash()) == (PLAIN, before)
    assert [path.name for path in site.templates.iterdir()] == ["theirs.tmpl"]
    (site.templates / "theirs.tmpl").unlink()
    assert site.deploy(wanted) == 0


def test_faults_are_found_before_anything_changes(site: Site, wanted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = wanted.read_text()
    wanted.write_text(good.replace("receiver: digest", "receiver: dgst"))
    assert site.deploy(wanted) == Exit.LINT
    wanted.write_text(good.replace(str(site.templates), "/elsewhere"))
    assert site.deploy(wanted) == Exit.UNSUITABLE
    assert "--server-templates" in capsys.readouterr().err
    wanted.write_text(good)
    assert site.deploy(wanted, "--url", "http://127.0.0.1:1", "--timeout", "0.2") == Exit.UNREACHABLE
    assert site.deploy(wanted, "--token-env", "NO_SUCH_VARIABLE") == Exit.USAGE
    assert (site.config.read_text(), list(site.templates.iterdir())) == (PLAIN, [])
