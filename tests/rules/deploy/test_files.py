from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rules.deploy.failure import DeployError, Exit
from rules.deploy.prometheus import THANOS, Server, hang_up
from rules.deploy.state import State
from rules.deploy.targets.files import RuleFiles
from rules.deploy.transaction import deploy
from tests.rules.deploy.samples import Clock, alert, client, file
from tests.rules.deploy.stand_in import Answer, Request, serving

NOBODY = 65_534
WANTED = {"x.yml": file(alert())}


@contextmanager
def powerless() -> Iterator[None]:
    """Be somebody who may not write in root's folders."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_asked() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "rules"
        folder.mkdir()
        folder.chmod(0o555)
        folder.parent.chmod(0o755)
        target = RuleFiles(folder, Server(client("http://127.0.0.1:1")), State(folder / "state"))
        with powerless(), pytest.raises(DeployError, match="cannot be written") as caught:
            deploy(target, WANTED, print, dry_run=True)
        with powerless(), pytest.raises(DeployError) as locked:
            deploy(target, WANTED, print)
        folder.chmod(0o755)
    assert (caught.value.code, locked.value.code) == (Exit.UNWRITABLE, Exit.UNWRITABLE)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    target = RuleFiles(tmp_path / "no", Server(client("http://127.0.0.1:1")), State(tmp_path / "state"))
    with pytest.raises(DeployError, match="not there"):
        deploy(target, WANTED, print, dry_run=True)


class Thanos:
    """A ruler that reads its files when it is told to; it knows neither of its configuration nor of queries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.groups: list[dict[str, object]] = []

    def __call__(self, request: Request) -> Answer:
        match request.path:
            case "/-/reload":
                self.groups = [self._group(path) for path in sorted(self.folder.glob("*.yml"))]
                return 200, ""
            case "/api/v1/rules":
                return 200, json.dumps({"status": "success", "data": {"groups": self.groups}})
            case "/metrics":
                return 200, (
                    "thanos_rule_config_last_reload_successful 1\n"
                    "thanos_rule_config_last_reload_success_timestamp_seconds 1.5e9\n"
                )
        return 404, "page not found"

    def _group(self, path: Path) -> dict[str, object]:
        rule = {
            "type": "alerting",
            "name": "Down",
            "query": "up == 0" if "up == 0" in path.read_text() else "up < 1",
            "duration": 300,
            "labels": {"severity": "warning"},
            "annotations": {"summary": "It is down."},
            "health": "ok",
            "lastEvaluation": "2026-11-21T20:00:00Z",
            "partialResponseStrategy": "ABORT",
        }
        return {"file": f"/etc/thanos/{path.name}", "name": "a", "interval": 60, "rules": [rule]}


def test_a_thanos_ruler_sees_the_folder_elsewhere_and_is_asked_only_what_it_knows(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    with serving(Thanos(folder)) as (url, got):
        target = RuleFiles(folder, Server(client(url), THANOS), State(folder / "state"))
        deploy(target, WANTED, print)
        deploy(target, {"x.yml": file(alert(expression="up < 1"))}, print)
        said: list[str] = []
        deploy(target, {"x.yml": file(alert(expression="up < 1"))}, said.append)
    assert said == ["nothing to do"]
    assert {request.path for request in got} == {"/-/reload", "/api/v1/rules", "/metrics", "/api/v1/status/buildinfo"}


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Exit.USAGE), ("0", Exit.USAGE), ("-1", Exit.USAGE), ("1", Exit.USAGE), ("4194305", Exit.UNREACHABLE)],
)
def test_a_process_that_is_none_is_not_signalled(tmp_path: Path, text: str, code: Exit) -> None:
    (tmp_path / "pid").write_text(text)
    with pytest.raises(DeployError) as caught:
        hang_up(tmp_path / "pid")
    assert caught.value.code is code


def test_two_folders_of_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    def respond(request: Request) -> Answer:
        if request.path == "/api/v1/rules":
            rule = {"type": "recording", "name": "r", "query": "up", "health": "ok"}
            groups = [{"file": f"/{place}/x.yml", "name": "a", "interval": 60, "rules": [rule]} for place in "ab"]
            return 200, json.dumps({"status": "success", "data": {"groups": groups}})
        return 404, ""

    with serving(respond) as (url, _):
        server = Server(client(url, Clock()), THANOS)
        with pytest.raises(DeployError, match="say --server-folder"):
            deploy(RuleFiles(tmp_path, server, State(tmp_path / "s")), WANTED, print, dry_run=True)
        deploy(RuleFiles(tmp_path, server, State(tmp_path / "s"), seen_as="/b"), WANTED, print, dry_run=True)
