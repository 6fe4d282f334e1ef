"""The HTTP side of the real process: TLS and passwords, many clients and bad ones, the lifecycle, an orderly end."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.end_to_end.test_prometheus import prometheus, query
from tests.end_to_end.world import Sidecar, World, command, eventually, sidecar, total
from tests.exporter.web.certificates import HOST, Authority, Pair
from tests.exporter.web.served import basic, client_of, hash_of

# What a scrape may take on a machine that is busy with other tests.
SOON = 5.0
WEB = """\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: ["127.0.0.1"]
basic_auth_users:
  prometheus: {hash}
"""


class Secured(Sidecar):
    """A sidecar that wants a certificate and a password."""

    tls: ssl.SSLContext
    word = "right"

    def ask(self, path: str, method: str = "GET") -> tuple[int, str]:
        connection = http.client.HTTPSConnection(self.address, timeout=10, context=self.tls)
        try:
            connection.request(method, path, headers=basic("prometheus", self.word))
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, str]:
        return self.ask(path)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w")
    world.predict(300)
    return world


@contextmanager
def secured(world: World) -> Iterator[tuple[Secured, Authority, Pair]]:
    authority = Authority(world.folder)
    authority.sign("server")
    client = authority.sign("client")
    web = world.folder / "web.yml"
    web.write_text(WEB.format(hash=hash_of("right")))
    more = [f"--web.config.file={web}", "--web.enable-lifecycle"]
    running = Secured(world, world.folder / "exporter.log", more=more)
    running.tls = client_of(authority, client)
    try:
        yield running, authority, client
    finally:
        running.process.kill()
        running.process.wait()


def test_with_certificates_and_passwords_as_prometheus_has_them(world: World, tmp_path: Path) -> None:
    with secured(world) as (running, authority, client):
        running.wait_for("ml_requests_total", 300)
        assert "tls=true passwords=true" in running.output()
        settings = {
            "scheme": "https",
            "basic_auth": {"username": "prometheus", "password": "right"},
            "tls_config": {"ca_file": str(authority.file), "cert_file": str(client.cert), "key_file": str(client.key)},
        }
        with prometheus(running.address, tmp_path, settings=settings) as address:
            eventually(lambda: query(address, "up == 1"), "a scrape that succeeded")
            assert query(address, "ml_exporter_web_config_last_reload_successful == 1")
            assert query(address, 'ml_exporter_refused_requests_total{reason="handshake"} == 0')

        # A new certificate and a new password, while it runs.
        former = running.tls
        (world.folder / "other").mkdir()
        other = Authority(world.folder / "other")
        for name in ("server", "client"):
            pair = other.sign(name)
            pair.cert.replace(world.folder / pair.cert.name)
            pair.key.replace(world.folder / pair.key.name)
        other.file.replace(world.folder / "ca.crt")
        (world.folder / "web.yml").write_text(WEB.format(hash=hash_of("new")))
        running.tls = ssl.create_default_context(cafile=str(world.folder / "ca.crt"))
        running.tls.load_cert_chain(client.cert, client.key)
        running.word = "new"
        eventually(lambda: answers(running), "the new certificate")
        running.tls = former
        with pytest.raises(ssl.SSLError):
            running.ask("/metrics")
        assert "Traceback" not in running.output()


def answers(running: Secured) -> bool:
    try:
        return running.ask("/-/healthy")[0] == 200
    except (ssl.SSLError, ConnectionError):
        return False


def test_a_reload_and_an_end_by_http(world: World) -> None:
    good = world.config.read_text()
    with secured(world) as (running, _, _):
        running.wait_for("ml_requests_total", 300)
        world.config.write_text(good.replace("    windows:", "    info: {owner: somebody}\n    windows:"))
        assert running.ask("/-/reload", "POST")[0] == 200
        assert total(running.page(), "ml_exporter_config_last_reload_successful") == 1
        running.wait_for("ml_model_info", 1, owner="somebody")

        world.config.write_text(good.replace("task: binary", "task: binray"))
        status, body = running.ask("/-/reload", "POST")
        assert status == 500
        assert "did you mean binary?" in body
        assert total(running.page(), "ml_exporter_config_last_reload_successful") == 0
        world.predict(100)
        running.wait_for("ml_requests_total", 400)

        running.word = "wrong"
        assert running.ask("/-/quit", "POST")[0] == 401
        assert running.process.poll() is None
        running.word = "right"
        assert running.ask("/-/quit", "POST") == (200, "Stopping.\n")
        assert running.process.wait(5) == 0
        assert "msg=stopped saved=true" in running.output()


def test_a_web_configuration_that_is_wrong_is_refused_with_every_error(world: World) -> None:
    web = world.folder / "web.yml"
    web.write_text("tls_server_confg: {}\nbasic_auth_users: {a: hunter2}\n")
    arguments = command(world, f"--web.config.file={web}")
    run = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 2
    assert [line.split(":")[1] for line in run.stderr.splitlines()] == ["1", "2"]
    assert "did you mean tls_server_config?" in run.stderr
    assert "hunter2" not in run.stderr


def figures(page: str) -> str:
    """The lines that are not about the exporter or its process."""
    return "\n".join(line for line in page.splitlines() if "ml_exporter_" not in line and "process_" not in line)


def test_sixty_four_scrapes_at_once_are_the_same_while_logs_are_read(world: World) -> None:
    """The page is evaluated once, so that there is one to compare; the logs go on growing and are read all the time."""
    world.config.write_text(world.config.read_text().replace("evaluation_interval: 1s", "evaluation_interval: 1h"))
    ended, together = threading.Event(), threading.Barrier(64)
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)

        def write() -> None:
            while not ended.is_set():
                world.predict(2000)

        def scrape(_: int) -> tuple[str, float]:
            together.wait(20)
            started = time.monotonic()
            status, page = running.get("/metrics")
            assert status == 200
            return figures(page), time.monotonic() - started

        writer = threading.Thread(target=write)
        writer.start()
        try:
            rows = total(running.page(), "ml_exporter_rows_total") or 0
            with ThreadPoolExecutor(64) as pool:
                found = list(pool.map(scrape, range(64)))
            eventually(lambda: (total(running.page(), "ml_exporter_rows_total") or 0) > rows, "rows read meanwhile")
        finally:
            ended.set()
            writer.join()
    assert len({page for page, _ in found}) == 1
    assert "ml_requests_total" in found[0][0]
    assert max(seconds for _, seconds in found) < SOON


def test_an_end_is_in_order_whoever_is_in_the_middle_of_something(world: World) -> None:
    world.config.write_text(world.config.read_text().replace("commit_interval: 100ms", "commit_interval: 1h"))
    with secured(world) as (running, _, _), ExitStack() as stack:
        running.wait_for("ml_requests_total", 300)
        host, port = running.address.rsplit(":", 1)
        clients = [stack.enter_context(socket.create_connection((host, int(port)), timeout=10)) for _ in range(60)]
        for number, client in enumerate(clients):
            # Silent ones, ones in a handshake, and ones that have begun a request.
            if number % 3 == 1:
                client.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
            elif number % 3 == 2:
                greeted = stack.enter_context(running.tls.wrap_socket(client, server_hostname=HOST))
                with suppress(OSError):
                    greeted.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + b"\r\n" * (number % 2))
        assert running.end() == 0
        assert "msg=stopped saved=true" in running.output()
        assert "Traceback" not in running.output()
    (world.folder / "predictions.jsonl").unlink()
    with sidecar(world) as again:
        again.wait_for("ml_requests_total", 300)


def test_more_signals_hasten_the_end_whoever_is_there(world: World) -> None:
    with secured(world) as (running, _, _):
        running.wait_for("ml_requests_total", 300)
        host, port = running.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            client = running.tls.wrap_socket(plain, server_hostname=HOST)
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
            code = eventually(lambda: ended_by(running, signal.SIGTERM), "the end")
            client.close()
        # By itself, by our hand, or, in its very last moments, by the kernel's.
        assert code in {"0", "143", "-15"}
        assert "Traceback" not in running.output()


def ended_by(running: Sidecar, number: signal.Signals) -> str | None:
    with suppress(ProcessLookupError):
        running.process.send_signal(number)
    return None if running.process.poll() is None else str(running.process.returncode)
