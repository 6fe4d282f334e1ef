"""A process that was started here: is it ready, has it ended, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_LAST_LINES = 20
_ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Service:
    """What to start, and how; ``ready`` is the address that answers 200 when it is ready, "" if there is none."""

    name: str
    command: Sequence[str]
    ready: str = ""
    place: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A service as a process of its own session, so that Ctrl-C reaches it through us alone; its output is in ``log``."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the stack's own services
                service.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=service.place,
                env={**os.environ, **service.environment},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """The exit code, None as long as it runs."""
        return self._process.poll()

    def is_ready(self) -> bool:
        if not self.service.ready:
            return self.ended is None
        try:
            with urllib.request.urlopen(self.service.ready, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - ours
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            # It does not answer yet, or says 503.
            return False

    def last_lines(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:])

    def tell_to_end(self) -> None:
        if self.ended is None:
            self._process.send_signal(signal.SIGTERM)

    def wait_until(self, deadline: float) -> bool:
        """Wait for its end, until a moment of the monotonic clock at most; say whether it came."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(deadline - time.monotonic(), 0.0))
        return self.ended is not None

    def kill(self) -> None:
        """End it, and what it may have started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
