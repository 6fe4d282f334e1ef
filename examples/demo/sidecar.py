"""The exporter of the demo: a child process, ended with the demo."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FETCH_SECONDS = 4.0
STOP_SECONDS = 10.0
LAST_LINES = 20


class DemoError(Exception):
    """Why the demo cannot go on; ``code`` is the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def check_free(address: str) -> None:
    """Raise DemoError if the address cannot be had: better now than after the set-up."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DemoError(
            f"cannot listen on {address}: {reason}. Stop what does, or choose another: make demo DEMO_ADDRESS=host:port",
            2,
        ) from error


@contextmanager
def exporter(config: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the exporter on this configuration, its state and log beside it.

    On leaving it is told to end with SIGTERM. Raises DemoError, with the end of its log, if it
    ended before, or badly.
    """
    log = config.parent / "exporter.log"
    command = [sys.executable, "-m", "exporter", "serve", f"--config.file={config}"]
    command += [f"--storage.path={config.parent / 'state'}", f"--web.listen-address={address}"]
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603 - our own
    try:
        yield child
    finally:
        early = child.poll() is not None
        _end(child)
    if early or child.returncode != 0:
        when = "by itself" if early else "when it was told to"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise DemoError(f"the exporter ended {when}, with exit code {child.returncode}:\n{tail}", 1)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def ends_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the child to end by itself, so long at most; say whether it did."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def fetch(address: str) -> str | None:
    """Return the page of figures, or None while there is none."""
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=FETCH_SECONDS) as answer:
            body: bytes = answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None
    return body.decode()
