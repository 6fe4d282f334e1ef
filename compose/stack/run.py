"""``make stack``: starts everything, says where it is, and ends all that it started."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from compose import addresses
from compose.addresses import ON_LOOPBACK, Addresses
from compose.stack.child import Child, Service
from compose.stack.failure import NOT_STARTED, StackError
from compose.stack.files import lay_out
from compose.stack.services import services

# A machine with two busy cores profiles the references in less.
READY_SECONDS = 90.0
GRACE_SECONDS = 20.0
_PAUSE = 0.2

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment asks for; ``seconds`` may be infinite, and begin when everything is ready."""

    addresses: Addresses
    seconds: float


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Read ``STACK_SECONDS`` and ``STACK_PORTS``; an empty one counts as absent. Raises StackError.

    >>> settings_of({"STACK_SECONDS": "60"}).seconds
    60.0
    """
    ports = environment.get("STACK_PORTS") or "usual"
    seconds = environment.get("STACK_SECONDS") or "inf"
    if ports not in ("usual", "free"):
        raise StackError(f"STACK_PORTS must be usual or free, not {ports!r}", NOT_STARTED)
    try:
        return Settings(addresses.free() if ports == "free" else ON_LOOPBACK, float(seconds))
    except ValueError:
        raise StackError(f"STACK_SECONDS must be a number, not {seconds!r}", NOT_STARTED) from None


def run(settings: Settings, stop: threading.Event, say: Say) -> None:
    """Run the stack until ``stop`` is set or its time is over. Raises StackError; nothing is left in either case."""
    _check_free(settings.addresses)
    with tempfile.TemporaryDirectory(prefix="driftbell-stack-", ignore_cleanup_errors=True) as folder:
        files = lay_out(Path(folder), settings.addresses)
        wanted = list(services(files, settings.addresses))
        with Children(files.folder) as children:
            say(f"starting {', '.join(service.name for service in wanted)} …")
            for service in wanted:
                children.start(service)
            if _ready(children, stop):
                for line in _table(settings.addresses, {service.name for service in wanted}):
                    say(line)
                _watch(children, stop, settings.seconds)


class Children:
    """Processes that are ended with the block, whatever happens in it."""

    def __init__(self, folder: Path, grace: float = GRACE_SECONDS) -> None:
        self._folder = folder
        self._grace = grace
        self.running: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def start(self, service: Service) -> None:
        try:
            self.running.append(Child(service, self._folder / f"{service.name}.log"))
        except OSError as error:
            raise StackError(f"{service.name} cannot be started: {error}") from error

    def check(self) -> None:
        """Raise StackError when one has ended by itself."""
        for child in self.running:
            if (code := child.ended) is not None:
                raise StackError(f"{child.service.name} ended by itself, {_code(code)}:\n{child.last_lines()}")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Tell all to end, the newest first; kill what has not after a while. Raises StackError if one ends badly."""
        for child in reversed(self.running):
            child.tell_to_end()
        deadline = time.monotonic() + self._grace
        late = [child for child in self.running if not child.wait_until(deadline)]
        for child in late:
            child.kill()
        # One that was still starting may not have learnt yet what to do when it is told to end.
        bad = [child for child in self.running if child.ended not in (0, -signal.SIGTERM)]
        if kind is None and bad:
            raise StackError("\n".join(f"{each.service.name} ended badly, {_code(each.ended)}" for each in bad))


def _code(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"


def _check_free(at: Addresses) -> None:
    lines = [f"{name}: {address}: {why}" for name, address in at.named().items() if (why := addresses.taken(address))]
    if lines:
        hint = "Stop what listens there, or let free ports be chosen: make stack STACK_PORTS=free"
        raise StackError("\n".join(["cannot listen:", *lines, hint]), NOT_STARTED)


def _ready(children: Children, stop: threading.Event) -> bool:
    """Wait until all are ready; False when they were to stop before. Raises StackError."""
    ends = time.monotonic() + READY_SECONDS
    waiting = list(children.running)
    while waiting:
        children.check()
        waiting = [child for child in waiting if not child.is_ready()]
        if waiting and time.monotonic() > ends:
            said = "\n".join(f"{child.service.name}:\n{child.last_lines()}" for child in waiting)
            raise StackError(f"not ready after {READY_SECONDS:.0f} s: {said}")
        if waiting and stop.wait(_PAUSE):
            return False
    return True


def _watch(children: Children, stop: threading.Event, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0 and not stop.wait(min(_PAUSE, left)):
        children.check()


def _table(at: Addresses, running: Iterable[str]) -> list[str]:
    rows = [
        ("exporter", f"http://{at.exporter}/", "status page; figures at /metrics"),
        ("prometheus", f"http://{at.prometheus}/alerts", "rules and alerts"),
        ("alertmanager", f"http://{at.alertmanager}/", "who is told"),
        ("sink", f"http://{at.sink}/", "what would have been said; JSON at /messages"),
    ]
    if "grafana" in running:
        rows.append(("grafana", f"http://{at.grafana}/", "dashboards"))
    widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
    lines = ["", *(f"  {name:{widths[0]}}  {url:{widths[1]}}  {what}" for name, url, what in rows)]
    if "grafana" not in running:
        lines.append("  no grafana on PATH: dashboards are left out")
    return [*lines, "", "Ctrl-C stops everything."]


def main(environment: Mapping[str, str], stop: threading.Event) -> int:
    """Return the exit code: 0 ended as asked, 1 a part of it failed, 2 it could not be started as asked."""

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    try:
        run(settings_of(environment), stop, say)
    except StackError as error:
        sys.stderr.write(f"stack: {error}\n")
        return error.code
    say("stopped")
    return 0
