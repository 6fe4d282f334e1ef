"""The HTTP server: serves what the worker has published, and computes nothing itself.

It runs in a thread of its own, so a slow evaluation delays no scrape and a slow client no evaluation.
Nothing of a request is ever echoed.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import uvicorn

from exporter.exposition.page import Page
from exporter.exposition.text import live_tail
from exporter.web.connection import connection_with
from exporter.web.response import HTML, Response
from exporter.web.scrape import Scrapes

logger = logging.getLogger(__name__)

Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]

_ADDRESS = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<host>[^\s:/\[\]]*)):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65535
_METRICS = "/metrics"
_BACKLOG = 2048
# Longer than a usual scrape interval: Prometheus keeps its connection between scrapes.
_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 2
_JOIN_SECONDS = _GRACE_SECONDS + 3
_LARGEST_REQUEST_HEAD = 16 * 1024
# A scrape hands the interpreter over some five times, and waits each time until the worker has had it for so long.
# Python's own 5 ms would make tens of milliseconds of that; while nobody waits, a shorter time costs nothing.
_TURN_SECONDS = 0.0005

# A request is a few hundred bytes: whoever needs longer for them is no client.
_REQUEST_SECONDS = 10.0
_TOO_LARGE = Response(431, b"The head of the request is too long.\n")


class Server:
    """Serves ``/metrics``, ``/``, ``/-/healthy`` and ``/-/ready`` on one address.

    The callables are asked on each request, in threads of the server: ``page`` the newest published page (None:
    nothing evaluated yet), ``ready`` whether that is worth scraping, ``landing`` the HTML of ``/`` (all of these must
    answer at once), ``tail`` the families that are true only at the moment, which may take its time. ``on_death`` is
    called, once, should the server end without having been stopped. A client has ``request_seconds`` for a request.
    """

    def __init__(
        self,
        host: str,
        port: int,
        page: Callable[[], Page | None],
        ready: Callable[[], bool],
        *,
        landing: Callable[[], str],
        tail: Callable[[], Page] = live_tail,
        on_death: Callable[[], None] = lambda: None,
        request_seconds: float = _REQUEST_SECONDS,
    ) -> None:
        self._address = (host, port)
        self._ready, self._landing, self._on_death = ready, landing, on_death
        self._scrapes = Scrapes(page, tail)
        self._routes: Mapping[str, Callable[[], Response]] = {
            "/": self._root,
            "/-/healthy": _healthy,
            "/-/ready": self._readiness,
        }
        self._uvicorn = uvicorn.Server(_configuration(self._answer, request_seconds))
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
        listener = _listen(*self._address)
        # Head and body are sent apart. Without this, which asyncio does for listeners that it makes itself, the body
        # would wait for the client to acknowledge the head, and that may take 40 ms. Connections inherit it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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

    def _run(self, listener: socket.socket) -> None:
        try:
            with listener:
                self._uvicorn.run(sockets=[listener])
        except BaseException:
            logger.exception("the HTTP server failed")
        if not self._uvicorn.should_exit:
            # A process that measures what nobody can scrape had better be restarted.
            self._has_died = True
            self._on_death()

    async def _answer(self, scope: dict[str, Any], _receive: Receive, send: Send) -> None:
        is_large = _head_size(scope) > _LARGEST_REQUEST_HEAD
        response = _TOO_LARGE if is_large else await self._response(scope["method"], scope["path"], scope["headers"])
        await send({"type": "http.response.start", "status": response.status, "headers": response.all_headers()})
        # Under HEAD uvicorn leaves the body out.
        await send({"type": "http.response.body", "body": response.body})

    async def _response(self, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> Response:
        if path not in self._routes and path != _METRICS:
            return Response(404, b"Not found.\n")
        if method not in {"GET", "HEAD"}:
            return Response(405, b"Method not allowed.\n", headers=((b"allow", b"GET, HEAD"),))
        return await self._scrapes.answer(headers) if path == _METRICS else self._routes[path]()

    def _root(self) -> Response:
        return Response(200, self._landing().encode("utf-8", "replace"), HTML)

    def _readiness(self) -> Response:
        return Response(200, b"Ready.\n") if self._ready() else Response(503, b"Not ready.\n")


def parse_listen_address(text: str) -> tuple[str, int]:
    """Return host and port of a listen address; no host means every interface.

    >>> parse_listen_address("[::1]:9911"), parse_listen_address(":9911")
    (('::1', 9911), ('', 9911))

    Raises ValueError that says what is expected.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > _HIGHEST_PORT or not _is_version_six(match["six"]):
        raise ValueError(f"listen address must be host:port, :port or [IPv6]:port, not {text!r}")
    return match["six"] or match["host"] or "", int(match["port"])


def _is_version_six(host: str | None) -> bool:
    if host is None:
        return True
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _configuration(application: Callable[..., Awaitable[None]], request_seconds: float) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        interface="asgi3",
        loop="asyncio",
        http=connection_with(request_seconds),
        ws="none",
        lifespan="off",
        # Its loggers reach ours by propagation; only what is wrong is of interest.
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        h11_max_incomplete_event_size=_LARGEST_REQUEST_HEAD,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        if not host and socket.has_dualstack_ipv6():
            return socket.create_server(("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True)
        family = _family(host, port)
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise OSError(error.errno, f"cannot listen on {host or '*'} port {port}: {reason}") from error


def _family(host: str, port: int) -> socket.AddressFamily:
    families = {found[0] for found in socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)}  # noqa: S104 - asked for
    # A name that has both, such as localhost, is served where most clients look first.
    return socket.AF_INET if socket.AF_INET in families else socket.AF_INET6


def _head_size(scope: dict[str, Any]) -> int:
    """Return the size of a request's head, about: h11 has no limit for one that arrives in one piece."""
    fields = sum(len(name) + len(value) for name, value in scope["headers"])
    return fields + len(scope["raw_path"]) + len(scope["query_string"])


def _healthy() -> Response:
    return Response(200, b"Healthy.\n")
