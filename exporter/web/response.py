"""What the HTTP server answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

_COMMON_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

# Small against a page, and much of what it costs to send: what a client has not taken yet is a copy of its own.
BLOCK = 131072

_NOTHING_ALLOWED = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; ``headers`` come on top of those that every answer has, ``policy`` is its Content-Security-Policy.

    ``parts`` follow the ``body``: what other answers hold, too, and none of them copies.
    """

    status: int
    body: bytes
    content_type: str = PLAIN
    headers: tuple[tuple[bytes, bytes], ...] = ()
    policy: bytes = _NOTHING_ALLOWED
    parts: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes the body has, with its parts."""
        return len(self.body) + sum(map(len, self.parts))

    def blocks(self) -> Iterator[bytes | memoryview]:
        """Yield the body with its parts in blocks, each made when it is asked for; none of an empty one."""
        return _blocks((self.body, *self.parts))

    def all_headers(self, stated: Sequence[tuple[bytes, bytes]] = ()) -> list[tuple[bytes, bytes]]:
        """Return them as they are sent; ``stated`` ones take the place of our own, empty ones take them away."""
        common = {**dict(_COMMON_HEADERS), b"content-security-policy": self.policy, **dict(stated)}
        return [
            (b"content-type", self.content_type.encode()),
            (b"content-length", str(self.size).encode()),
            *((name, value) for name, value in common.items() if value),
            *self.headers,
        ]


def _blocks(parts: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    gathered: list[bytes | memoryview] = []
    room = BLOCK
    for part in parts:
        rest = memoryview(part)
        while len(rest) >= room:
            yield b"".join((*gathered, rest[:room])) if gathered else rest[:room]
            rest = rest[room:]
            gathered.clear()
            room = BLOCK
        if rest:
            gathered.append(rest)
            room -= len(rest)
    if gathered:
        yield b"".join(gathered)
