"""A server on the terms of a web configuration file, and clients of it."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import bcrypt

from exporter.exposition.page import Page
from exporter.web.lifecycle import Lifecycle
from exporter.web.refusals import Reason, Refusals
from exporter.web.server import Server
from exporter.web.status.site import StatusSite
from exporter.web.web_configuration import WebConfiguration
from tests.exporter.web.certificates import HOST, Authority, Pair
from tests.exporter.web.status.scenario import WELL
from tests.exporter.web.status.served_site import sources_of

PAGE = Page([b"# TYPE a gauge\na 1\n"], [b"# TYPE a gauge\na 1\n"])
# As cheap as bcrypt gets.
COST = 4
DEADLINE = 10.0


def hash_of(password: str, cost: int = COST) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Served:
    """A running server; ``web`` looks at its file when it is told to."""

    def __init__(self, file: Path, control: Lifecycle | None = None, request_seconds: float = 10.0) -> None:
        self.file = file
        self.web = WebConfiguration(file)
        self.refusals = Refusals()
        self.server = Server(
            HOST,
            0,
            lambda: PAGE,
            lambda: True,
            site=StatusSite(sources_of([WELL])),
            tail=lambda: Page([b""], [b""]),
            request_seconds=request_seconds,
            terms=lambda: self.web.terms,
            control=control,
            refusals=self.refusals,
        )
        self.server.start()

    @property
    def port(self) -> int:
        return self.server.port

    def refused(self, reason: Reason) -> float:
        (count,) = [sample.value for sample in self.refusals.samples() if sample.labels == (reason.value,)]
        assert isinstance(count, int | float)
        return count

    def ask(
        self,
        path: str = "/metrics",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> http.client.HTTPResponse:
        """Return the answer, read to its end; its text is ``body_of`` it."""
        connection = (
            http.client.HTTPSConnection(HOST, self.port, timeout=DEADLINE, context=tls)
            if tls
            else http.client.HTTPConnection(HOST, self.port, timeout=DEADLINE)
        )
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            response.body = response.read()  # type: ignore[attr-defined]
            return response
        finally:
            connection.close()

    def status(self, headers: Mapping[str, str] | None = None, tls: ssl.SSLContext | None = None) -> int:
        return self.ask(headers=headers, tls=tls).status

    def seconds(self, tls: ssl.SSLContext | None = None) -> float:
        """How long a scrape takes now."""
        started = time.monotonic()
        assert self.status(tls=tls) == 200
        return time.monotonic() - started

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=DEADLINE)


@contextmanager
def served(file: Path, control: Lifecycle | None = None, request_seconds: float = 10.0) -> Iterator[Served]:
    found = Served(file, control, request_seconds)
    try:
        yield found
    finally:
        found.server.stop()


def client_of(authority: Authority, pair: Pair | None = None) -> ssl.SSLContext:
    """Return what a client trusts, and who it is."""
    context = ssl.create_default_context(cafile=str(authority.file))
    if pair:
        context.load_cert_chain(pair.cert, pair.key)
    return context
