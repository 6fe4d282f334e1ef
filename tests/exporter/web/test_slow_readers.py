"""Clients that take their answers slowly, or not at all, and what that costs others."""

from __future__ import annotations

import gzip
import http.client
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from exporter.exposition.page import Page
from exporter.web import connection as connections
from exporter.web.connection import Connection
from exporter.web.server import Server
from tests.end_to_end.world import eventually
from tests.exporter.web import served as serving
from tests.exporter.web.certificates import HOST, Authority
from tests.exporter.web.served import client_of, served

DEADLINE = 10.0
LINES = [b'a_total{number="%06d"} 1\n' % number for number in range(300_000)]
# 8 MB, in parts as the exporter has them.
LARGE = Page([b"".join(LINES[start : start + 700]) for start in range(0, len(LINES), 700)], [])
TAIL = b"b 1\n"
WHOLE = LARGE.text + TAIL
GET = b"GET /metrics HTTP/1.1\r\nHost: x\r\n"


def server_of() -> Server:
    return Server(HOST, 0, lambda: LARGE, lambda: True, tail=lambda: Page([TAIL], [TAIL]))


@pytest.fixture
def server() -> Iterator[Server]:
    server = server_of()
    server.start()
    yield server
    server.stop()


def who_reads_nothing(server: Server, request: bytes = GET + b"\r\n") -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.settimeout(DEADLINE)
    client.connect((HOST, server.port))
    client.sendall(request)
    return client


def present(server: Server) -> list[Connection]:
    return [each for each in tuple(server._uvicorn.server_state.connections) if isinstance(each, Connection)]


def waiting_to_be_read(server: Server) -> int:
    return sum(each._paused_at is not None for each in present(server))


def is_healthy(server: Server) -> bool:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=DEADLINE)
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def test_a_hundred_who_read_nothing_hold_no_page_each_and_delay_nobody(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(who_reads_nothing(server))
        eventually(lambda: waiting_to_be_read(server) == 100, "all of them are waited for")
        held = [each.transport.get_write_buffer_size() for each in present(server)]
        assert 0 < max(held) <= 4 * 65536
        started = time.monotonic()
        assert is_healthy(server)
        assert time.monotonic() - started < 1


def test_a_slow_and_honest_reader_gets_the_whole_page(server: Server) -> None:
    with who_reads_nothing(server, GET + b"Connection: close\r\n\r\n") as client:
        eventually(lambda: waiting_to_be_read(server) == 1, "the server waits")
        answer = b"".join(iter(lambda: client.recv(5000), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(WHOLE) in head.lower() + b"\r\n"
    assert body == WHOLE


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_one_connection_serves_one_page_after_the_other(server: Server, coding: str) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=DEADLINE)
    sockets = set()
    for method in ("GET", "HEAD", "GET", "GET"):
        connection.request(method, "/metrics", headers={"Accept-Encoding": coding})
        response = connection.getresponse()
        body = response.read()
        sockets.add(connection.sock)
        if method == "GET":
            assert (gzip.decompress(body) if coding == "gzip" else body) == WHOLE
    assert len(sockets) == 1
    connection.close()


def test_who_has_ended_its_own_side_gets_the_rest_and_the_end(server: Server) -> None:
    with who_reads_nothing(server) as client:
        eventually(lambda: waiting_to_be_read(server) == 1, "the server waits")
        client.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: client.recv(65536), b"")).endswith(WHOLE)


def test_a_little_now_and_then_does_not_gain_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_READING_SECONDS", 0.5)
    with who_reads_nothing(server) as client:
        started, received = time.monotonic(), 0
        client.settimeout(0.01)
        while present(server) or not received:
            try:
                received += len(client.recv(20_000))
            except TimeoutError:
                continue
            except ConnectionResetError:
                break
            assert time.monotonic() - started < DEADLINE
            time.sleep(0.005)
    assert received < len(WHOLE)


def test_in_a_crowd_who_does_not_read_leaves_first(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_STALLED_SECONDS", 0.0)
    regular = http.client.HTTPConnection(HOST, server.port, timeout=DEADLINE)
    regular.request("GET", "/-/healthy")
    regular.getresponse().read()
    was = regular.sock
    with ExitStack() as stack:
        for _ in range(280):
            stack.enter_context(who_reads_nothing(server))
        eventually(lambda: len(present(server)) <= 256, "the crowd has thinned out")
        assert is_healthy(server)
        regular.request("GET", "/-/healthy")
        assert regular.getresponse().read() == b"Healthy.\n"
        assert regular.sock is was
    regular.close()


def test_the_server_ends_in_time_and_without_a_complaint_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = server_of()
    server.start()
    with who_reads_nothing(server), who_reads_nothing(server):
        eventually(lambda: waiting_to_be_read(server) == 2, "the server waits")
        server.stop()
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == ["uvicorn.error"]
    assert "timeout graceful shutdown" in caplog.text


def test_who_leaves_in_the_middle_leaves_no_line_in_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        with who_reads_nothing(server) as client:
            assert client.recv(1000)
    eventually(lambda: not present(server), "all are forgotten")
    assert caplog.records == []


def test_requests_in_one_go_are_answered_in_turn_and_keep_nobody_waiting(server: Server) -> None:
    """Also when hundreds come at once; the regular one is not behind them all."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(who_reads_nothing(server, (b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n") * 200))
            for _ in range(50)
        ]
        eventually(lambda: all(each._is_in_line for each in present(server)), "they wait")
        for _ in range(5):
            started = time.monotonic()
            assert is_healthy(server)
            assert time.monotonic() - started < 0.5
        assert all(client.recv(100).startswith(b"HTTP/1.1 200 ") for client in clients)


def test_over_tls_nobody_holds_a_page_either_and_it_arrives_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    authority.sign("server")
    (tmp_path / "web.yml").write_text("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n")
    monkeypatch.setattr(serving, "PAGE", LARGE)
    with served(tmp_path / "web.yml") as found, ExitStack() as stack:
        clients = []
        for _ in range(5):
            plain = stack.enter_context(socket.create_connection((HOST, found.port), timeout=DEADLINE))
            clients.append(stack.enter_context(client_of(authority).wrap_socket(plain, server_hostname=HOST)))
            clients[-1].sendall(GET + b"Connection: close\r\n\r\n")
        eventually(lambda: waiting_to_be_read(found.server) == 5, "all of them are waited for")
        held = [each.transport.get_write_buffer_size() for each in present(found.server)]
        assert max(held) <= 4 * 65536
        answers = [b"".join(iter(partial(client.recv, 65536), b"")) for client in clients]
    assert all(answer.endswith(b"\r\n\r\n" + LARGE.text) for answer in answers)
