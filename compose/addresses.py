"""Where the parts of the stack listen."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Addresses:
    """``host:port`` of each; ``sink`` takes HTTP and ``mail`` SMTP, both for the notification sink."""

    exporter: str
    prometheus: str
    alertmanager: str
    sink: str
    mail: str
    grafana: str

    def named(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


IN_CONTAINERS = Addresses(
    exporter="driftbell:9911",
    prometheus="prometheus:9090",
    alertmanager="alertmanager:9093",
    sink="sink:9097",
    mail="sink:9025",
    grafana="grafana:3000",
)
ON_LOOPBACK = Addresses(**{name: f"127.0.0.1:{at.partition(':')[2]}" for name, at in IN_CONTAINERS.named().items()})


def free() -> Addresses:
    """Return addresses on loopback that nobody listens on at the moment."""
    with ExitStack() as stack:
        # All at once: one that was closed might be given a second time.
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in fields(Addresses)]
        return Addresses(*(f"127.0.0.1:{probe.getsockname()[1]}" for probe in probes))


def taken(address: str) -> str | None:
    """Say why nobody can listen on an address, or None if somebody can."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_server((host, int(port))).close()
    except OSError as error:
        # Without what Python adds to it.
        return os.strerror(error.errno) if error.errno else str(error)
    return None
