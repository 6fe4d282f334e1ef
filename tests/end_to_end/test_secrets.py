"""A canary in every place where a secret could be: it must come out nowhere. And nothing of a request goes in anywhere."""

from __future__ import annotations

import base64
import http.client
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.world import PROGRAM, Sidecar, World, command, eventually, page_of, sidecar

CANARY = "cAnArY-5ecret"
ENVIRONMENT = {
    **os.environ,
    "DB_PASSWORD": CANARY,
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "HTTPS_PROXY": f"http://user:{CANARY}@127.0.0.1:9",
    CANARY: CANARY,
}
ADDRESS = f"https://reader:{CANARY}@logs.example/churn?sig={CANARY}"
CONNECTION = f"host=db user=reader password={CANARY}"
# What people write where a file, a number or nothing at all belongs, in a model each.
WRONG = (
    f"predictions: '{ADDRESS}'",
    f"predictions: [p.jsonl, '{ADDRESS}']",
    f"predictions: p.jsonl, reference: '{ADDRESS}'",
    f"predictions: p.jsonl, password: {CANARY}",
    f"predictions: p.jsonl, database: {{dsn: '{CONNECTION}', token: {CANARY}}}",
    f"predictions: p.jsonl, idle_timeout: '{CONNECTION}'",
    f"predictions: p.jsonl, time_format: '{ADDRESS}'",
    f"predictions: p.jsonl, password: *{CANARY}",
    f"predictions: p.jsonl, token: {CANARY}, token: {CANARY}",
)
REFUSED = {
    "models": "models:\n" + "".join(f"  m{n}: {{task: binary, {said}}}\n" for n, said in enumerate(WRONG)),
    "no YAML": f"models: {{m: {{task: binary, predictions: p.jsonl, password: '{CANARY}\n",
    "a text": f"{ADDRESS}\n",
}


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("secrets"))
    world.predict(100)
    world.label(0, 100)
    return world


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Sidecar]:
    prefix = ["env", f"OTHER={CANARY}"]
    with sidecar(world, prefix, env=ENVIRONMENT) as running:
        running.wait_for("ml_requests_total", 100)
        yield running


@pytest.mark.parametrize(
    ("command_", "name"), [("check-config", "models"), ("serve", "models"), ("evaluate", "no YAML")]
)
def test_a_configuration_that_is_refused_is_not_repeated(tmp_path: Path, command_: str, name: str) -> None:
    (tmp_path / "d.yml").write_text(REFUSED[name])
    said = run([*PROGRAM, command_, f"--config.file={tmp_path / 'd.yml'}"])
    assert said.returncode == 2
    assert said.stderr.count(f"{tmp_path}/d.yml:") >= (len(WRONG) if name == "models" else 1)
    assert CANARY not in said.stdout + said.stderr


def test_a_configuration_that_is_refused_at_a_reload_is_not_repeated_either(world: World, served: Sidecar) -> None:
    good = world.config.read_text()
    try:
        for text in REFUSED.values():
            world.config.write_text(text)
            before = served.output().count("was not reloaded")
            served.process.send_signal(signal.SIGHUP)
            eventually(lambda before=before: served.output().count("was not reloaded") > before, "a refusal")  # type: ignore[misc]  # bound
        assert served.get("/metrics")[0] == 200
    finally:
        world.config.write_text(good)
    assert CANARY not in served.output()


@pytest.mark.parametrize("command_", ["check-config", "evaluate"])
def test_what_goes_well_shows_nothing_of_the_environment(world: World, command_: str) -> None:
    said = run([*PROGRAM, command_, f"--config.file={world.config}", "--log.level=debug"])
    assert said.returncode == 0
    assert CANARY not in said.stdout + said.stderr


def test_nor_does_the_running_process(world: World, served: Sidecar) -> None:
    pages = [served.get(path)[1] for path in ("/", "/metrics", "/-/ready", "/-/healthy")]
    assert CANARY not in "".join(pages) + served.output()
    for line in command_lines(served.process.pid):
        assert CANARY not in line
    for path in world.folder.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def test_nor_does_the_process_that_profiles_a_reference(tmp_path: Path) -> None:
    """It has the environment, too, and is told what to do on its input rather than by its arguments."""
    slow = World(tmp_path / "slow")
    slow.refer_to(slow.slow_reference())
    with sidecar(slow, env=ENVIRONMENT) as running:
        lines = command_lines(running.process.pid)
        assert lines
        assert CANARY not in "".join(lines)


def command_lines(process: int) -> list[str]:
    """The command lines of a process and of what it has started."""
    children = Path(f"/proc/{process}/task").glob("*/children")
    below = [int(child) for path in children for child in path.read_text().split()]
    own = Path(f"/proc/{process}/cmdline").read_bytes().decode()
    return [own, *(line for child in below for line in command_lines(child))]


CRAFTED = [
    ("GET", f"/metrics?target=http://{CANARY}@169.254.169.254/&path=/etc/passwd&module={CANARY}", {}),
    ("GET", f"/probe?target={CANARY}", {}),
    ("GET", f"/{CANARY}", {}),
    ("GET", f"/../../../../etc/passwd?{CANARY}", {}),
    ("GET", f"/%2e%2e/%2e%2e/etc/{CANARY}", {}),
    ("GET", f"//{CANARY}/metrics", {}),
    ("GET", f"http://{CANARY}/metrics", {}),
    ("GET", "/metrics", {"Host": CANARY, "X-Forwarded-For": CANARY, "X-Forwarded-Host": CANARY, "Referer": CANARY}),
    ("GET", "/metrics", {"Accept": f"text/{CANARY}", "Accept-Encoding": CANARY, "User-Agent": CANARY}),
    ("GET", "/metrics", {"X-Prometheus-Scrape-Timeout-Seconds": CANARY, "Cookie": f"session={CANARY}"}),
    ("GET", "/metrics", {"Authorization": "Basic " + base64.b64encode(f"u:{CANARY}".encode()).decode()}),
    ("GET", "/metrics", {"Authorization": f"Bearer {CANARY}"}),
    ("GET", "/", {"Host": CANARY, CANARY: CANARY}),
    ("POST", f"/-/reload?file=/etc/{CANARY}", {}),
    ("PUT", f"/-/quit?{CANARY}", {}),
    (CANARY.replace("-", ""), "/metrics", {}),
    ("DELETE", f"/metrics/{CANARY}", {}),
    ("OPTIONS", "*", {"Origin": f"https://{CANARY}"}),
]


@pytest.mark.parametrize(("method", "path", "headers"), CRAFTED)
def test_nothing_of_a_request_is_answered_logged_or_counted(
    served: Sidecar, method: str, path: str, headers: Mapping[str, str]
) -> None:
    before = {key for key in served.page() if not key[0].startswith("ml_exporter_refused")}
    connection = http.client.HTTPConnection(served.address, timeout=10)
    try:
        connection.request(method, path, headers=dict(headers))
        response = connection.getresponse()
        told = str(response.getheaders()) + response.read().decode()
    finally:
        connection.close()
    coded = base64.b64encode(f"u:{CANARY}".encode()).decode()
    page = served.get("/metrics")[1]
    for text in (told, page, served.output()):
        assert CANARY not in text
        assert CANARY.replace("-", "") not in text
        assert coded not in text
    assert "root:" not in told
    after = {key for key in page_of(page) if not key[0].startswith("ml_exporter_refused")}
    assert after == before


def test_neither_is_what_is_no_request(served: Sidecar) -> None:
    host, _, port = served.address.rpartition(":")
    for text in (f"{CANARY}\r\n\r\n", f"GET /metrics HTTP/1.1\r\n{CANARY}\r\n\r\n", f"GET {CANARY} {CANARY}\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(text.encode())
            assert CANARY.encode() not in client.recv(4096)
    assert CANARY not in served.output() + served.get("/metrics")[1]


@pytest.mark.usefixtures("served")
def test_what_is_kept_is_for_its_owner_only(world: World) -> None:
    state = world.folder / "state"
    eventually(lambda: (state / "state.sqlite").stat().st_size > 0, "a state")
    modes = {path.relative_to(state): stat.S_IMODE(path.stat().st_mode) for path in (state, *state.rglob("*"))}
    assert len(modes) >= 4
    assert {str(path): oct(mode) for path, mode in modes.items() if mode & 0o077} == {}


def test_a_password_in_a_web_configuration_is_not_repeated(world: World, tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text(f"basic_auth_users: {{reader: {CANARY}}}\n")
    said = run(command(world.copy(tmp_path / "w"), f"--web.config.file={web}"))
    assert said.returncode == 2
    assert f"{web}:1:" in said.stderr
    assert CANARY not in said.stdout + said.stderr


def test_sources_stay_within_the_roots(world: World, tmp_path: Path) -> None:
    """A log that is swapped for a link to something else while the exporter runs."""
    own = world.copy(tmp_path / "own")
    (tmp_path / "secret.jsonl").write_text(f'{{"timestamp": "2026-01-01T00:00:00Z", "version": "{CANARY}"}}\n')
    # A folder that was made for it stays as it was made.
    (own.folder / "state").mkdir()
    (own.folder / "state").chmod(0o750)
    with sidecar(own, more=[f"--files.root={own.folder}"]) as running:
        running.wait_for("ml_requests_total", 100)
        (own.folder / "predictions.jsonl").unlink()
        (own.folder / "predictions.jsonl").symlink_to(tmp_path / "secret.jsonl")
        page = running.wait_for("ml_exporter_source_up", 0, source="predictions")
        assert not any(CANARY in str(key) for key in page)
        assert "predictions.jsonl: lies outside of the folders that --files.root allows" in running.output()
    assert stat.S_IMODE((own.folder / "state").stat().st_mode) == 0o750
    assert stat.S_IMODE((own.folder / "state" / "state.sqlite").stat().st_mode) == 0o600
