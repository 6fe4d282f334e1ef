"""What systemd is told of the service's state, by the protocol of sd_notify(3).

A datagram of lines ``KEY=value`` goes to the socket that ``NOTIFY_SOCKET`` names. Without that variable nobody wants
to know, and nothing is sent.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

_LOG = logging.getLogger(__name__)

# The manager reads at once; one that hangs must not hang us.
_SEND_SECONDS = 1.0

Clock = Callable[[], int]


def monotonic() -> int:
    """Microseconds of the clock that systemd compares with."""
    return time.monotonic_ns() // 1000


class Systemd:
    """``environment`` is the process's own, ``clock`` monotonic microseconds."""

    def __init__(self, environment: Mapping[str, str], clock: Clock = monotonic) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._clock = clock
        self._heartbeat = _watchdog(environment) // 2
        self._beaten_at: int | None = None
        self._failing = False

    def ready(self, status: str) -> None:
        """There is something to scrape; also ends a reload, whatever came of it."""
        self._send("READY=1", f"STATUS={_line(status)}")

    def reloading(self) -> None:
        self._send("RELOADING=1", f"MONOTONIC_USEC={self._clock()}", "STATUS=reloading the configuration")

    def stopping(self) -> None:
        self._send("STOPPING=1", "STATUS=stopping")

    def status(self, text: str) -> None:
        """Say what is going on, in a line for people."""
        self._send(f"STATUS={_line(text)}")

    def alive(self) -> None:
        """The worker works; to be called often: it is passed on twice in each period of the watchdog."""
        if not self._heartbeat:
            return
        now = self._clock()
        if self._beaten_at is None or now - self._beaten_at >= self._heartbeat:
            self._beaten_at = now
            self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(_SEND_SECONDS)
                channel.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            # The service works without; systemd will act on its own time-outs.
            if not self._failing:
                _LOG.warning("systemd cannot be told of our state", extra={"fields": {"error": str(error)}})
            self._failing = True
        else:
            self._failing = False


def _address(stated: str) -> str | None:
    """Return the address of a socket: a path, or an abstract name, which is written with ``@`` for its zero byte."""
    if stated.startswith("@"):
        return "\0" + stated[1:]
    if stated and not stated.startswith("/"):
        _LOG.warning("NOTIFY_SOCKET is of an unknown kind", extra={"fields": {"address": stated}})
        return None
    return stated or None


def _watchdog(environment: Mapping[str, str]) -> int:
    """Return the watchdog's period in microseconds, 0 if there is none or it watches another process."""
    stated, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", str(os.getpid()))
    return int(stated) if stated.isdecimal() and process == str(os.getpid()) else 0


def _line(text: str) -> str:
    return " ".join(text.split())
