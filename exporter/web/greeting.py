"""A connection until its TLS handshake is over.

The handshake has its own deadline, and happens for each connection on the terms of the moment: a renewed certificate
serves the next client. A client that says nothing costs a socket and no more, and one that speaks plain HTTP is told so.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable

from exporter.web.connection import Connection
from exporter.web.crowd import Crowd
from exporter.web.first_byte import FirstByte
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
    """Hands over to a ``connection``, made then, when the client is known to be welcome.

    The client has ``seconds`` for that. ``present`` is where the server looks for the connections that it has.
    """

    is_served = False
    is_stalled = False

    def __init__(
        self,
        connection: Callable[[], Connection],
        present: set[asyncio.Protocol],
        terms: Callable[[], Terms],
        crowd: Crowd,
        refusals: Refusals,
        seconds: float,
    ) -> None:
        self._connection, self._present, self._terms = connection, present, terms
        self._crowd, self._refusals, self._seconds = crowd, refusals, seconds
        self._loop = asyncio.get_running_loop()
        self._early: list[bytes] = []
        self._is_lost = False
        self._first: FirstByte | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._agreed = terms = self._terms()
        self._transport = transport
        if terms.tls is None:
            self._hand_over(transport)
            return
        self._deadline = self._loop.time() + self._seconds
        transport.pause_reading()
        # The server closes these when it ends.
        self._present.add(self)
        self._crowd.enter(self)
        self._loop.call_soon(self._listen)

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

    def _listen(self) -> None:
        if self._transport.is_closing():
            return  # it had to leave at once
        # Some Pythons, 3.11.2 among them, begin to read after connection_made() although it has paused them.
        self._transport.resume_reading()
        self._transport.pause_reading()
        self._first = FirstByte(self._transport, self._deadline, self._heard)

    def _heard(self, first: bytes | None) -> None:
        if first is None:
            self._refuse(Reason.SLOW)
        elif first != _HANDSHAKE or self._agreed.tls is None:
            self._refuse_plain(first)
        else:
            self._task = self._loop.create_task(self._greet(self._agreed.tls))

    async def _greet(self, tls: ssl.SSLContext) -> None:
        left = max(self._deadline - self._loop.time(), 0.001)
        try:
            secured = await self._loop.start_tls(
                self._transport, self, tls, server_side=True, ssl_handshake_timeout=left, ssl_shutdown_timeout=left
            )
        except OSError as error:
            # TimeoutError is one; so is what asyncio raises when a handshake takes too long.
            is_late = isinstance(error, TimeoutError) or type(error) is ConnectionAbortedError
            self._refuse(Reason.SLOW if is_late else Reason.HANDSHAKE, str(error))
            return
        if secured is None or self._is_lost:
            self._end()
        elif not is_allowed(secured.get_extra_info("peercert"), self._agreed.names):
            self._transport = secured
            self._refuse(Reason.HANDSHAKE, "the certificate has none of client_allowed_sans")
        else:
            self._leave()
            self._hand_over(secured)

    def _hand_over(self, transport: asyncio.Transport) -> None:
        connection = self._connection()
        transport.set_protocol(connection)
        connection.connection_made(transport)
        for data in self._early:
            if not transport.is_closing():
                connection.data_received(data)

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
        if self._first is not None:
            self._first.close()
        self._present.discard(self)
        self._crowd.leave(self)
