from __future__ import annotations

import gzip
import http.client
import io
import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from exporter.cli import main
from exporter.commands.outcome import FAILED
from exporter.exposition.page import Format, Page
from exporter.web.address import parse_listen_address
from exporter.web.server import Server
from tests.end_to_end.world import World, command

HOST = "127.0.0.1"
PAGE = b"# HELP test_score A score.\n# TYPE test_score gauge\ntest_score 0.5\n"
TAIL = b"# HELP test_age_seconds Age.\n# TYPE test_age_seconds gauge\ntest_age_seconds 1\n"


class Published:
    """What a worker would have published, for a test to change."""

    def __init__(self) -> None:
        self.page: Page | None = page_of(PAGE)
        self.ready = True
        self.tail: Page | None = page_of(TAIL)

    def live(self) -> Page:
        if not self.tail:
            raise OSError("no tail")
        return self.tail


def page_of(text: bytes) -> Page:
    """A page whose OpenMetrics can be told from its text."""
    return Page([text], [b"# OpenMetrics\n", text])


def server_of(published: Published, host: str = HOST, port: int = 0) -> Server:
    return Server(
        host,
        port,
        lambda: published.page,
        lambda: published.ready,
        tail=published.live,
    )


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Server, Published]]:
    published = Published()
    server = server_of(published)
    server.start()
    yield server, published
    server.stop()


@pytest.fixture
def published(shared: tuple[Server, Published]) -> Iterator[Published]:
    _, published = shared
    yield published
    published.__init__()  # type: ignore[misc]


@pytest.fixture
def port(shared: tuple[Server, Published]) -> int:
    return shared[0].port


def ask(
    port: int, path: str, method: str = "GET", host: str = HOST, headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_metrics_are_the_published_page_and_the_live_tail(port: int) -> None:
    response, body = ask(port, "/metrics")

    assert response.status == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert body == PAGE + TAIL


def test_who_prefers_openmetrics_gets_it_with_its_end_at_the_end(port: int) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    response, body = ask(port, "/metrics", headers={"Accept": accept})

    assert response.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert body == b"# OpenMetrics\n" + PAGE + b"# OpenMetrics\n" + TAIL + b"# EOF\n"


@pytest.mark.parametrize("form", Format)
def test_who_takes_gzip_gets_the_same_in_it_when_it_is_worth_it(port: int, published: Published, form: Format) -> None:
    plain, _, headers = published.page, published.tail, {"Accept": form.value, "Accept-Encoding": "gzip"}
    small, body = ask(port, "/metrics", headers=headers)
    assert small.headers["content-encoding"] is None
    assert small.headers["vary"] == "Accept, Accept-Encoding"
    published.page = page_of(PAGE * 500)
    large, packed = ask(port, "/metrics", headers=headers)

    assert plain is not None
    assert large.headers["content-encoding"] == "gzip"
    assert large.headers["content-type"] == small.headers["content-type"] == form.value
    assert gzip.decompress(packed) == body.replace(PAGE, PAGE * 500)
    assert len(packed) < 2000
    assert ask(port, "/metrics", headers={"Accept": form.value})[1] == gzip.decompress(packed)


def test_headers_in_several_lines_are_one(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(
            b"GET /metrics HTTP/1.0\r\nAccept: text/plain;q=0.1\r\nAccept: application/openmetrics-text\r\n\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert b"application/openmetrics-text" in answer


def test_a_live_part_that_blocks_costs_itself_only_and_no_more_time_than_there_is(
    port: int, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    let_go = threading.Event()
    published.tail = None
    published.live = lambda: let_go.wait(20) and page_of(TAIL)  # type: ignore[method-assign, assignment, return-value]
    started = time.monotonic()
    try:
        for _ in range(2):
            response, body = ask(port, "/metrics", headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.2"})
            assert (response.status, body) == (200, PAGE)
        assert time.monotonic() - started < 5
        assert ask(port, "/-/healthy")[0].status == 200
    finally:
        let_go.set()
    assert [record.message for record in caplog.records] == ["scrapes go without the live part of the page"]


def test_before_the_first_evaluation_the_tail_is_served_alone(port: int, published: Published) -> None:
    published.page = None
    response, body = ask(port, "/metrics")

    assert (response.status, body) == (200, TAIL)


def test_a_newly_published_page_is_served_at_once(port: int, published: Published) -> None:
    published.page = page_of(b"# TYPE a gauge\na 1\n")
    assert ask(port, "/metrics")[1] == published.page.text + TAIL


def test_a_failing_tail_costs_the_tail_only_and_is_logged(
    port: int, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    published.tail = None
    response, body = ask(port, "/metrics")

    assert (response.status, body) == (200, PAGE)
    assert "OSError: no tail" in caplog.text


def test_the_default_tail_is_this_process() -> None:
    server = Server(HOST, 0, lambda: None, lambda: False)
    server.start()
    try:
        body = ask(server.port, "/metrics")[1].decode()
    finally:
        server.stop()
    assert "process_cpu_seconds" in {family.name for family in text_string_to_metric_families(body)}


def test_health_does_not_depend_on_readiness(port: int, published: Published) -> None:
    published.ready = False

    assert ask(port, "/-/healthy")[0].status == 200
    assert ask(port, "/-/ready")[0].status == 503


@pytest.mark.parametrize("path", ["/metrics", "/-/healthy", "/-/ready"])
def test_head_is_get_without_the_body(port: int, path: str) -> None:
    got, body = ask(port, path)
    # By hand, since http.client never reads what may follow the head.
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head, _, nothing = b"".join(iter(lambda: connection.recv(4096), b"")).decode().partition("\r\n\r\n")

    assert nothing == ""
    assert head.startswith(f"HTTP/1.1 {got.status} ")
    assert f"content-length: {len(body)}" in head
    assert f"content-type: {got.headers['content-type']}" in head


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_other_methods_are_refused(port: int, method: str) -> None:
    response, _ = ask(port, "/metrics", method)

    assert response.status == 405
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/metric", "/metrics/", "/Metrics", "//metrics", "/-/reload/", "/-/quit/x", "/echo-%3Cb%3E?q=me"]
)
def test_other_paths_are_not_found_and_not_echoed(port: int, path: str) -> None:
    response, body = ask(port, path)

    assert (response.status, body) == (404, b"Not found.\n")
    assert "echo" not in str(response.headers)


def test_a_query_does_not_change_the_route(port: int) -> None:
    assert ask(port, "/metrics?name[]=x")[1] == PAGE + TAIL


def test_a_request_that_is_no_http_is_refused_and_the_server_lives_on(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(b"\x16\x03\x01 echo-me\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"echo-me" not in answer
    assert ask(port, "/-/healthy")[0].status == 200


def test_sixty_four_scrapes_at_once_get_the_same(port: int, published: Published) -> None:
    text = PAGE + b"".join(b"test_score%d 1\n" % index for index in range(20_000))
    published.page = page_of(text)
    together = threading.Barrier(64)

    def scrape(number: int) -> bytes:
        together.wait(10)
        body = ask(port, "/metrics", headers={"Accept-Encoding": "gzip"} if number % 2 else {})[1]
        return gzip.decompress(body) if number % 2 else body

    with ThreadPoolExecutor(64) as pool:
        bodies = set(pool.map(scrape, range(64)))

    assert bodies == {text + TAIL}


def test_one_connection_serves_several_scrapes(port: int) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    bodies = []
    for _ in range(3):
        connection.request("GET", "/metrics")
        bodies.append(connection.getresponse().read())
    connection.close()

    assert bodies == [PAGE + TAIL] * 3


class FailingServer(uvicorn.Server):
    async def on_tick(self, counter: int) -> bool:
        raise ZeroDivisionError(f"of all things, in tick {counter}")


def test_a_body_does_not_wait_for_the_head_to_be_acknowledged(port: int, shared: tuple[Server, Published]) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        connection.getresponse().read()
        mine = connection.sock.getsockname()
        sockets = [
            each.transport.get_extra_info("socket") for each in list(shared[0]._uvicorn.server_state.connections)
        ]
        (served,) = [each for each in sockets if each.getpeername() == mine]
        assert served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        connection.close()


def test_a_server_that_ends_by_itself_says_so(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = threading.Event()
    monkeypatch.setattr(uvicorn, "Server", FailingServer)
    server = Server(HOST, 0, lambda: None, lambda: False, on_death=died.set)
    server.start()

    assert died.wait(10)
    assert server.has_died
    assert "of all things" in caplog.text
    with pytest.raises(ConnectionRefusedError):
        ask(server.port, "/-/healthy")


def test_a_server_that_is_stopped_has_not_died() -> None:
    died = threading.Event()
    server = Server(HOST, 0, lambda: None, lambda: False, on_death=died.set)
    server.start()
    server.stop()

    assert not died.is_set()
    assert not server.has_died


def test_a_process_whose_server_has_died_ends_and_says_that_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "w")
    monkeypatch.setattr(uvicorn, "Server", FailingServer)

    stderr = io.StringIO()
    assert main(command(world)[3:], io.StringIO(), stderr) == FAILED
    assert "of all things" in stderr.getvalue()


def test_silent_connections_do_not_keep_a_scrape_waiting(port: int) -> None:
    silent = [socket.create_connection((HOST, port), timeout=10) for _ in range(50)]
    try:
        assert ask(port, "/metrics")[0].status == 200
    finally:
        for connection in silent:
            connection.close()


def test_stop_frees_the_port_even_with_a_silent_connection_and_may_be_repeated() -> None:
    server = server_of(Published())
    server.start()
    port = server.port
    with socket.create_connection((HOST, port), timeout=10):
        server.stop()
        server.stop()

    again = server_of(Published(), port=port)
    again.start()
    try:
        assert ask(port, "/-/healthy")[0].status == 200
    finally:
        again.stop()


def test_stop_right_after_start_and_without_start_is_fine() -> None:
    server_of(Published()).stop()
    server = server_of(Published())
    server.start()
    server.stop()

    with pytest.raises(ConnectionRefusedError):
        ask(server.port, "/-/healthy")


def test_a_port_in_use_is_a_clear_error(port: int) -> None:
    with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1 port {port}: Address already in use$"):
        server_of(Published(), port=port).start()


def test_an_address_of_another_machine_is_a_clear_error() -> None:
    # 192.0.2.0/24 is set aside for documentation, so no interface here has it.
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1 port 0: "):
        server_of(Published(), host="192.0.2.1").start()


def test_the_port_is_unknown_before_the_start_and_a_server_starts_once(shared: tuple[Server, Published]) -> None:
    with pytest.raises(RuntimeError, match="not been started"):
        _ = server_of(Published()).port
    with pytest.raises(RuntimeError, match="before"):
        shared[0].start()


@pytest.mark.parametrize(("host", "client"), [("", HOST), ("localhost", HOST), ("::1", "::1")])
def test_every_kind_of_host_can_be_listened_on(host: str, client: str) -> None:
    if ":" in host and not loopback_has_version_six():
        pytest.skip("this machine has no IPv6 loopback address")
    server = server_of(Published(), host=host)
    server.start()
    try:
        assert ask(server.port, "/-/healthy", host=client)[0].status == 200
    finally:
        server.stop()


def loopback_has_version_six() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_requests_leave_no_line_in_the_log(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ask(port, "/metrics")
        ask(port, "/nowhere")

    assert caplog.records == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":9911", ("", 9911)),
        ("0.0.0.0:9911", ("0.0.0.0", 9911)),  # noqa: S104 - only parsed
        ("localhost:0", ("localhost", 0)),
        ("[::1]:9911", ("::1", 9911)),
        ("[::]:65535", ("::", 65535)),
        ("[fe80::1%eth0]:80", ("fe80::1%eth0", 80)),
    ],
)
def test_listen_addresses_are_read(text: str, address: tuple[str, int]) -> None:
    assert parse_listen_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9911",
        "localhost",
        "localhost:",
        "::1:9911",
        "[::1]",
        "[::1]9911",
        "[host]:1",
        ":65536",
        ":-1",
        ":٣",
        ": 1",
        "a b:1",
        "http://a:1",
    ],
)
def test_what_is_no_listen_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="listen address must be"):
        parse_listen_address(text)
