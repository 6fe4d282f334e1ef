"""Stand-ins for whoever is notified: a webhook, PagerDuty's and Slack's HTTP APIs, a mail server; they keep what they get."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from compose.sink.mail import MailServer
from compose.sink.web import Call, WebServer


@contextmanager
def http_sink() -> Iterator[tuple[str, list[Call]]]:
    """Yield the address of a server, and what it has been told so far; it says yes to everything."""
    calls: list[Call] = []

    def take(call: Call) -> bool:
        calls.append(call)
        return True

    with WebServer(("127.0.0.1", 0), take, lambda _: None) as server, _served(server):
        yield f"127.0.0.1:{server.server_port}", calls


@contextmanager
def mail_sink() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Yield the address of a mail server that offers nothing special, and the mails that it has taken."""
    mails: list[EmailMessage] = []
    with MailServer(("127.0.0.1", 0), mails.append) as server, _served(server):
        yield f"127.0.0.1:{server.server_address[1]}", mails


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
