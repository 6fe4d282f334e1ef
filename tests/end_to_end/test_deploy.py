"""Deployments to the real Prometheus: what it runs afterwards, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from rules.command_line import main
from rules.deploy.client import Client, Patience
from rules.deploy.failure import DeployError, Exit
from rules.deploy.prometheus import Server
from rules.deploy.state import State
from rules.deploy.targets.files import RuleFiles
from rules.deploy.transaction import deploy
from tests.end_to_end.test_prometheus import program
from tests.end_to_end.world import eventually
from tests.rules.deploy.samples import alert, file, record
from tests.rules.deploy.stand_in import Answer, Request, serving

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "rules" / "generated"
OLD = {"x.yml": file(alert(expression="vector(1)", after="0s"), record(), interval="1s")}
NEW = {"x.yml": file(alert(expression="vector(1)", after="0s", summary="Other."), record(), interval="1s")}


class Site:
    """A Prometheus with a folder of rules; ``flags`` are its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder, self.flags = folder, flags
        self.rules = folder / "rules"
        self.rules.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.pid_file = folder / "pid"
        (folder / "prometheus.yml").write_text(
            json.dumps({"global": {"evaluation_interval": "1s"}, "rule_files": [f"{self.rules}/*.yml"]})
        )
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    program("prometheus"),
                    f"--config.file={self.folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={self.folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                    *self.flags,
                ],
                stdout=log,
                stderr=log,
            )
        self.pid_file.write_text(f"{self.process.pid}\n")
        eventually(self._ready, "prometheus")

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)

    def empty(self) -> None:
        """Take all rules away, and forget all deployments."""
        shutil.rmtree(self.rules)
        self.rules.mkdir()
        requests.post(f"{self.url}/-/reload", timeout=10)

    def target(self, url: str = "", *, by_signal: bool = False, seconds: float = 20) -> RuleFiles:
        client = Client(url or self.url, patience=Patience(5, seconds))
        server = Server(client, pid_file=self.pid_file if by_signal else None)
        return RuleFiles(self.rules, server, State(self.rules / ".driftbell-deploy"), wait=10, short_retention=True)

    def deploy(self, wanted: dict[str, str], target: RuleFiles | None = None) -> list[str]:
        said: list[str] = []
        deploy(target or self.target(), wanted, said.append)
        return said

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.rules.glob("*.yml")}

    def loaded(self) -> dict[str, dict[str, Any]]:
        """Rules as the server runs them, by name."""
        groups = requests.get(f"{self.url}/api/v1/rules", timeout=10).json()["data"]["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}

    def summary(self) -> str:
        return str(self.loaded()["Down"]["annotations"]["summary"])

    def active_since(self) -> str:
        def since() -> str:
            alerts = self.loaded()["Down"]["alerts"]
            return str(alerts[0]["activeAt"]) if alerts else ""

        return eventually(since, "an alert that fires")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"), "--web.enable-lifecycle", "--storage.tsdb.retention.time=40d")
    yield site
    site.stop()


@pytest.fixture
def site(server: Site) -> Site:
    server.empty()
    return server


def command(site: Site, *arguments: str, url: str = "") -> list[str]:
    return ["deploy", "files", "--folder", str(site.rules), "--url", url or site.url, "--wait", "2", *arguments]


def test_ours_are_deployed_once_and_rolled_back(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(site, "--dry-run")) == 0
    assert site.files() == {}
    assert main(command(site)) == 0
    said = capsys.readouterr().out
    assert "  + MLOutage (emergency)" in said
    assert "2 rules were not evaluated within 2 s, a query of each works" in said
    assert set(site.files()) == {path.name for path in GENERATED.glob("*.yml")}
    assert main(command(site)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing to do"
    # The Watchdog fires, and would resolve.
    eventually(lambda: site.loaded()["MLWatchdog"]["alerts"], "an alert")
    assert main(command(site, "--rollback", "--keep-alerts")) == Exit.HALTED
    assert site.files() != {}
    assert main(command(site, "--rollback")) == 0
    assert "MLWatchdog (none) resolves (1 firing): its rule is removed" in capsys.readouterr().out
    assert (site.files(), site.loaded()) == ({}, {})


def test_the_lint_stops_a_fault_before_the_server_is_asked(site: Site, tmp_path: Path) -> None:
    shutil.copytree(GENERATED, tmp_path / "rules")
    path = tmp_path / "rules" / "driftbell-slo.yml"
    path.write_text(path.read_text().replace("ml_slo_events_total{", "ml_slo_evnts_total{"))
    assert main(command(site, "--rules", str(tmp_path / "rules"))) == Exit.LINT
    assert site.files() == {}


def test_the_state_of_alerts_is_kept_and_lost_as_the_plan_says(site: Site) -> None:
    site.deploy(OLD)
    since = site.active_since()
    assert not any("alerts" in line for line in site.deploy(NEW))
    assert (site.active_since(), site.summary()) == (since, "Other.")
    grave = {"x.yml": NEW["x.yml"].replace("severity: warning", "severity: critical")}
    assert any("Down (warning) starts over (1 firing)" in line for line in site.deploy(grave))
    assert site.active_since() > since
    since = site.active_since()
    assert any("Down (critical) starts over (1 firing)" in line for line in site.deploy({"y.yml": grave["x.yml"]}))
    assert site.active_since() > since
    assert set(site.files()) == {"y.yml"}


def test_a_broken_file_of_somebody_else_has_ours_rolled_back(site: Site) -> None:
    site.deploy(OLD)
    (site.rules / "theirs.yml").write_text("groups: [")
    with pytest.raises(DeployError, match=r"reload: 500.*log says which file") as caught:
        site.deploy(NEW)
    assert caught.value.code is Exit.REFUSED
    assert site.files() == {**OLD, "theirs.yml": "groups: ["}
    assert site.summary() == "It is down."
    assert site.target().state.unfinished is None


def test_what_the_server_alone_can_refuse_is_rolled_back(site: Site) -> None:
    site.deploy(OLD)
    bad = {"x.yml": NEW["x.yml"].replace("summary: Other.", "summary: '{{ $labels.'")}
    with pytest.raises(DeployError, match="reload") as caught:
        site.deploy(bad)
    assert caught.value.code is Exit.REFUSED
    assert site.files() == OLD
    assert requests.post(f"{site.url}/-/reload", timeout=10).status_code == 200


def test_what_cannot_be_evaluated_is_found_before_anything_changes(site: Site) -> None:
    site.deploy(OLD)
    vectors = " or ".join(f'label_replace(vector(1), "a", "{each}", "", "")' for each in "xy")
    bad = {"x.yml": file(record(f"vector(1) + on () ({vectors})"))}
    with pytest.raises(DeployError, match=r"many-to-one|duplicate") as caught:
        site.deploy(bad)
    assert caught.value.code is Exit.UNSUITABLE
    assert site.files() == OLD


def test_what_fails_only_once_it_is_evaluated_is_rolled_back(site: Site) -> None:
    """Two series become one by the labels of the rule: a query of it alone is fine."""
    site.deploy(OLD)
    vectors = " or ".join(f'label_replace(vector(1), "a", "{each}", "", "")' for each in "xy")
    rule = f"  - record: a:x:y\n    expr: {vectors}\n    labels:\n      a: z\n"
    with pytest.raises(DeployError, match=r"evaluation fails: a / a:x:y: .*same labelset") as caught:
        site.deploy({"x.yml": file(rule, interval="1s")})
    assert caught.value.code is Exit.UNVERIFIED
    assert site.files() == OLD
    assert site.summary() == "It is down."


def test_a_folder_that_the_server_does_not_read_is_found_out(site: Site, tmp_path: Path) -> None:
    target = site.target()
    target.folder, target.state, target.loading = tmp_path, State(tmp_path / "state"), 0.5
    with pytest.raises(DeployError, match=r"Do its rule_files name .*\*\.yml") as caught:
        site.deploy(NEW, target)
    assert caught.value.code is Exit.UNVERIFIED
    assert list(tmp_path.glob("*.yml")) == []


def test_files_that_cannot_be_written_are_rolled_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.deploy({**OLD, "y.yml": file(record(), group="y", interval="1s")})
    before, replace = site.files(), Path.replace

    def full(self: Path, target: Path) -> Path:
        if Path(target).name == "y.yml" and "y2" in self.read_text():
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DeployError, match="No space left") as caught:
        site.deploy({**NEW, "y.yml": file(record(), group="y2", interval="1s")})
    assert caught.value.code is Exit.UNWRITABLE
    assert site.files() == before
    assert site.summary() == "It is down."


def test_a_link_is_not_replaced_by_a_file(site: Site, tmp_path: Path) -> None:
    (tmp_path / "real.yml").write_text(OLD["x.yml"])
    (site.rules / "x.yml").symlink_to(tmp_path / "real.yml")
    with pytest.raises(DeployError, match="is a link"):
        site.deploy(NEW)
    assert (site.rules / "x.yml").is_symlink()


def forwarding(site: Site, at: str, instead: Any) -> Any:
    """Return answers of the server, but at one kind of request what is said instead."""

    def respond(request: Request) -> Answer:
        if f"{request.method} {request.path}".startswith(at):
            found = instead(request)
            if found is not None:
                return found  # type: ignore[no-any-return]
        headers = {key: value for key, value in request.headers.items() if key == "content-type"}
        got = requests.request(request.method, site.url + request.path, data=request.body, headers=headers, timeout=20)
        return got.status_code, got.text

    return respond


@pytest.mark.parametrize("after", [False, True], ids=["before the reload", "after the reload"])
@pytest.mark.parametrize("same", [False, True], ids=["then another", "then the same"])
def test_a_deployment_that_is_killed_is_finished_or_rolled_back_by_the_next(
    site: Site, after: bool, same: bool
) -> None:
    site.deploy(OLD)
    running: list[subprocess.Popen[bytes]] = []

    def kill(request: Request) -> Answer | None:
        if after:
            requests.post(site.url + request.path, timeout=20)
        running[0].kill()
        return 0, ""

    code = (
        "import sys, json; from pathlib import Path; from rules.deploy.client import Client; "
        "from rules.deploy.prometheus import Server; from rules.deploy.state import State; "
        "from rules.deploy.targets.files import RuleFiles; from rules.deploy.transaction import deploy; "
        "folder = Path(sys.argv[2]); "
        "target = RuleFiles(folder, Server(Client(sys.argv[1])), State(folder / '.driftbell-deploy'), short_retention=True); "
        "deploy(target, json.loads(sys.argv[3]), print)"
    )
    with serving(forwarding(site, "POST /-/reload", kill)) as (url, _):
        arguments = [sys.executable, "-c", code, url, str(site.rules), json.dumps(NEW)]
        running.append(subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        assert running[0].wait(60) == -signal.SIGKILL
    assert site.files() == NEW
    said = site.deploy(NEW if same else OLD)
    assert ("finished now" if same else "rolled back first") in said[0]
    assert site.files() == (NEW if same else OLD)
    assert site.summary() == ("Other." if same else "It is down.")
    assert site.deploy(NEW if same else OLD) == ["nothing to do"]


def test_an_interrupted_deployment_is_rolled_back(site: Site) -> None:
    site.deploy(OLD)

    def interrupt(_: Request) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with serving(forwarding(site, "POST /-/reload", interrupt)) as (url, _), pytest.raises(DeployError) as caught:
        site.deploy(NEW, site.target(url))
    assert caught.value.code is Exit.INTERRUPTED
    assert site.files() == OLD
    assert site.summary() == "It is down."


def test_a_server_that_dies_starts_again_with_what_it_had(tmp_path: Path) -> None:
    """And without lifecycle: SIGHUP reloads, the HTTP way says what to do."""
    site = Site(tmp_path)
    try:
        with pytest.raises(DeployError, match=r"--web\.enable-lifecycle") as caught:
            site.deploy(OLD)
        assert (caught.value.code, site.files()) == (Exit.DENIED, {})
        target = site.target(by_signal=True)
        target.short_retention = False
        with pytest.raises(DeployError, match=r"keeps series for 15d, and Down .* looks 30 days back") as caught:
            site.deploy({"x.yml": file(alert(expression="rate(up[30d]) > 0"))}, target)
        assert (caught.value.code, site.files()) == (Exit.UNSUITABLE, {})
        site.deploy(OLD, target)
        assert site.summary() == "It is down."

        asked: list[str] = []

        def die(request: Request) -> Answer | None:
            asked.append(request.path)
            # The first time is before the signal.
            if len(asked) == 1:
                return None
            site.stop(signal.SIGKILL)
            return 0, ""

        with (
            serving(forwarding(site, "GET /metrics", die)) as (url, _),
            pytest.raises(DeployError, match="rolling back did not succeed") as caught,
        ):
            site.deploy(NEW, site.target(url, by_signal=True, seconds=1))
        assert caught.value.code is Exit.HALFWAY
        assert site.files() == OLD
        site.start()
        assert site.summary() == "It is down."
        # SIGHUP with a broken file beside ours: noticed by the metric alone.
        said = site.deploy(OLD, site.target(by_signal=True))
        assert said[0].endswith("it is rolled back first")
        (site.rules / "theirs.yml").write_text("groups: [")
        with pytest.raises(DeployError, match="after SIGHUP") as caught:
            site.deploy(NEW, site.target(by_signal=True, seconds=3))
        assert caught.value.code is Exit.REFUSED
        assert site.files() == {**OLD, "theirs.yml": "groups: ["}
    finally:
        site.stop()
