"""What a request is answered with: refused, or routed to what serves it.

Nothing of a request is ever echoed, and none of it becomes a path, an address or a label.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from exporter.exposition.page import Page
from exporter.web import lifecycle
from exporter.web.connection import CONNECTION, WELCOME, Connection
from exporter.web.lifecycle import Lifecycle
from exporter.web.passwords import Passwords, credentials_of
from exporter.web.rate import Bucket
from exporter.web.refusals import Reason, Refusals
from exporter.web.request import refusal_of
from exporter.web.response import Response
from exporter.web.scrape import Scrapes
from exporter.web.site import Site, Visit
from exporter.web.terms import Rate, Terms
from exporter.web.turns import BusyError

Scope: TypeAlias = dict[str, Any]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]

_METRICS = "/metrics"
_READING = ("GET", "HEAD")

_RATE = Response(429, b"Too many requests.\n", headers=((b"retry-after", b"1"),))
_BUSY = Response(503, b"Too many passwords are waiting to be checked.\n", headers=((b"retry-after", b"5"),))
_ENDING = Response(503, b"The server ends.\n")
_WHO = Response(401, b"Unauthorized.\n", headers=((b"www-authenticate", b'Basic realm="driftbell", charset="UTF-8"'),))
_NOT_FOUND = Response(404, b"Not found.\n")
_HEALTHY = Response(200, b"Healthy.\n")


class Application:
    """The ASGI application; see ``Server`` for the callables. ``clock`` gives nanoseconds and does not go back."""

    def __init__(
        self,
        page: Callable[[], Page | None],
        ready: Callable[[], bool],
        site: Site,
        tail: Callable[[], Page],
        terms: Callable[[], Terms],
        refusals: Refusals,
        control: Lifecycle | None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._ready, self._site, self._terms = ready, site, terms
        self._refusals, self._control, self._clock = refusals, control, clock
        self._scrapes = Scrapes(page, tail)
        self._passwords = Passwords()
        self._bucket: Bucket | None = None
        self._pages: Mapping[str, Callable[[], Response]] = {
            "/-/healthy": lambda: _HEALTHY,
            "/-/ready": self._readiness,
        }

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        terms = self._terms()
        try:
            response = await self._answer(scope, terms)
        except asyncio.CancelledError:
            # The server has waited long enough with its end.
            response = _ENDING
        headers = response.all_headers(terms.headers)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if scope["method"] == "HEAD" or not response.size:
            await send({"type": "http.response.body"})
        else:
            await _send_body(response, scope["state"][CONNECTION], send)

    def close(self) -> None:
        """Begin nothing more."""
        self._passwords.close()
        self._site.close()

    async def _answer(self, scope: Scope, terms: Terms) -> Response:
        if refusal := await self._refusal(scope, terms):
            return refusal
        scope["state"][WELCOME] = True
        if self._site.has(scope["path"]) and scope["method"] in _READING:
            return await self._site.answer(_visit_of(scope))
        return await self._response(scope["method"], scope["path"], scope["headers"])

    async def _refusal(self, scope: Scope, terms: Terms) -> Response | None:
        """Return the answer to a client that gets nothing; None for one that is welcome."""
        if response := refusal_of(scope):
            return self._refused(Reason.MALFORMED, response)
        if terms.rate is not None and not self._bucket_of(terms.rate).take(self._clock() // 1000):
            return self._refused(Reason.RATE, _RATE)
        return await self._stranger(scope, terms.users) if terms.users else None

    async def _stranger(self, scope: Scope, users: Mapping[bytes, bytes]) -> Response | None:
        """Return the answer to a client that is not one of the users."""
        stated = [value for name, value in scope["headers"] if name == b"authorization"]
        if not stated:
            # Not counted: that is how a browser asks whether it needs a password.
            return _WHO
        credentials = credentials_of(stated[0].decode("latin-1")) if len(stated) == 1 else None
        client = scope["client"][0] if scope["client"] else ""
        try:
            if credentials and await self._passwords.admit(users, credentials, client):
                return None
        except BusyError:
            return self._refused(Reason.BUSY, _BUSY)
        return self._refused(Reason.PASSWORD, _WHO)

    def _bucket_of(self, rate: Rate) -> Bucket:
        if self._bucket is None or self._bucket.rate != rate:
            self._bucket = Bucket(rate, self._clock() // 1000)
        return self._bucket

    def _refused(self, reason: Reason, response: Response) -> Response:
        self._refusals.note(reason)
        return response

    async def _response(self, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> Response:
        is_control = path in lifecycle.PATHS
        if not is_control and path not in self._pages and path != _METRICS and not self._site.has(path):
            return _NOT_FOUND
        methods = lifecycle.METHODS if is_control else _READING
        if method not in methods:
            return Response(405, b"Method not allowed.\n", headers=((b"allow", ", ".join(methods).encode()),))
        if is_control:
            return await lifecycle.answer(self._control, path, headers)
        return await self._scrapes.answer(headers) if path == _METRICS else self._pages[path]()

    def _readiness(self) -> Response:
        return Response(200, b"Ready.\n") if self._ready() else Response(503, b"Not ready.\n")


async def _send_body(response: Response, connection: Connection, send: Send) -> None:
    """Send block by block, each when there is room for it: what is written and not taken is held in memory."""
    left = response.size
    try:
        for block in response.blocks():
            if connection.is_gone:
                break
            left -= len(block)
            await send({"type": "http.response.body", "body": block, "more_body": left > 0})
    except asyncio.CancelledError:
        # The server ends, and this client has taken too long.
        connection.abandon()
    if left:
        connection.abandon()


def _visit_of(scope: Scope) -> Visit:
    encodings = (value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-encoding")
    return Visit(
        scope["path"], scope["query_string"], ",".join(encodings), scope["client"][0] if scope["client"] else ""
    )
