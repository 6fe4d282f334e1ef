"""``python -m compose.replayer --into=FOLDER``: lets the logs of the examples grow in a folder, with present time stamps.

Runs until SIGTERM or Ctrl-C. Needs the standard library alone.
"""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from heapq import merge
from pathlib import Path

from examples.demo.replay import Record, passes, play, read

EXAMPLES = Path(__file__).parents[1] / "examples"
LOGS = ("predictions", "labels")
DAY = 86_400.0
# Seconds of the log that pass in a second: each log then takes about thirteen minutes.
SPEEDS = {"elec2": DAY, "bike": DAY / 2}
# The first replay begins so long ago, so that the longest window of driftbell.yml is full, and has scores, from the start.
HEAD_START_SECONDS = 16 * 60.0
# A log is then renamed, as log rotation would, and the one that was renamed before goes.
LONGEST_LOG = 32 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m compose.replayer", description="Lets the examples' logs grow.")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    folder = parser.parse_args(arguments).into
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    now = time.time()
    begun = any(folder.glob("*.jsonl"))
    logs = {name: logs_of(name, run=f"{now:.0f}") for name in SPEEDS}
    replay(logs, folder, now if begun else now - HEAD_START_SECONDS, stop)
    return 0


def logs_of(name: str, run: str) -> dict[str, list[Record]]:
    """Return an example's records by the file that they go to; ``run`` keeps the request ids of two replays apart."""
    return {
        f"{name}-{log}.jsonl": [
            {**record, "request_id": f"{record['request_id']}-{run}"}
            for record in read(EXAMPLES / name / f"{log}.jsonl.gz")
        ]
        for log in LOGS
    }


def replay(logs: Mapping[str, Mapping[str, list[Record]]], folder: Path, start: float, stop: threading.Event) -> None:
    lines = merge(*(passes(logs[name], start, SPEEDS[name]) for name in logs))
    play(lines, lambda target, text: append(folder / target, text), time.time, stop.wait)


def append(path: Path, text: str, longest: int = LONGEST_LOG) -> None:
    """Write whole lines at the end of a log, to a new one if it would become too long."""
    if path.exists() and path.stat().st_size + len(text) > longest:
        path.rename(path.with_name(f"{path.name}.1"))
    with path.open("a", encoding="utf-8") as log:
        log.write(text)


if __name__ == "__main__":
    raise SystemExit(main())
