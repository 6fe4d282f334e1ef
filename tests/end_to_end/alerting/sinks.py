"""Stand-ins for whoever is notified: a webhook, PagerDuty's and Slack's HTTP APIs, a mail server; they keep what they get."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Call(NamedTuple):
    """A POST of JSON: where to, with which authorization, and what it said."""

    path: str
    authorization: str
    body: dict[str, Any]


@contextmanager
def http_sink() -> Iterator[tuple[str, list[Call]]]:
    """Yield the address of a server, and what it has been told so far; it says yes to everything."""
    calls: list[Call] = []

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            calls.append(Call(self.path, self.headers.get("authorization", ""), body))
            answer = b'{"status":"success"}'
            # PagerDuty accepts with 202, which any other caller takes for yes as well.
            self.send_response(202 if self.path == "/v2/enqueue" else 200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server, _served(server):
        yield f"127.0.0.1:{server.server_port}", calls


@contextmanager
def mail_sink() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Yield the address of a mail server that offers nothing special, and the mails that it has taken."""
    mails: list[EmailMessage] = []

    class Sink(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 sink")
            while line := self.rfile.readline():
                command = line.split(maxsplit=1)[0].upper() if line.strip() else b""
                if command == b"DATA":
                    self._say("354 go on")
                    self._take()
                self._say("221 bye" if command == b"QUIT" else "250 sink")
                if command == b"QUIT":
                    return

        def _take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b"."))
            mails.append(message_from_bytes(b"".join(lines), EmailMessage, policy=policy.default))

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server, _served(server):
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
