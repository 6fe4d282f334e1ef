"""Requests that are refused for their shape, before anybody looks at what they ask for.

No client of ours needs a long address or a body. And where a request could be understood in two ways, as one by a proxy
and as two by us, it is not answered at all (RFC 9112, sections 6.1 and 11.2).
"""

from __future__ import annotations

from typing import Any

from exporter.web.response import Response

LARGEST_HEAD = 16 * 1024
_LONGEST_ADDRESS = 8 * 1024
_LARGEST_BODY = 64 * 1024
# The rest of the connection is of no use: where the next request begins is not known, or not worth waiting for.
_CLOSE = ((b"connection", b"close"),)

_BAD = Response(400, b"Bad request.\n", headers=_CLOSE)
_VERSION = Response(505, b"HTTP/1.1 is spoken here.\n", headers=_CLOSE)
_LONG_ADDRESS = Response(414, b"The address is too long.\n", headers=_CLOSE)
_LARGE_BODY = Response(413, b"The body of the request is too large.\n", headers=_CLOSE)
_LARGE_HEAD = Response(431, b"The head of the request is too long.\n", headers=_CLOSE)


def refusal_of(scope: dict[str, Any]) -> Response | None:
    """Return the answer to an ASGI request that is refused for its shape; None if it is in order."""
    if not scope["http_version"].startswith("1."):
        return _VERSION
    address = len(scope["raw_path"]) + len(scope["query_string"])
    if address > _LONGEST_ADDRESS:
        return _LONG_ADDRESS
    # h11 has no limit for a head that arrives in one piece.
    if address + sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        return _LARGE_HEAD
    headers = dict(scope["headers"])
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if coding is not None and (length is not None or scope["http_version"] == "1.0"):
        return _BAD
    # The parser has made sure that it is a number.
    return _LARGE_BODY if length is not None and int(length) > _LARGEST_BODY else None
