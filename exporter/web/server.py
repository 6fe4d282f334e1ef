"""The HTTP server: serves what the worker has published, and computes nothing itself.

It runs in a thread of its own, so a slow evaluation delays no scrape and a slow client no evaluation.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import uvicorn

from exporter.exposition.page import Page
from exporter.exposition.text import live_tail
from exporter.web.address import BACKLOG, listener_on
from exporter.web.application import Application
from exporter.web.connection import connection_with
from exporter.web.crowd import Crowd, room
from exporter.web.greeting import Greeting
from exporter.web.lifecycle import Lifecycle
from exporter.web.refusals import Refusals
from exporter.web.request import LARGEST_HEAD
from exporter.web.site import NoSite, Site
from exporter.web.terms import OPEN, Terms

logger = logging.getLogger(__name__)

# Longer than a usual scrape interval: Prometheus keeps its connection between scrapes.
_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 2
_AT_ONCE = 64
_JOIN_SECONDS = _GRACE_SECONDS + 3
# A scrape hands the interpreter over some five times, and waits each time until the worker has had it for so long.
# Python's own 5 ms would make tens of milliseconds of that; while nobody waits, a shorter time costs nothing.
_TURN_SECONDS = 0.0005

# A request is a few hundred bytes: whoever needs longer for them is no client.
_REQUEST_SECONDS = 10.0


class Server:
    """Serves ``/metrics``, ``/-/healthy``, ``/-/ready`` and the pages of a ``site`` on one address.

    The callables are asked on each request, in threads of the server: ``page`` the newest published page (None:
    nothing evaluated yet), ``ready`` whether that is worth scraping, ``terms`` on which terms clients are served (all of
    these must answer at once), ``tail`` the families that are true only at the moment, which may take its time. ``on_death`` is called, once, should the server end without having been stopped.
    A client has ``request_seconds`` for a request. With ``control`` there are ``/-/reload`` and ``/-/quit``, too.
    """

    def __init__(
        self,
        host: str,
        port: int,
        page: Callable[[], Page | None],
        ready: Callable[[], bool],
        *,
        site: Site | None = None,
        tail: Callable[[], Page] = live_tail,
        on_death: Callable[[], None] = lambda: None,
        request_seconds: float = _REQUEST_SECONDS,
        terms: Callable[[], Terms] = lambda: OPEN,
        control: Lifecycle | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self._address = (host, port)
        self._on_death = on_death
        refusals = refusals or Refusals()
        self._application = Application(page, ready, site or NoSite(), tail, terms, refusals, control)
        self._uvicorn = uvicorn.Server(
            _configuration(
                self._application, _protocols(terms, Crowd(room()), refusals, request_seconds), self._lengthen
            )
        )
        self._thread: threading.Thread | None = None
        self._port = port
        self._has_died = False

    @property
    def has_died(self) -> bool:
        """Whether the server has ended without having been stopped; why is in the log."""
        return self._has_died

    @property
    def port(self) -> int:
        """The port that is listened on, also where port 0 was asked for. RuntimeError before the start."""
        if self._thread is None:
            raise RuntimeError("the server has not been started")
        return self._port

    def start(self) -> None:
        """Bind, then serve in the background. Raises OSError when the address cannot be had.

        Connections are taken from the moment this returns. A server starts once.
        """
        if self._thread is not None:
            raise RuntimeError("the server has been started before")
        self._listener = listener = listener_on(*self._address)
        sys.setswitchinterval(_TURN_SECONDS)
        self._port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(listener,), name="http", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests under way, for two seconds at most, and free the port. Safe to repeat."""
        if self._thread is None:
            return
        self._uvicorn.should_exit = True
        self._thread.join(_JOIN_SECONDS)
        if self._thread.is_alive():
            logger.error("the HTTP server did not stop in time")

    async def _lengthen(self) -> None:
        """Let more clients wait in line: one whose call is dropped calls again after a second."""
        self._listener.listen(BACKLOG)

    def _run(self, listener: socket.socket) -> None:
        try:
            with listener:
                self._uvicorn.run(sockets=[listener])
        except BaseException:
            logger.exception("the HTTP server failed")
        finally:
            self._application.close()
        if not self._uvicorn.should_exit:
            # A process that measures what nobody can scrape had better be restarted.
            self._has_died = True
            self._on_death()


def _protocols(
    terms: Callable[[], Terms], crowd: Crowd, refusals: Refusals, seconds: float
) -> Callable[..., asyncio.Protocol]:
    """Return what makes a protocol for each connection, from the arguments that uvicorn has for it."""
    kind = connection_with(seconds, crowd, refusals)

    def protocol(**arguments: Any) -> asyncio.Protocol:
        present = arguments["server_state"].connections
        return Greeting(partial(kind, **arguments), present, terms, crowd, refusals, seconds)

    return protocol


def _configuration(
    application: Application, protocol: Callable[..., asyncio.Protocol], settled: Callable[[], Awaitable[None]]
) -> uvicorn.Config:
    """Return uvicorn's settings; ``settled`` is called when it serves, and now and then after that."""
    return uvicorn.Config(
        application,
        interface="asgi3",
        loop="asyncio",
        http=protocol,  # type: ignore[arg-type]  # uvicorn means a class, and only ever calls it
        ws="none",
        lifespan="off",
        # Its loggers reach ours by propagation; only what is wrong is of interest.
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        # Also how many connections are accepted before anything else has its turn. Afterwards the line may be longer.
        backlog=_AT_ONCE,
        callback_notify=settled,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
