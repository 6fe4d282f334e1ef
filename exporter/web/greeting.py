"""A connection until its TLS handshake is over.

The handshake has its own deadline, and happens for each connection on the terms of the moment: a renewed certificate
serves the next client. A client that says nothing costs a socket and no more, and one that speaks plain HTTP is told so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from collections.abc import Callable

from exporter.web.connection import Connection
from exporter.web.crowd import Crowd
from exporter.web.refusals import Reason, Refusals
from exporter.web.terms import Terms
from exporter.web.tls import is_allowed

_LOG = logging.getLogger(__name__)

# The first byte of every TLS connection: a record with a handshake in it.
_HANDSHAKE = b"\x16"
_PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n"
    b"Connection: close\r\n\r\nThis server speaks HTTPS.\n"
)


class Greeting(asyncio.Protocol):
    """Hands over to ``connection`` when the client is known to be welcome; ``seconds`` are what it has for that."""

    is_served = False

    def __init__(
        self, connection: Connection, terms: Callable[[], Terms], crowd: Crowd, refusals: Refusals, seconds: float
    ) -> None:
        self._connection, self._terms = connection, terms
        self._crowd, self._refusals, self._seconds = crowd, refusals, seconds
        self._open = connection.server_state.connections
        self._loop = asyncio.get_running_loop()
        self._early: list[bytes] = []
        self._is_lost = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        terms = self._terms()
        self._transport = transport
        if terms.tls is None:
            self._hand_over(transport)
            return
        transport.pause_reading()
        # The server closes these when it ends.
        self._open.add(self)  # type: ignore[arg-type]  # it is asked for nothing but shutdown()
        self._crowd.enter(self)
        if not transport.is_closing():
            self._task = self._loop.create_task(self._greet(transport, terms.tls, terms))

    def data_received(self, data: bytes) -> None:
        """Keep what came in one piece with the end of the handshake."""
        self._early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._is_lost = True
        self._leave()

    def turn_away(self) -> None:
        self._refuse(Reason.CROWDED)

    def shutdown(self) -> None:
        """End it, since the server ends."""
        self._end()

    async def _greet(self, transport: asyncio.Transport, tls: ssl.SSLContext, terms: Terms) -> None:
        deadline = self._loop.time() + self._seconds
        # Some Pythons, 3.11.2 among them, begin to read after connection_made() although it has paused them.
        transport.resume_reading()
        transport.pause_reading()
        try:
            async with asyncio.timeout_at(deadline):
                first = await _first_byte(transport)
            if first != _HANDSHAKE:
                self._refuse_plain(first)
                return
            left = max(deadline - self._loop.time(), 0.001)
            secured = await self._loop.start_tls(
                transport, self, tls, server_side=True, ssl_handshake_timeout=left, ssl_shutdown_timeout=left
            )
        except OSError as error:
            # TimeoutError is one; so is what asyncio raises when a handshake takes too long.
            is_late = isinstance(error, TimeoutError) or type(error) is ConnectionAbortedError
            self._refuse(Reason.SLOW if is_late else Reason.HANDSHAKE, str(error))
            return
        if secured is None or self._is_lost:
            self._end()
        elif not is_allowed(secured.get_extra_info("peercert"), terms.names):
            self._transport = secured
            self._refuse(Reason.HANDSHAKE, "the certificate has none of client_allowed_sans")
        else:
            self._leave()
            self._hand_over(secured)

    def _hand_over(self, transport: asyncio.Transport) -> None:
        transport.set_protocol(self._connection)
        self._connection.connection_made(transport)
        for data in self._early:
            if not transport.is_closing():
                self._connection.data_received(data)

    def _refuse_plain(self, first: bytes) -> None:
        if first:
            self._note(Reason.HANDSHAKE, "the client does not speak TLS")
            self._transport.write(_PLAIN)
        self._leave()
        self._transport.close()

    def _refuse(self, reason: Reason, detail: str = "") -> None:
        self._note(reason, detail)
        self._end()

    def _note(self, reason: Reason, detail: str) -> None:
        self._refusals.note(reason)
        _LOG.debug("refused a client", extra={"fields": {"reason": reason.value, "detail": detail}})

    def _end(self) -> None:
        self._leave()
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task(self._loop):
            task.cancel()
        self._transport.abort()

    def _leave(self) -> None:
        self._open.discard(self)
        self._crowd.leave(self)


async def _first_byte(transport: asyncio.Transport) -> bytes:
    """Return the first byte that comes, and leave it where it is; b"" when there will be none.

    The transport does not let anybody wait for its socket; it does not mind a second descriptor of it.
    """
    loop = asyncio.get_running_loop()
    with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as peeked:
        arrived = asyncio.Event()
        loop.add_reader(peeked, arrived.set)
        try:
            await arrived.wait()
            with contextlib.suppress(ConnectionError):
                return peeked.recv(1, socket.MSG_PEEK)
            return b""
        finally:
            loop.remove_reader(peeked)
