"""``make demo``: two real models' logs replayed through the exporter, and a table of what is worst.

The exporter runs as a child process on a folder made for this run; both are gone at the end.
``DEMO_SECONDS`` ends the demo by itself; ``DEMO_ADDRESS`` moves it from 127.0.0.1:9911.
Exit codes: 0 ended as asked, 1 the exporter failed, 2 the demo could not be started as asked.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from subprocess import Popen

from rich.console import Console

from examples.demo.figures import figures_of, models_of, series_of
from examples.demo.replay import Record, Span, passes, play, read, span_of, stamp_of
from examples.demo.sidecar import DemoError, check_free, ends_within, exporter, fetch
from examples.demo.table import show

Logs = Mapping[str, Mapping[str, list[Record]]]

EXAMPLES = Path(__file__).resolve().parent.parent
ADDRESS = "127.0.0.1:9911"
# Of the windows in driftbell.yml, the one that the table shows.
WINDOW = "15s"
DAY = 86_400.0
# Seconds of the log that pass in a second: each log then takes about three minutes.
SPEEDS = {"elec2": 4 * DAY, "bike": 2 * DAY}
LOGS = ("predictions", "labels")
REFRESH_SECONDS = 5.0
# The replay begins so long ago, so that the windows are full, and have scores, from the start.
HEAD_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment asks for; ``seconds`` may be infinite."""

    address: str
    seconds: float


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Read ``DEMO_ADDRESS`` and ``DEMO_SECONDS``; an empty one counts as absent. Raises DemoError.

    >>> settings_of({"DEMO_SECONDS": "60"})
    Settings(address='127.0.0.1:9911', seconds=60.0)
    """
    address = environment.get("DEMO_ADDRESS") or ADDRESS
    seconds = environment.get("DEMO_SECONDS") or "inf"
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise DemoError(f"DEMO_ADDRESS must be host:port, not {address!r}", 2)
    try:
        return Settings(address, float(seconds))
    except ValueError:
        raise DemoError(f"DEMO_SECONDS must be a number, not {seconds!r}", 2) from None


def lay_out(folder: Path) -> Path:
    """Copy what the configuration names, in the same places as in ``examples/``; return its new path."""
    demo = folder / "demo"
    demo.mkdir()
    for name in SPEEDS:
        (folder / name).mkdir()
        shutil.copy(EXAMPLES / name / "reference.parquet", folder / name)
        for log in LOGS:
            (demo / f"{name}-{log}.jsonl").touch()
    return Path(shutil.copy(EXAMPLES / "demo" / "driftbell.yml", demo))


def logs_of(name: str) -> dict[str, list[Record]]:
    """Return the records of an example by the file that they are replayed into."""
    return {f"{name}-{log}.jsonl": read(EXAMPLES / name / f"{log}.jsonl.gz") for log in LOGS}


@contextmanager
def replay(folder: Path, logs: Logs, start: float) -> Iterator[None]:
    """Let the logs grow in the background."""
    stop = threading.Event()
    lines = merge(*(passes(logs[name], start, speed) for name, speed in SPEEDS.items()))

    def write(target: str, text: str) -> None:
        with (folder / target).open("a", encoding="utf-8") as file:
            file.write(text)

    thread = threading.Thread(target=play, args=(lines, write, time.time, stop.wait), name="replay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def watch(child: Popen[bytes], settings: Settings, spans: Mapping[str, Span], start: float) -> None:
    """Show the figures every few seconds until the time is up or the exporter has ended."""
    console = Console()
    ends = start + HEAD_START_SECONDS + settings.seconds
    while (left := ends - time.time()) > 0 and not ends_within(child, min(REFRESH_SECONDS, left)):
        series = series_of(fetch(settings.address) or "")
        figures = {model: figures_of(series, model, WINDOW) for model in models_of(series)}
        show(console, progress(spans, time.time() - start), WINDOW, figures)


def progress(spans: Mapping[str, Span], elapsed: float) -> str:
    """Say how far each log has come, so many seconds after the start of the replay."""
    places = {name: spans[name].position(elapsed, speed) for name, speed in SPEEDS.items()}
    days = (f"{name} at {stamp_of(event)[:10]} (pass {number})" for name, (number, event) in places.items())
    return f"{elapsed - HEAD_START_SECONDS:.0f} s: " + ", ".join(days)


def introduce(address: str) -> None:
    """Say what runs and where to look first."""
    speeds = ", ".join(f"{name} {speed / DAY:.0f} days a second" for name, speed in SPEEDS.items())
    print(f"replaying real logs: now = start + (event - first_event) / speed ({speeds};")
    print(f"start = {HEAD_START_SECONDS:.0f} s before this moment, so that the windows are full at once)")
    print(f"look at  http://{address}/  and  http://{address}/metrics  (Ctrl-C ends the demo):")
    print(f"  curl -s {address}/metrics | grep ml_drift_score", flush=True)


def demonstrate(settings: Settings) -> None:
    """Run the demo, in a folder of its own, until its time is up. Raises DemoError."""
    check_free(settings.address)
    logs = {name: logs_of(name) for name in SPEEDS}
    spans = {name: span_of(logs[name]) for name in SPEEDS}
    with tempfile.TemporaryDirectory(prefix="driftbell-demo-") as folder:
        config = lay_out(Path(folder))
        with exporter(config, settings.address) as child:
            introduce(settings.address)
            start = time.time() - HEAD_START_SECONDS
            with replay(config.parent, logs, start):
                watch(child, settings, spans, start)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        demonstrate(settings_of(os.environ))
    except KeyboardInterrupt:
        print("demo ended")
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
