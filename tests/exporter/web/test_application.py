"""What a server on terms answers: passwords, limits, headers, the lifecycle."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from exporter.service.reload import ReloadRefusedError
from exporter.web import lifecycle as lifecycle_module
from exporter.web.lifecycle import Lifecycle
from exporter.web.refusals import Reason, Refusals
from tests.end_to_end.world import eventually
from tests.exporter.web.served import Served, basic, hash_of, served

# Slow enough to see who waits for whom: some 20 ms each.
SLOW_COST = 8
PATHS = ("/", "/models/credit-scoring", "/metrics", "/-/healthy", "/-/ready", "/-/reload", "/-/quit", "/nowhere")


def write(folder: Path, text: str) -> Path:
    file = folder / "web.yml"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    text = f"basic_auth_users:\n  ada: {hash_of('right', SLOW_COST)}\n"
    with served(write(tmp_path_factory.mktemp("guarded"), text)) as found:
        yield found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
def test_without_a_password_no_path_says_anything(guarded: Served, path: str, method: str) -> None:
    response = guarded.ask(path, method)
    assert response.status == 401
    assert response.headers["www-authenticate"] == 'Basic realm="driftbell", charset="UTF-8"'
    assert response.body == b"Unauthorized.\n"  # type: ignore[attr-defined]


def test_with_it_all_is_as_ever(guarded: Served) -> None:
    who = basic("ada", "right")
    assert [guarded.ask(path, headers=who).status for path in PATHS] == [200, 200, 200, 200, 200, 405, 405, 404]


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ???", "Bearer YWRhOnJpZ2h0", "Basic YWRhOnJpZ2h0, Basic YWRhOnJpZ2h0"]
)
def test_what_is_no_password_is_refused_and_counted(guarded: Served, header: str) -> None:
    before = guarded.refused(Reason.PASSWORD)
    assert guarded.status({"Authorization": header}) == 401
    assert guarded.refused(Reason.PASSWORD) == before + 1


def test_two_passwords_are_none(guarded: Served) -> None:
    right = basic("ada", "right")["Authorization"].encode()
    with guarded.connect() as client:
        client.sendall(b"GET / HTTP/1.0\r\nAuthorization: " + right + b"\r\nAuthorization: " + right + b"\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 401 ")


def test_a_flood_of_wrong_passwords_keeps_nobody_out_who_is_known(guarded: Served) -> None:
    """And most of it is told to come back later."""
    right = basic("ada", "right")
    assert guarded.status(right) == 200
    ended = threading.Event()

    def flood(number: int) -> list[int]:
        statuses = []
        while not ended.is_set():
            statuses.append(guarded.status(basic("ada", f"wrong{number}")))
        return statuses

    with ThreadPoolExecutor(8) as pool:
        floods = [pool.submit(flood, number) for number in range(8)]
        took = []
        try:
            for _ in range(20):
                started = time.monotonic()
                assert guarded.status(right) == 200
                took.append(time.monotonic() - started)
        finally:
            ended.set()
        found = {status for each in floods for status in each.result()}
    assert found == {401, 503}
    assert max(took) < 1
    assert guarded.refused(Reason.BUSY) > 0


def test_one_who_is_not_known_yet_has_a_turn_among_the_flood_of_another(guarded: Served) -> None:
    """From another address: the loopback network has many."""
    guarded.server._application._passwords._known.clear()
    ended = threading.Event()

    def flood(number: int) -> None:
        while not ended.is_set():
            guarded.status(basic("ada", f"wrong{number}"))

    with ThreadPoolExecutor(6) as pool:
        for number in range(6):
            pool.submit(flood, number)
        try:
            answer = ask_from("127.0.0.2", guarded.port, basic("ada", "right")["Authorization"])
        finally:
            ended.set()
    assert answer.startswith(b"HTTP/1.1 200 ")


def ask_from(address: str, port: int, authorization: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(address, 0)) as client:
        client.sendall(f"GET /metrics HTTP/1.0\r\nAuthorization: {authorization}\r\n\r\n".encode())
        return client.recv(100)


def test_wrong_passwords_are_logged_once_a_minute_and_without_a_name(caplog: pytest.LogCaptureFixture) -> None:
    moments = iter([0.0, 1.0, 59.0, 60.0])
    refusals = Refusals(moments.__next__)
    for _ in range(4):
        refusals.note(Reason.PASSWORD)
    refusals.note(Reason.SLOW)
    assert [record.__dict__["fields"] for record in caplog.records] == [{"refused": 1}, {"refused": 4}]


def test_every_reason_is_there_from_the_start() -> None:
    found = {sample.labels: sample.value for sample in Refusals().samples()}
    assert found == {(reason.value,): 0 for reason in Reason}


def test_headers_are_added_replaced_and_taken_away(tmp_path: Path) -> None:
    text = """
http_server_config:
  headers:
    Content-Security-Policy: ""
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=60
"""
    with served(write(tmp_path, text)) as found:
        for path in ("/", "/nowhere"):
            headers = found.ask(path).headers
            assert headers["content-security-policy"] is None
            assert headers.get_all("x-content-type-options") == ["nosniff"]
            assert headers["x-frame-options"] == "deny"
            assert headers["strict-transport-security"] == "max-age=60"


def test_more_requests_than_are_allowed_are_refused(tmp_path: Path) -> None:
    with served(write(tmp_path, "rate_limit: {interval: 1h, burst: 3}")) as found:
        assert [found.status() for _ in range(5)] == [200, 200, 200, 429, 429]
        assert found.refused(Reason.RATE) == 2
        write(tmp_path, "rate_limit: {interval: 1h, burst: 1}")
        assert found.web.look()
        assert [found.status() for _ in range(2)] == [200, 429]


class Control:
    """A lifecycle whose reloads end as a test says."""

    def __init__(self) -> None:
        self.outcome: Future[None] = Future()
        self.outcome.set_running_or_notify_cancel()
        self.reloads = self.quits = 0

    def reload(self) -> Future[None]:
        self.reloads += 1
        return self.outcome

    def quit(self) -> None:
        self.quits += 1


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def controlled(tmp_path: Path, control: Control) -> Iterator[Served]:
    with served(write(tmp_path, "{}"), Lifecycle(control.reload, control.quit)) as found:
        yield found


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_reload_that_went_well_says_so(controlled: Served, control: Control, method: str) -> None:
    control.outcome.set_result(None)
    assert controlled.ask("/-/reload", method).status == 200
    assert control.reloads == 1


def test_one_that_was_refused_says_why_and_no_secret(controlled: Served, control: Control) -> None:
    reason = 'driftbell.yml:3:5: models.m.predictions: "https://ada:hunter2@logs/x" must be a file'
    control.outcome.set_exception(ReloadRefusedError(reason))
    response = controlled.ask("/-/reload", "POST")
    body = response.body.decode()  # type: ignore[attr-defined]
    assert response.status == 500
    assert "The old configuration is in force" in body
    assert "models.m.predictions" in body
    assert "hunter2" not in body


def test_one_that_takes_long_is_not_waited_for(
    controlled: Served, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle_module, "_PATIENCE", 0.05)
    assert controlled.ask("/-/reload", "POST").status == 202
    assert not control.outcome.cancelled()
    assert controlled.status() == 200


def test_who_waits_for_one_is_told_when_the_server_ends(
    controlled: Served, control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(controlled.ask, "/-/reload", "POST")
        eventually(lambda: control.reloads, "the question")
        controlled.server.stop()
        assert asked.result(10).status == 503
    assert "Traceback" not in caplog.text


def test_a_wish_to_quit_is_passed_on(controlled: Served, control: Control) -> None:
    assert controlled.ask("/-/quit", "POST").status == 200
    assert control.quits == 1


@pytest.mark.parametrize("path", ["/-/reload", "/-/quit"])
def test_it_takes_the_right_method(controlled: Served, control: Control, path: str) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        response = controlled.ask(path, method)
        assert response.status == 405
        assert response.headers["allow"] == "POST, PUT"
    assert (control.reloads, control.quits) == (0, 0)


@pytest.mark.parametrize("path", ["/-/reload", "/-/quit"])
def test_when_it_is_off_nothing_happens(guarded: Served, path: str) -> None:
    response = guarded.ask(path, "POST", headers=basic("ada", "right"))
    assert response.status == 403
    assert b"--web.enable-lifecycle" in response.body  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://behind.a.proxy"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://here:1", "Host": "here:1"}, 200),
    ],
)
def test_a_page_of_another_site_may_not_ask(
    controlled: Served, control: Control, headers: dict[str, str], status: int
) -> None:
    assert controlled.ask("/-/quit", "POST", headers).status == status
    assert control.quits == (status == 200)
