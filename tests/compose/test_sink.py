"""The sink as a process, told what Alertmanager tells; the real one does in test_stack_end_to_end.py."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
import requests

from compose.addresses import free
from compose.sink.messages import Message
from compose.sink.record import _KEPT, Record
from tests.compose.samples import ROOT
from tests.end_to_end.world import eventually

PAGE = {"event_action": "trigger", "payload": {"summary": "CRITICAL m: <b>", "custom_details": {"firing": "text"}}}
CHAT = {"channel": "#ml", "attachments": [{"title": "Resolved m: fine", "text": ""}]}
WEBHOOK = {"status": "firing", "alerts": [{"labels": {"alertname": "MLOutage"}, "annotations": {"summary": "Out."}}]}


def fetch(url: str, body: bytes | None = None) -> tuple[int, str]:
    try:
        answer = requests.post(url, body, timeout=10) if body is not None else requests.get(url, timeout=10)
    except requests.ConnectionError:
        return 0, ""
    return answer.status_code, answer.text


@contextmanager
def sink() -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    at = free()
    command = [sys.executable, "-S", "-m", "compose.sink", f"--web={at.sink}", f"--mail={at.mail}"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        eventually(lambda: fetch(f"http://{at.sink}/-/healthy")[0] == 200, "a sink")
        yield f"http://{at.sink}", at.mail, process
    finally:
        process.kill()
        process.wait()


def told(url: str) -> dict[str, Any]:
    return dict(json.loads(fetch(f"{url}/messages")[1]))


def test_it_shows_whatever_it_is_told_and_ends_when_it_is_told_to() -> None:
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["From"] = "INFO m: odd", "digest@example.com", "a@example.com"
    mail.set_content("a\n.b\n")
    with sink() as (url, smtp, process):
        assert "Nobody would have been told" in fetch(url)[1]
        for path, body in {"pager": PAGE, "chat": CHAT, "remediate": WEBHOOK, "heartbeat": WEBHOOK}.items():
            assert fetch(f"{url}/{path}", json.dumps(body).encode())[0] == 202
        host, _, port = smtp.partition(":")
        with smtplib.SMTP(host, int(port), timeout=10) as client:
            client.send_message(mail)
        found = told(url)
        assert [(each["way"], each["to"], each["firing"], each["title"]) for each in found["messages"]] == [
            ("pager", "on call", True, "CRITICAL m: <b>"),
            ("chat", "#ml", False, "Resolved m: fine"),
            ("webhook", "remediation", True, "MLOutage"),
            ("mail", "digest@example.com", True, "INFO m: odd"),
        ]
        assert found["messages"][3]["text"] == "a\n.b\n"
        assert found["heartbeats"] == 1
        page = fetch(url)[1]
        assert "CRITICAL m: &lt;b&gt;" in page
        assert page.index("INFO m: odd") < page.index("MLOutage")
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("pager", b"{", 400),
        ("pager", b"[1]", 400),
        ("elsewhere", b"{}", 404),
        ("pager", b"{}", 202),
        ("chat", b'{"attachments": []}', 202),
        ("elsewhere", None, 404),
    ],
)
def test_what_it_cannot_use_is_refused(path: str, body: bytes | None, status: int, served: str) -> None:
    assert fetch(f"{served}/{path}", body)[0] == status


def test_what_is_too_long_is_refused(served: str) -> None:
    answer = requests.post(f"{served}/pager", b" " * (1 << 20) + b"{}", timeout=10)
    assert answer.status_code == 413


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with sink() as (url, _, _):
        yield url


def test_it_keeps_the_newest_messages_only() -> None:
    record = Record()
    for number in range(_KEPT + 5):
        record.add(Message(0.0, "chat", "#ml", firing=True, title=str(number), text=""))
    page = record.show("/messages")
    assert page is not None
    assert [each["title"] for each in json.loads(page.text)["messages"]] == [str(n) for n in range(5, _KEPT + 5)]


def test_nothing_that_a_browser_could_run_is_allowed(served: str) -> None:
    answer = requests.get(served, timeout=10)
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
