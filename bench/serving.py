"""A real ``serve`` process: its address, its memory, its page."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.contest import ROOT

_PATIENCE = 900.0


class ServingError(Exception):
    """The process ended, or did not come to what was waited for."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A running exporter."""

    process: subprocess.Popen[bytes]
    port: int

    def page(self) -> str:
        """Return the page, "" while there is none."""
        if self.process.poll() is not None:
            raise ServingError(f"the exporter ended with code {self.process.returncode}")
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
                return str(answer.read().decode())
        except (URLError, TimeoutError):
            return ""

    def wait(self, rows: int, models: int) -> None:
        """Wait until every model has read so many rows and has been evaluated after that."""
        deadline = time.monotonic() + _PATIENCE
        evaluated: set[str] = set()
        while time.monotonic() < deadline:
            page = self.page()
            read = [float(text) for text in re.findall(r"^ml_exporter_rows_total\{[^}]*\} (\S+)", page, re.MULTILINE)]
            if len(read) >= models and min(read[:models]) >= rows:
                evaluated.update(
                    re.findall(r"^ml_exporter_last_evaluation_timestamp_seconds (\S+)", page, re.MULTILINE)
                )
                # The first may have begun before the last row was read.
                if len(evaluated) >= 3:
                    return
            time.sleep(1)
        raise ServingError(f"{rows} rows were not read within {_PATIENCE:.0f} s")

    def resident(self) -> float:
        """Return VmRSS in MB (10^6 bytes)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024 / 1e6


@contextmanager
def serving(configuration: Path, state: Path) -> Iterator[Serving]:
    """Start ``driftbell serve`` on a free port of 127.0.0.1; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "exporter", "serve", f"--config.file={configuration}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={state}", "--log.level=error"]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own program
    try:
        yield Serving(process, port)
    finally:
        process.terminate()
        process.wait()
