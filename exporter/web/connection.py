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
from exporter.web.queue import Queue
from exporter.web.refusals import Reason, Refusals

_LOG = logging.getLogger(__name__)

# uvicorn warns of each request that is none: whoever likes could fill the log. They are counted instead.
_UVICORN = logging.getLogger("uvicorn.connection")
_UVICORN.setLevel(logging.ERROR)

CONNECTION = "connection"
"""Where the application finds the connection in the state of a request."""

WELCOME = "welcome"
"""What the application sets in the state of a request whose client it has served."""

# For a client that does not take its answer, all of it. Longer than any scrape.
_READING_SECONDS = 75.0
# Who has taken nothing of it for so long need not stay when there is no room.
_STALLED_SECONDS = 3.0
# Of written bytes that wait in memory; TLS would have eight times as many.
_MOST_WAITING = 65536
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
    queue: Queue

    _has_answered = False
    _request_timer: asyncio.TimerHandle | None = None
    _reading_timer: asyncio.TimerHandle | None = None
    _paused_at: float | None = None
    _is_following = False
    _is_in_line = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.logger = _UVICORN
        super().connection_made(transport)
        transport.set_write_buffer_limits(_MOST_WAITING)
        self.app_state = {**self.app_state, CONNECTION: self}
        self.crowd.enter(self)
        self._watch_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_request()

    def on_response_complete(self) -> None:
        self._has_answered = True
        if WELCOME in self.scope["state"]:
            self.crowd.recognise(self)
        self._reading_timer = _stopped(self._reading_timer)
        if self._paused_at is not None:
            self._watch_reading()
        self._is_following = True
        super().on_response_complete()
        self._is_following = False
        # The next request may have begun before.
        self._watch_request()

    def handle_events(self) -> None:
        """Handle what has been received; a request that came before the answer to the last one waits in line."""
        if self._is_in_line:
            return
        begun, _ = self.conn.trailing_data
        if self._is_following and begun:
            self._is_in_line = True
            self.flow.pause_reading()
            self.queue.enter(self._have_turn)
        else:
            super().handle_events()

    def _have_turn(self) -> None:
        self._is_in_line = False
        if not self.transport.is_closing():
            self.flow.resume_reading()
            super().handle_events()
            self._watch_request()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Let a client that has only ended its own side have the rest of its answer."""
        if self.scheme == "https" or not self.is_served:
            return None
        self.cycle.keep_alive = False
        return True

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

    @property
    def is_stalled(self) -> bool:
        """Whether the client has taken nothing of its answer for some time."""
        return self._paused_at is not None and self.loop.time() - self._paused_at >= _STALLED_SECONDS

    @property
    def is_gone(self) -> bool:
        """Whether what is sent now would reach nobody."""
        return self.transport.is_closing()

    def abandon(self) -> None:
        """End it in the middle of an answer, of which nothing more will come."""
        # uvicorn would call it an error of the application.
        self.cycle.disconnected = True
        self.transport.abort()

    def turn_away(self) -> None:
        """Make room for another one."""
        self._end(Reason.CROWDED, "room was needed for others")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._paused_at = self.loop.time()
        self._watch_reading()

    def resume_writing(self) -> None:
        self._paused_at = None
        if not self.is_served:
            self._reading_timer = _stopped(self._reading_timer)
        super().resume_writing()

    def _watch_reading(self) -> None:
        """Let the clock run from the first pause of an answer to its end, and not anew with each block of it."""
        if self._reading_timer is None:
            self._reading_timer = self.loop.call_later(
                _READING_SECONDS, self._give_up, "the answer was not read in time"
            )

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
        if self._is_in_line:
            return False
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
    shared = {"request_seconds": request_seconds, "crowd": crowd, "refusals": refusals, "queue": Queue()}
    return type("Connection", (Connection,), shared)


def _stopped(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Stop a timer if there is one; return what is left of it, which is nothing."""
    if timer is not None:
        timer.cancel()
    return None
