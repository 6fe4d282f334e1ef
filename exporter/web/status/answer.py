"""One page, made for one request."""

from __future__ import annotations

import gzip

from exporter.figures.spread import Spreads
from exporter.web.negotiation import takes_gzip
from exporter.web.response import HTML, Response
from exporter.web.site import Visit
from exporter.web.status.frame import Refreshing, address_of
from exporter.web.status.model_page import model_page
from exporter.web.status.overview import overview
from exporter.web.status.site import Sources
from exporter.web.status.style import POLICY
from exporter.web.status.survey import Moment

# What the address of a page may ask for: that it comes again by itself, or that it does not.
_LIVE, _STILL = b"live", b"still"
_MINUTE = (b"refresh", b"60")
# What fits into one packet is not worth the work on both sides.
_WORTH_COMPRESSING = 1400
_COMPRESSION = 4


def answer_to(sources: Sources, visit: Visit, model: str | None, spreads: Spreads | None) -> Response:
    """Return the page of a model, or of all of them; ``spreads`` None: they could not be had."""
    moment = Moment(sources.page(), tuple(sources.own()), sources.clock())
    refreshing = refreshing_of(visit.query, model)
    if model is None:
        body = overview(moment, sources.models(), sources.version, refreshing)
    else:
        body = model_page(moment, model, spreads, sources.version, refreshing)
    headers = [(b"vary", b"Accept-Encoding")]
    if refreshing.is_on:
        headers.append(_MINUTE)
    if len(body) >= _WORTH_COMPRESSING and takes_gzip(visit.accept_encoding):
        body = gzip.compress(body, _COMPRESSION, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    return Response(200, body, HTML, tuple(headers), POLICY.encode())


def refreshing_of(query: bytes, model: str | None) -> Refreshing:
    """The overview comes again by itself unless it is told not to; who reads a model's page would lose their place."""
    if model is None:
        is_on = query != _STILL
        return Refreshing(is_on, "/?still" if is_on else "/")
    is_on = query == _LIVE
    return Refreshing(is_on, address_of(model) + ("" if is_on else "?live"))
