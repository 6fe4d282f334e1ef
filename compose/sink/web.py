"""An HTTP server that takes JSON by POST, and shows pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

_LONGEST = 1 << 20
_PATIENCE = 30.0


class Call(NamedTuple):
    """A POST of JSON: where to, with which authorization, and what it said."""

    path: str
    authorization: str
    body: dict[str, Any]


class Page(NamedTuple):
    kind: str
    text: str


# PagerDuty accepts with 202, and the chat with an ok in its JSON; any other caller takes both for yes as well.
_YES = Page("application/json", '{"ok":true,"status":"success"}')


class WebServer(ThreadingHTTPServer):
    """``take`` says whether the path of a call is one that it knows; ``show`` returns the page of a path, if there is one."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], take: Callable[[Call], bool], show: Callable[[str], Page | None]
    ) -> None:
        self.take = take
        self.show = show
        super().__init__(address, _Request)


class _Request(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server: WebServer

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("content-length", ""))
            if length > _LONGEST:
                return self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            body = json.loads(self.rfile.read(length))
        except ValueError:
            return self._answer(HTTPStatus.BAD_REQUEST)
        if not isinstance(body, dict):
            return self._answer(HTTPStatus.BAD_REQUEST)
        if not self.server.take(Call(self.path, self.headers.get("authorization", ""), body)):
            return self._answer(HTTPStatus.NOT_FOUND)
        return self._answer(HTTPStatus.ACCEPTED, _YES)

    def do_GET(self) -> None:
        page = self.server.show(self.path)
        self._answer(HTTPStatus.OK if page else HTTPStatus.NOT_FOUND, page)

    def _answer(self, status: HTTPStatus, page: Page | None = None) -> None:
        kind, text = page or Page("text/plain", f"{status.phrase}\n")
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", f"{kind}; charset=utf-8")
        self.send_header("content-length", str(len(data)))
        self.send_header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("x-content-type-options", "nosniff")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing: what came is on the page."""
