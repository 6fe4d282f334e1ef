"""On what terms clients are served: what the web configuration comes to."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from exporter.web.tls import context_of
from exporter.web.web_file import RateLimit, WebFile


class Rate(NamedTuple):
    """A request each ``interval`` microseconds, up to ``burst`` at once."""

    interval: int
    burst: int


@dataclass(frozen=True, slots=True)
class Terms:
    """``tls`` None: plain HTTP. ``names``: one of these a client's certificate must have; None: whatever it has.

    ``users`` maps names to hashes of passwords, both as bytes; none: whoever comes is served.
    """

    tls: ssl.SSLContext | None = None
    names: frozenset[str] | None = None
    # Never shown where the terms are printed.
    users: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    headers: tuple[tuple[bytes, bytes], ...] = ()
    rate: Rate | None = None


OPEN = Terms()


def terms_of(file: WebFile) -> Terms:
    """Read the certificates that a file names. Raises ``TlsProblem``."""
    tls = file.tls_server_config
    names = tls.client_allowed_sans if tls else None
    return Terms(
        context_of(tls) if tls else None,
        None if names is None else frozenset(names),
        {name.encode(): text.encode() for name, text in file.basic_auth_users.items()},
        tuple((name.lower().encode(), value.encode()) for name, value in file.http_server_config.headers.items()),
        _rate(file.rate_limit),
    )


def loosened(before: Terms, after: Terms) -> str:
    """Say what would let in somebody who had to prove something before; nothing if there is no such thing.

    A file that is just being written is a shorter one for a moment: nobody may slip in by that.
    """
    if before.tls is not None and after.tls is None:
        return "tls_server_config is gone"
    if before.users and not after.users:
        return "basic_auth_users are gone"
    if _demand(before) > _demand(after):
        return "client_auth_type asks for less"
    if before.names is not None and after.names is None:
        return "client_allowed_sans is gone"
    return ""


def _demand(terms: Terms) -> ssl.VerifyMode:
    # In the order of what they ask for: CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED.
    return terms.tls.verify_mode if terms.tls else ssl.CERT_NONE


def _rate(limit: RateLimit) -> Rate | None:
    return Rate(limit.interval, limit.burst) if limit.interval else None
