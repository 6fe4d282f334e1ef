"""Where the server listens."""

from __future__ import annotations

import ipaddress
import re
import socket

_ADDRESS = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<host>[^\s:/\[\]]*)):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65535
BACKLOG = 2048


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


def listener_on(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises OSError that says where it could not."""
    try:
        listener = _listen(host, port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise OSError(error.errno, f"cannot listen on {host or '*'} port {port}: {reason}") from error
    # Head and body are sent apart. Without this, which asyncio does for listeners that it makes itself, the body
    # would wait for the client to acknowledge the head, and that may take 40 ms. Connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _listen(host: str, port: int) -> socket.socket:
    if not host and socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True)
    return socket.create_server((host, port), family=_family(host, port), backlog=BACKLOG)


def _family(host: str, port: int) -> socket.AddressFamily:
    families = {found[0] for found in socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)}  # noqa: S104 - asked for
    # A name that has both, such as localhost, is served where most clients look first.
    return socket.AF_INET if socket.AF_INET in families else socket.AF_INET6


def _is_version_six(host: str | None) -> bool:
    if host is None:
        return True
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
