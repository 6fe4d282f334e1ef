"""One client's connection: uvicorn's, with an end to its patience.

A server without deadlines can be brought down by whoever opens connections and says nothing. uvicorn has one only for
what lies between two requests.
"""

from __future__ import annotations

import asyncio
import http
import logging
import sys

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from exporter.web.crowd import Crowd
from exporter.web.refusals import Reason, Refusals

_LOG = logging.getLogger(__name__)

# uvicorn warns of each request that is none: whoever likes could fill the log. They are counted instead.
_UVICORN = logging.getLogger("uvicorn.connection")
_UVICORN.setLevel(logging.ERROR)

WELCOME = "welcome"
"""What the application sets in the state of a request whose client it has served."""

# For a client that does not take its answer. Longer than any scrape.
_READING_SECONDS = 75.0
_REFUSALS = {
    400: b"Bad request.\n",
    414: b"The address is too long.\n",
    431: b"The head of the request is too long.\n",
    501: b"Not implemented.\n",
}


class Connection(H11Protocol):
    """A request has to be here ``request_seconds`` after its first byte; the first one, after the connection was made."""

    request_seconds: float
    crowd: Crowd
    refusals: Refusals

    _has_answered = False
    _request_timer: asyncio.TimerHandle | None = None
    _reading_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.logger = _UVICORN
        super().connection_made(transport)
        self.crowd.enter(self)
        self._watch_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_request()

    def on_response_complete(self) -> None:
        self._has_answered = True
        if WELCOME in self.scope["state"]:
            self.crowd.recognise(self)
        super().on_response_complete()
        # The next request may have begun before.
        self._watch_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_timer = _stopped(self._request_timer)
        self._reading_timer = _stopped(self._reading_timer)
        self.crowd.leave(self)
        super().connection_lost(exc)

    @property
    def is_served(self) -> bool:
        """Whether a request is being answered."""
        # uvicorn has none before the first request, whatever it declares.
        return bool(self.cycle) and not self.cycle.response_complete

    def turn_away(self) -> None:
        """Make room for another one."""
        self._end(Reason.CROWDED, "room was needed for others")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading_timer = self.loop.call_later(_READING_SECONDS, self._give_up, "the answer was not read in time")

    def resume_writing(self) -> None:
        self._reading_timer = _stopped(self._reading_timer)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():
            self._give_up("the answer was not read in time")
        super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request; uvicorn calls this while it handles h11's error, and knows one status only."""
        del msg
        if self.conn.our_state is not h11.IDLE:
            # In the middle of an answer there is nothing more to say.
            self.transport.close()
            return
        error = sys.exception()
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        if status == 431 and b"\n" not in self.conn.trailing_data[0]:
            # Not even the first line has come to its end.
            status = 414
        self.refusals.note(Reason.MALFORMED)
        self._refuse(status if status in _REFUSALS else 400)

    def _refuse(self, status: int) -> None:
        body = _REFUSALS[status]
        headers = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        reason = http.HTTPStatus(status).phrase.encode()
        self.transport.write(self.conn.send(h11.Response(status_code=status, headers=headers, reason=reason)))
        self.transport.write(self.conn.send(h11.Data(data=body)))
        self.transport.write(self.conn.send(h11.EndOfMessage()))
        self.transport.close()

    def _watch_request(self) -> None:
        """Let the clock run while a request is awaited or here in part, and not anew with each byte of it."""
        if self.transport.is_closing() or not self._is_waiting():
            self._request_timer = _stopped(self._request_timer)
        elif self._request_timer is None:
            self._request_timer = self.loop.call_later(
                self.request_seconds, self._give_up, "no request arrived in time"
            )

    def _is_waiting(self) -> bool:
        if self.conn.their_state is h11.IDLE:
            begun, _ = self.conn.trailing_data
            return bool(begun) or not self._has_answered
        # No route wants a body, but until it is here the connection cannot be used again.
        return self.conn.their_state is h11.SEND_BODY

    def _give_up(self, detail: str) -> None:
        self._end(Reason.SLOW, detail)

    def _end(self, reason: Reason, detail: str) -> None:
        self.refusals.note(reason)
        _LOG.debug("closed a connection", extra={"fields": {"reason": reason.value, "detail": detail}})
        # Not close(), which waits until what was written has been taken.
        self.transport.abort()


def connection_with(request_seconds: float, crowd: Crowd, refusals: Refusals) -> type[Connection]:
    """Return the class of connections with this deadline, as uvicorn wants a class."""
    shared = {"request_seconds": request_seconds, "crowd": crowd, "refusals": refusals}
    return type("Connection", (Connection,), shared)


def _stopped(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Stop a timer if there is one; return what is left of it, which is nothing."""
    if timer is not None:
        timer.cancel()
    return None
