"""What the HTTP server answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

_COMMON_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


_NOTHING_ALLOWED = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; ``headers`` come on top of those that every answer has, ``policy`` is its Content-Security-Policy."""

    status: int
    body: bytes
    content_type: str = PLAIN
    headers: tuple[tuple[bytes, bytes], ...] = ()
    policy: bytes = _NOTHING_ALLOWED

    def all_headers(self, stated: Sequence[tuple[bytes, bytes]] = ()) -> list[tuple[bytes, bytes]]:
        """Return them as they are sent; ``stated`` ones take the place of our own, empty ones take them away."""
        common = {**dict(_COMMON_HEADERS), b"content-security-policy": self.policy, **dict(stated)}
        return [
            (b"content-type", self.content_type.encode()),
            (b"content-length", str(len(self.body)).encode()),
            *((name, value) for name, value in common.items() if value),
            *self.headers,
        ]
