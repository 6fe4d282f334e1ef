"""Pages for people, as the server sees them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from exporter.web.response import Response


class Visit(NamedTuple):
    """What is asked for, and by whom."""

    path: str
    query: bytes
    accept_encoding: str
    client: str


class Site(Protocol):
    """Pages at paths that are in no other use. To be used in one event loop."""

    def has(self, path: str) -> bool:
        """Whether there is such a page; answers at once."""
        ...

    async def answer(self, visit: Visit) -> Response:
        """Return a page that there is; may take its time, and takes none of the event loop's."""
        ...

    def close(self) -> None:
        """Begin nothing more."""
        ...


class NoSite:
    """No pages at all."""

    def has(self, path: str) -> bool:
        del path
        return False

    async def answer(self, visit: Visit) -> Response:
        del visit
        return Response(404, b"Not found.\n")

    def close(self) -> None:
        pass
