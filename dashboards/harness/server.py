"""What the page asks for: itself, the committed dashboards, and Prometheus, all from one place as a Grafana would serve them."""

from __future__ import annotations

import mimetypes
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

BOARDS = Path(__file__).parents[1] / "generated"
_PROMETHEUS = "/prometheus/"
_TIMEOUT = 30


@contextmanager
def served(
    page: Path, prometheus: str, address: tuple[str, int] = ("127.0.0.1", 0), boards: Path = BOARDS
) -> Iterator[str]:
    """Serve the built ``page`` with the Prometheus at a URL; yield the page's own URL."""
    server = ThreadingHTTPServer(address, partial(_Handler, page, prometheus, boards))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield "http://{}:{}".format(*server.server_address[:2])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, page: Path, prometheus: str, boards: Path, *request: object) -> None:
        self._page, self._prometheus, self._boards = page, prometheus.rstrip("/"), boards
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith(_PROMETHEUS):
            self._ask(self.path.removeprefix(_PROMETHEUS[:-1]))
        elif path.startswith("/boards/"):
            self._file(self._boards, path.removeprefix("/boards/"))
        else:
            self._file(self._page, path.strip("/") or "index.html")

    def log_message(self, *_: object) -> None:
        """Say nothing: a page asks a hundred times."""

    def _file(self, folder: Path, name: str) -> None:
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()) and path.is_file():
            self._answer(HTTPStatus.OK, mimetypes.guess_type(path)[0] or "application/octet-stream", path.read_bytes())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"not found\n")

    def _ask(self, path: str) -> None:
        try:
            # The beginning of the URL is that of whoever started this.
            with urllib.request.urlopen(self._prometheus + path, timeout=_TIMEOUT) as answer:  # noqa: S310
                self._answer(answer.status, "application/json", answer.read())
        except urllib.error.HTTPError as error:
            self._answer(error.code, "application/json", error.read())
        except OSError as error:
            self._answer(HTTPStatus.BAD_GATEWAY, "text/plain", f"Prometheus does not answer: {error}\n".encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
