"""One campaign: two exporters read the same logs while these are written; one is killed again and again.

At the end both have read everything, and their pages must agree, with each other and with what was written. On the
way no counter may fall from one life to the next.
"""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.crash.campaign_logs import KINDS, CampaignLogs
from tests.end_to_end.crash.pages import Series, differences, fallen, series_of
from tests.end_to_end.world import Sidecar, command, eventually

# Rows of each log, and seconds of writing, for each kill.
ROWS, _SECONDS = 300, 1.2
# Who was killed so often has much to catch up with, and others use the machine as well.
_PATIENCE = 120.0
# The share of the kills that may come before the exporter listens; seconds after the start, or after it listens.
_EARLY = 0.2
_STARTING, _WORKING = 0.9, 0.6


@dataclass(frozen=True)
class Place:
    config: Path
    folder: Path


@dataclass
class Outcome:
    """How often it was killed, of that how often before it was listening; rows that were read; and what is wrong."""

    kills: int = 0
    early: int = 0
    rows: int = 0
    series: int = 0
    faults: list[str] = field(default_factory=list)


def run(folder: Path, seed: int, kills: int) -> Outcome:
    """Kill an exporter so often, at moments that follow from the seed (and from how fast the machine is)."""
    logs = CampaignLogs(folder / "logs", seed, ROWS * kills, _SECONDS * kills)
    outcome, random_ = Outcome(), random.Random(seed)
    with exporter(Place(logs.config, folder / "undisturbed")) as witness:
        victim = Place(logs.config, folder / "killed")
        victim.folder.mkdir()
        last: Series = {}
        with writing(logs):
            for _ in range(kills):
                last = _life(victim, random_, last, outcome)
        with exporter(victim) as survivor:
            _compare(logs, survivor, witness, last, outcome)
    return outcome


@contextmanager
def exporter(place: Place) -> Iterator[Sidecar]:
    place.folder.mkdir(exist_ok=True)
    running = Sidecar(place, place.folder / "exporter.log")
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


@contextmanager
def writing(logs: CampaignLogs) -> Iterator[None]:
    """Have the logs written in another thread; what is left at the end is written at once."""
    hurry = threading.Event()
    thread = threading.Thread(target=logs.write, args=(hurry,))
    thread.start()
    try:
        yield
    finally:
        hurry.set()
        thread.join()


def _life(place: Place, random_: random.Random, last: Series, outcome: Outcome) -> Series:
    """Start it, kill it some time later, and return what it showed last."""
    outcome.kills += 1
    if random_.random() < _EARLY:
        outcome.early += 1
        with (place.folder / "exporter.log").open("ab") as log:
            process = subprocess.Popen(command(place), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        _kill(process, random_.uniform(0, _STARTING), outcome)
        return last
    running = Sidecar(place, place.folder / "exporter.log")
    shown = _kill(running.process, random_.uniform(0, _WORKING), outcome, running)
    if "ml_requests_total{" not in shown:
        return last
    page = series_of(shown)
    outcome.faults += [f"fell after kill {outcome.kills}: {key}" for key in fallen(last, page)]
    return page


def _kill(process: subprocess.Popen[bytes], seconds: float, outcome: Outcome, running: Sidecar | None = None) -> str:
    """Kill a process after so many seconds; return its page of just before, if it is said where to get that."""
    page = ""
    try:
        process.wait(seconds)
        outcome.faults.append(f"it ended by itself with {process.returncode} before kill {outcome.kills}")
    except subprocess.TimeoutExpired:
        page = running.get("/metrics")[1] if running else ""
    process.send_signal(signal.SIGKILL)
    process.wait()
    return page


def _compare(logs: CampaignLogs, survivor: Sidecar, witness: Sidecar, last: Series, outcome: Outcome) -> None:
    both = (survivor, witness)
    for each in both:
        _read_all(logs, each)
    outcome.faults += [f"fell after the last kill: {key}" for key in fallen(last, _page(survivor))]
    # Rotated files hold event time back for as long as they may still be written to: from now on that is not long.
    logs.configure(idle_timeout="1s")
    for each in both:
        each.process.send_signal(signal.SIGHUP)
    for each in both:
        _wait_for_reload(each)
    logs.conclude()
    killed, never = (_settled(logs, each) for each in both)
    outcome.faults += differences(killed, never) + _astray(logs, killed)
    outcome.rows = sum(logs.written.values())
    outcome.series = len(killed)


def _wait_for_reload(running: Sidecar) -> None:
    eventually(lambda: "the configuration was reloaded" in running.output(), "the reload")


def _read_all(logs: CampaignLogs, running: Sidecar) -> None:
    expected = logs.written

    def ask() -> bool:
        page = _page(running)
        return all(page.get(_rows(*key)) == rows for key, rows in expected.items())

    try:
        eventually(ask, "all rows", _PATIENCE)
    except AssertionError:
        found = {key: _page(running).get(_rows(*key)) for key in expected}
        raise AssertionError(f"read {found} instead of {expected}:\n{running.output()[-3000:]}") from None


def _settled(logs: CampaignLogs, running: Sidecar) -> Series:
    """The page of an evaluation that began after everything had been read."""
    _read_all(logs, running)
    moment = time.time()

    def ask() -> Series | None:
        page = _page(running)
        evaluated = page["ml_exporter_last_evaluation_timestamp_seconds"]
        return page if evaluated - page["ml_exporter_evaluation_duration_seconds"] > moment else None

    return eventually(ask, "an evaluation")


def _page(running: Sidecar) -> Series:
    return series_of(running.get("/metrics")[1])


def _rows(kind: str, log: str) -> str:
    return f'ml_exporter_rows_total{{model_name="{kind}",source="{log}"}}'


def _astray(logs: CampaignLogs, page: Series) -> list[str]:
    """Compare requests with what was written."""
    texts = []
    for kind in KINDS:
        found = sum(value for key, value in page.items() if key.startswith(f'ml_requests_total{{model_name="{kind}"'))
        if found != logs.requests(kind):
            texts.append(f"{kind}: {found} requests instead of {logs.requests(kind)}")
    return texts
