"""The parts of ``make stack``, with short programs in the servers' places."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from compose.addresses import IN_CONTAINERS, ON_LOOPBACK, free
from compose.stack import programs, run, services
from compose.stack.child import Child, Service
from compose.stack.failure import FAILED, NOT_STARTED, StackError
from compose.stack.files import lay_out, replacements
from compose.stack.run import Children, settings_of
from tests.compose.samples import ADDRESSES, ROOT
from tests.end_to_end.world import eventually

WELL = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); signal.pause()"
)
DEAF = WELL.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
SULKS = WELL.replace("sys.exit(0)", "sys.exit(3)")
FAILS = "import sys; print('no such log'); sys.exit(4)"


def service(text: str, name: str = "a") -> Service:
    return Service(name, [sys.executable, "-S", "-c", text])


def is_up(child: Child) -> bool:
    return "up" in child.last_lines()


def outcome(
    folder: Path, wanted: Sequence[Service], until: Callable[[list[Child]], bool], grace: float = 10.0
) -> tuple[list[Child], str]:
    """Start services and end them when something holds; return them, and what is said to be wrong."""
    children = Children(folder, grace)
    try:
        with children:
            for each in wanted:
                children.start(each)
            eventually(lambda: until(children.running), "what is waited for")
            children.check()
    except StackError as error:
        return children.running, str(error)
    return children.running, ""


def test_whatever_was_started_is_gone_after_an_error(tmp_path: Path) -> None:
    children = Children(tmp_path, grace=0.2)

    def work() -> None:
        with children:
            children.start(service(WELL, "well"))
            children.start(service(DEAF, "deaf"))
            eventually(lambda: all(map(is_up, children.running)), "both are up")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert [child.ended for child in children.running] == [0, -signal.SIGKILL]
    assert not [child.pid for child in children.running if Path(f"/proc/{child.pid}").exists()]


def test_what_a_service_has_started_is_killed_with_it(tmp_path: Path) -> None:
    inner = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-S', '-c', {DEAF!r}]).pid, flush=True)\n"
    (child,), said = outcome(
        tmp_path, [service(inner + DEAF)], lambda running: running[0].last_lines().count("up") == 2, grace=0.1
    )
    assert said == "a ended badly, killed by signal 9"
    number = next(int(line) for line in child.log.read_text().splitlines() if line.isdigit())
    eventually(lambda: is_gone(number), "the inner one is gone")


def is_gone(number: int) -> bool:
    state = Path(f"/proc/{number}/status")
    return not state.exists() or "zombie" in state.read_text()


def test_one_that_ends_badly_when_it_is_told_to_is_said(tmp_path: Path) -> None:
    _, said = outcome(tmp_path, [service(SULKS)], lambda running: is_up(running[0]))
    assert said == "a ended badly, with exit code 3"


def test_one_that_dies_is_said_with_its_last_lines(tmp_path: Path) -> None:
    (other, _), said = outcome(
        tmp_path,
        [service(WELL, "other"), service(FAILS)],
        lambda running: is_up(running[0]) and running[1].ended is not None,
    )
    assert said == "a ended by itself, with exit code 4:\nno such log"
    assert other.ended == 0


def test_one_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    _, said = outcome(tmp_path, [Service("a", ["/nowhere/a"])], lambda _: True)
    assert re.match("a cannot be started: .*nowhere", said)


@pytest.mark.parametrize(
    ("environment", "message"),
    [({"STACK_SECONDS": "long"}, "STACK_SECONDS"), ({"STACK_PORTS": "9090"}, "STACK_PORTS")],
)
def test_a_wrong_setting_is_refused_by_name(environment: dict[str, str], message: str) -> None:
    with pytest.raises(StackError, match=message) as caught:
        settings_of(environment)
    assert caught.value.code == NOT_STARTED


def test_settings_that_are_not_made_are_the_stated_ones() -> None:
    assert settings_of({"STACK_SECONDS": "", "STACK_PORTS": ""}) == run.Settings(ON_LOOPBACK, float("inf"))


def test_ports_that_somebody_has_are_named_and_nothing_is_started(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "ON_LOOPBACK", ADDRESSES)
    monkeypatch.setattr("compose.addresses.taken", lambda address: "in use" if address == ADDRESSES.grafana else None)
    assert run.main({}, threading.Event()) == NOT_STARTED
    said = capsys.readouterr()
    assert said.out == ""
    assert f"grafana: {ADDRESSES.grafana}: in use" in said.err
    assert "STACK_PORTS=free" in said.err


def test_it_is_over_before_it_has_begun_when_it_is_to_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    never = Service("never", service(WELL).command, ready=f"http://{ADDRESSES.sink}/")
    monkeypatch.setattr(run, "services", lambda *_: [never])
    stop = threading.Event()
    stop.set()
    assert run.main({"STACK_PORTS": "free"}, stop) == 0
    assert capsys.readouterr().out.splitlines() == ["starting never …", "stopped"]


def test_when_one_dies_all_others_are_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dies = "import time; print('out of memory', flush=True); time.sleep(0.3); raise SystemExit(9)"
    monkeypatch.setattr(run, "services", lambda *_: [service(WELL, "other"), service(dies)])
    before = children_of(os.getpid())
    assert run.main({"STACK_PORTS": "free", "STACK_SECONDS": "60"}, threading.Event()) == FAILED
    assert "stack: a ended by itself, with exit code 9:\nout of memory\n" in capsys.readouterr().err
    assert children_of(os.getpid()) == before


def test_it_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(run, "services", lambda *_: [service(WELL)])
    assert run.main({"STACK_PORTS": "free", "STACK_SECONDS": "0.3"}, threading.Event()) == 0
    assert capsys.readouterr().out.endswith("Ctrl-C stops everything.\nstopped\n")


def children_of(process: int) -> str:
    return Path(f"/proc/{process}/task/{process}/children").read_text()


def test_one_that_is_never_ready_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    never = Service("never", service(WELL).command, ready=f"http://{ADDRESSES.sink}/")
    monkeypatch.setattr(run, "services", lambda *_: [never])
    monkeypatch.setattr(run, "READY_SECONDS", 0.5)
    assert run.main({"STACK_PORTS": "free"}, threading.Event()) == FAILED
    assert "not ready after" in capsys.readouterr().err


def test_a_program_that_is_missing_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_UNPACKED_INTO", tmp_path)
    with pytest.raises(StackError, match="there is no prometheus-alertmanager: 'make tools' gets it") as caught:
        list(services.services(lay_out(tmp_path, ADDRESSES), ADDRESSES))
    assert caught.value.code == NOT_STARTED


def test_only_addresses_and_paths_of_the_committed_files_are_replaced(tmp_path: Path) -> None:
    files = lay_out(tmp_path, ADDRESSES)
    back = {
        **{new: old for old, new in replacements(ADDRESSES).items()},
        str(ROOT / "rules" / "generated"): "/etc/prometheus/rules",
        str(ROOT / "alertmanager" / "templates"): "/etc/alertmanager/templates",
        str(ROOT / "dashboards" / "generated"): "/etc/driftbell/dashboards",
        str(ROOT / "examples"): "/usr/share/driftbell",
        f"{tmp_path}/secrets": "/etc/alertmanager/secrets",
        f"{tmp_path}/logs": "/var/log/model",
    }
    sources = {
        files.exporter: "compose/driftbell.yml",
        files.prometheus: "compose/prometheus/prometheus.yml",
        files.alertmanager: "compose/alertmanager/alertmanager.yml",
        files.provisioning / "datasources" / "driftbell.yml": "dashboards/provisioning/datasource.yml",
        files.provisioning / "dashboards" / "driftbell.yml": "dashboards/provisioning/dashboards.yml",
    }
    for written, source in sources.items():
        text = written.read_text("utf-8")
        assert not any(place in text for place in IN_CONTAINERS.named().values())
        for new, old in back.items():
            text = text.replace(new, old)
        assert text == (ROOT / source).read_text("utf-8")
    assert (tmp_path / "secrets" / "slack_url").read_text() == f"http://{ADDRESSES.sink}/chat\n"


GRAFANA = """#!{python} -S
import http.server, json, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
print(json.dumps([sys.argv[1:], dict(os.environ)]), flush=True)
host, port = os.environ["GF_SERVER_HTTP_ADDR"], int(os.environ["GF_SERVER_HTTP_PORT"])
http.server.HTTPServer((host, port), Health).serve_forever()
"""


def test_a_grafana_that_is_there_is_started_with_what_is_provisioned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "bin"
    place.mkdir()
    (place / "grafana").write_text(GRAFANA.format(python=sys.executable))
    (place / "grafana").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "run").mkdir()
    at = free()
    files = lay_out(tmp_path / "run", at)
    *_, grafana = services.services(files, at)
    with Children(tmp_path) as children:
        children.start(grafana)
        (child,) = children.running
        eventually(child.is_ready, "it is ready")
    arguments, environment = yaml.safe_load(child.log.read_text().splitlines()[0])
    assert arguments[0] == "server"
    assert environment["GF_PATHS_PROVISIONING"] == str(files.provisioning)
    assert environment["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).is_file()
    source = yaml.safe_load((files.provisioning / "datasources" / "driftbell.yml").read_text("utf-8"))
    assert source["datasources"][0]["url"] == f"http://{at.prometheus}"


@pytest.mark.parametrize("grafana", [True, False])
def test_the_table_says_where_everything_is_and_what_is_left_out(grafana: bool) -> None:
    text = "\n".join(run._table(ADDRESSES, {"grafana"} if grafana else set()))
    shown = {address for name, address in ADDRESSES.named().items() if f"http://{address}/" in text}
    assert shown == set(ADDRESSES.named().values()) - {ADDRESSES.mail} - ({ADDRESSES.grafana} if not grafana else set())
    assert ("no grafana on PATH" in text) is not grafana


def test_an_alertmanager_of_another_maker_is_started_as_it_is(tmp_path: Path) -> None:
    executable = tmp_path / "alertmanager"
    executable.write_bytes(b"")
    assert programs.alertmanager(executable, tmp_path) == (executable, tmp_path)
