"""Kill the real exporter, again and again, beside one that is never killed; their pages must agree at the end."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.end_to_end.crash.campaign import Outcome, run


def main(arguments: Sequence[str]) -> int:
    """Print a line for each run, and the sums; 0 when no page differed and no counter fell."""
    options = _options(arguments)
    started, runs = time.monotonic(), []
    for number in range(-(-options.kills // options.each)):
        outcome = _run(options.seed + number, min(options.each, options.kills - number * options.each))
        runs.append(outcome)
        _say(options.seed + number, outcome)
    kills, early, rows = (sum(getattr(each, name) for each in runs) for name in ("kills", "early", "rows"))
    failed = sum(bool(each.faults) for each in runs)
    minutes = (time.monotonic() - started) / 60
    sys.stdout.write(
        f"{kills} kills, {early} of them during the start; {rows} records; "
        f"{failed} of {len(runs)} runs differed; {minutes:.0f} minutes\n"
    )
    return 1 if failed else 0


def _run(seed: int, kills: int) -> Outcome:
    with TemporaryDirectory(prefix="driftbell-crash-") as folder:
        return run(Path(folder), seed, kills)


def _say(seed: int, outcome: Outcome) -> None:
    verdict = f"{len(outcome.faults)} DIFFERENCES" if outcome.faults else "equal"
    facts = f"{outcome.kills} kills, {outcome.rows} records, {outcome.series} series"
    sys.stdout.write(f"seed {seed}: {facts}: {verdict}\n" + "".join(f"  {fault}\n" for fault in outcome.faults))
    sys.stdout.flush()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="in all (default %(default)s)")
    parser.add_argument(
        "--each", type=int, default=25, help="kills in a run with logs of its own (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others count on from it")
    return parser.parse_args(arguments)
