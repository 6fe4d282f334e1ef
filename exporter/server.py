"""The HTTP server: serves what the worker has published, and computes nothing itself.

It runs in a thread of its own, so a slow evaluation delays no scrape and a slow client no evaluation.
Nothing of a request is ever echoed.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import uvicorn

from exporter import exposition

logger = logging.getLogger(__name__)

# A published page is bytes because bytes cannot change under a scrape that is being served.
Page: TypeAlias = bytes
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]

_ADDRESS = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<host>[^\s:/\[\]]*)):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65535
_BACKLOG = 2048
# Longer than a usual scrape interval: Prometheus keeps its connection between scrapes.
_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 2
_JOIN_SECONDS = _GRACE_SECONDS + 3
_LARGEST_REQUEST_HEAD = 16 * 1024

_PLAIN = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_COMMON_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
)


@dataclass(frozen=True, slots=True)
class Response:
    """What a route answers."""

    status: int
    body: bytes
    content_type: str = _PLAIN
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Server:
    """Serves ``/metrics``, ``/``, ``/-/healthy`` and ``/-/ready`` on one address.

    The callables are asked on each request, in the server's thread, and must answer at once:
    ``page`` the newest published page (None: nothing evaluated yet), ``ready`` whether that is worth
    scraping, ``landing`` the HTML of ``/``, ``tail`` the families that are true only at the moment.
    """

    def __init__(
        self,
        host: str,
        port: int,
        page: Callable[[], Page | None],
        ready: Callable[[], bool],
        *,
        landing: Callable[[], str],
        tail: Callable[[], bytes] = exposition.live_tail,
    ) -> None:
        self._address = (host, port)
        self._page, self._ready, self._landing, self._tail = page, ready, landing, tail
        self._routes: Mapping[str, Callable[[], Response]] = {
            "/": self._root,
            "/metrics": self._metrics,
            "/-/healthy": _healthy,
            "/-/ready": self._readiness,
        }
        self._uvicorn = uvicorn.Server(_configuration(self._answer))
        self._thread: threading.Thread | None = None
        self._port = port

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
        with listener:
            self._uvicorn.run(sockets=[listener])

    async def _answer(self, scope: dict[str, Any], _receive: Receive, send: Send) -> None:
        response = self._response(scope["method"], scope["path"])
        await send({"type": "http.response.start", "status": response.status, "headers": _headers(response)})
        # Under HEAD uvicorn leaves the body out.
        await send({"type": "http.response.body", "body": response.body})

    def _response(self, method: str, path: str) -> Response:
        route = self._routes.get(path)
        if route is None:
            return Response(404, b"Not found.\n")
        if method not in {"GET", "HEAD"}:
            return Response(405, b"Method not allowed.\n", headers=((b"allow", b"GET, HEAD"),))
        return route()

    def _metrics(self) -> Response:
        # Nothing evaluated yet is no failure of the scrape: a 503 would mark the target down.
        return Response(200, (self._page() or b"") + self._tail_or_nothing(), exposition.CONTENT_TYPE)

    def _tail_or_nothing(self) -> bytes:
        try:
            return self._tail()
        except Exception:
            # The models' figures are worth more than the process's own: serve them without.
            logger.exception("the live part of the page failed")
            return b""

    def _root(self) -> Response:
        return Response(200, self._landing().encode("utf-8", "replace"), _HTML)

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


def _configuration(application: Callable[..., Awaitable[None]]) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        interface="asgi3",
        loop="asyncio",
        http="h11",
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


def _headers(response: Response) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", response.content_type.encode()),
        (b"content-length", str(len(response.body)).encode()),
        *_COMMON_HEADERS,
        *response.headers,
    ]


def _healthy() -> Response:
    return Response(200, b"Healthy.\n")
