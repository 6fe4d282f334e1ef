"""Real sockets against a server that has little patience."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from exporter.exposition.page import Page
from exporter.web import connection as connections
from exporter.web.server import Server
from tests.end_to_end.world import eventually

HOST = "127.0.0.1"
# How long a request may take here, and how long a test waits for what has to happen.
PATIENCE = 0.3
DEADLINE = 10.0
LARGE = Page([b"a 1\n" * 5_000_000], [])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(
        HOST,
        0,
        lambda: LARGE,
        lambda: True,
        tail=lambda: Page([b"b 1\n"], [b"b 1\n"]),
        request_seconds=PATIENCE,
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def port(server: Server) -> int:
    return server.port


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, port), timeout=DEADLINE) as client:
        yield client


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=DEADLINE)
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def seconds_until_closed(client: socket.socket) -> float:
    started = time.monotonic()
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - started


def read_answer(client: socket.socket) -> None:
    """Read one answer about health, and no more."""
    answer = b""
    while not answer.endswith(b"Healthy.\n"):
        part = client.recv(65536)
        assert part, "closed before the answer was complete"
        answer += part
    assert answer.startswith(b"HTTP/1.1 200 ")


def answer_to(client: socket.socket, request: bytes) -> bytes:
    """Send a request and return everything until the server closes."""
    client.sendall(request)
    return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize(
    "beginning",
    [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Len"],
)
def test_who_says_nothing_or_half_a_request_is_closed(client: socket.socket, port: int, beginning: bytes) -> None:
    client.sendall(beginning)

    assert PATIENCE / 2 < seconds_until_closed(client) < DEADLINE / 2
    assert is_healthy(port)


def test_the_clock_does_not_start_anew_with_each_byte(client: socket.socket) -> None:
    client.settimeout(0.02)
    started = time.monotonic()
    closed = False
    for byte in b"GET / HTTP/1.1\r\nHost: " + b"x" * 500:
        try:
            client.sendall(bytes([byte]))
            closed = client.recv(1) == b""
        except TimeoutError:
            continue
        except OSError:
            closed = True
        if closed:
            break

    assert closed
    assert time.monotonic() - started < DEADLINE / 2


def test_a_body_that_nobody_wants_must_come_in_time_too(client: socket.socket) -> None:
    client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")

    read_answer(client)
    assert seconds_until_closed(client) < DEADLINE / 2


def test_between_requests_a_connection_may_rest_and_half_the_next_one_may_not(client: socket.socket) -> None:
    request = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
    client.sendall(request)
    read_answer(client)
    client.settimeout(3 * PATIENCE)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(DEADLINE)
    client.sendall(request)
    read_answer(client)
    client.sendall(request[:10])
    assert seconds_until_closed(client) < DEADLINE / 2


def test_half_a_request_right_behind_a_whole_one_is_closed(client: socket.socket) -> None:
    client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\nGET /-/hea")

    read_answer(client)
    assert seconds_until_closed(client) < DEADLINE / 2


def test_requests_in_one_go_are_all_answered(client: socket.socket) -> None:
    one = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n"
    answer = answer_to(client, (one + b"\r\n") * 3 + one + b"Connection: close\r\n\r\n")

    assert answer.count(b"HTTP/1.1 200 ") == 4


@pytest.mark.parametrize("beginning", [b"", b"GET /metrics HTTP/1.1\r\n"])
def test_a_thousand_half_open_connections_leave_scrapes_answered(beginning: bytes) -> None:
    """Also where each of them is patiently waited for; and one that was here before them stays."""
    server = Server(HOST, 0, lambda: None, lambda: True, request_seconds=60.0)
    server.start()
    regular = http.client.HTTPConnection(HOST, server.port, timeout=DEADLINE)
    try:
        regular.request("GET", "/-/healthy")
        regular.getresponse().read()
        was = regular.sock
        with ExitStack() as stack:
            for _ in range(1000):
                client = stack.enter_context(socket.create_connection((HOST, server.port), timeout=DEADLINE))
                with suppress(ConnectionError):
                    client.sendall(beginning)
            for _ in range(5):
                started = time.monotonic()
                assert is_healthy(server.port)
                assert time.monotonic() - started < 1
            eventually(lambda: len(server._uvicorn.server_state.connections) <= 256, "the crowd has thinned out")
            regular.request("GET", "/-/healthy")
            assert regular.getresponse().read() == b"Healthy.\n"
            assert regular.sock is was
    finally:
        regular.close()
        server.stop()


def test_who_does_not_take_the_answer_is_closed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_READING_SECONDS", PATIENCE)
    with socket.create_connection((HOST, server.port), timeout=DEADLINE) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        received = len(client.recv(1000))
        eventually(lambda: not server._uvicorn.server_state.connections, "the server has closed")
        # What was on its way arrives, and then the end.
        try:
            while part := client.recv(65536):
                received += len(part)
        except ConnectionResetError:
            pass
    assert received < len(LARGE.text)
    assert is_healthy(server.port)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01 secret\r\n\r\n", 400),
        (b"secret\r\n\r\n", 400),
        (b"GET /secret\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: secret\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nsecret: \x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: secret\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: secret\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: x\r\nsecret: " + b"s" * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nsecret: " + b"s" * 20_000, 431),
        (b"GET /" + b"secret" * 4000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + b"secret" * 4000, 414),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\nsecret", 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 15 + b"\r\nExpect: 100-continue\r\n\r\n", 413),
        (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        (b"OPTIONS /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (b"SECRET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (b"GET http://secret/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        (b"GET /../secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        (b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: secret\r\n\r\n", 200),
    ],
)
def test_what_is_asked_amiss_is_refused_with_its_status_and_not_repeated(
    client: socket.socket, port: int, request_: bytes, status: int
) -> None:
    answer = answer_to(client, request_)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"secret" not in answer.lower()
    assert is_healthy(port)


def test_garbage_behind_a_request_does_not_spoil_its_answer(client: socket.socket, port: int) -> None:
    answer = answer_to(client, b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n\x00\x01garbage\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 400 " in answer
    assert is_healthy(port)


_HOST = b"POST /-/healthy HTTP/1.1\r\nHost: x\r\n"
_SECOND = b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        _HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + _SECOND,
        _HOST + b"Content-Length: 0\r\nContent-Length: 4\r\n\r\n" + _SECOND,
        _HOST + b"Content-Length: 0, 4\r\n\r\n" + _SECOND,
        _HOST + b"Content-Length: +4\r\n\r\n" + _SECOND,
        _HOST + b"Content-Length: -4\r\n\r\n" + _SECOND,
        _HOST + b"Content-Length: 0x4\r\n\r\n" + _SECOND,
        _HOST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding : chunked\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding: xchunked\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + _SECOND,
        _HOST + b"A: b\rTransfer-Encoding: chunked\r\n\r\n" + _SECOND,
        _HOST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n" + _SECOND,
        _HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX" + _SECOND,
        _HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + _SECOND,
    ],
)
def test_what_could_be_one_request_or_two_is_answered_once_at_most_and_the_connection_closed(
    client: socket.socket, port: int, request_: bytes
) -> None:
    answer = answer_to(client, request_)

    assert b" 200 OK" not in answer
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert is_healthy(port)


def test_an_old_client_gets_its_answer_and_the_end(client: socket.socket) -> None:
    answer = answer_to(client, b"GET /-/healthy HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nHealthy.\n")


def test_strangers_cannot_fill_the_log(port: int, caplog: pytest.LogCaptureFixture) -> None:
    for request in (
        b"garbage\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: y\r\nConnection: upgrade, close\r\n\r\n",
    ):
        with socket.create_connection((HOST, port), timeout=DEADLINE) as stranger:
            answer_to(stranger, request)

    assert caplog.records == []
