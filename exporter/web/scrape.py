"""One scrape: the newest page with the live part after it, in the format and coding that the client wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exporter.exposition.live_part import LivePart
from exporter.exposition.page import NOTHING, Page
from exporter.web.negotiation import format_of, patience, takes_gzip
from exporter.web.response import Response

Headers = Iterable[tuple[bytes, bytes]]

# What fits into one packet is not worth the work on both sides.
_WORTH_COMPRESSING = 1400
_VARY = (b"vary", b"Accept, Accept-Encoding")


class Scrapes:
    """Answers scrapes; ``page`` gives the newest published page, None before there is one."""

    def __init__(self, page: Callable[[], Page | None], live: Callable[[], Page]) -> None:
        self._page = page
        self._live = LivePart(live)

    async def answer(self, headers: Headers) -> Response:
        """Return the answer to a request with these headers (names in lower case)."""
        form = format_of(_value(headers, b"accept"))
        live = await self._live.within(patience(_value(headers, b"x-prometheus-scrape-timeout-seconds")))
        # Nothing evaluated yet is no failure of the scrape: a 503 would mark the target down.
        page = self._page() or NOTHING
        size = page.size(form) + live.size(form)
        if size >= _WORTH_COMPRESSING and takes_gzip(_value(headers, b"accept-encoding")):
            parts = page.compressed_parts(form, live)
            return Response(200, b"", form.content_type, (_VARY, (b"content-encoding", b"gzip")), parts=parts)
        return Response(200, b"", form.content_type, (_VARY,), parts=page.document_parts(form, live))


def _value(headers: Headers, name: bytes) -> str:
    """Return a header's value; one that is sent in several lines is one list."""
    return ",".join(value.decode("latin-1") for key, value in headers if key == name)
