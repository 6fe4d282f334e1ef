"""Deployments of rules to a real Prometheus, of which one of the two is killed or interrupted at any moment."""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rules.deploy.failure import Exit
from tests.end_to_end.test_deploy import Site
from tests.rules.deploy.samples import alert, file, record

# Of a deployment, in seconds: nearly all end within.
_LONGEST = 0.35
_ENDS = 60
_PROGRAM = """
import json, sys
from pathlib import Path
from rules.deploy.client import Client, Patience
from rules.deploy.failure import DeployError
from rules.deploy.prometheus import Server
from rules.deploy.state import State
from rules.deploy.targets.files import RuleFiles
from rules.deploy.transaction import deploy
folder = Path(sys.argv[2])
server = Server(Client(sys.argv[1], patience=Patience(5, 2)))
target = RuleFiles(folder, server, State(folder / ".driftbell-deploy"), wait=5, short_retention=True)
print("ready", flush=True)
sys.stdin.readline()
try:
    deploy(target, json.loads(sys.argv[3]), print)
except DeployError as error:
    print(error)
    sys.exit(error.code)
"""


def _rules(numbers: Sequence[int], expression: str) -> dict[str, str]:
    return {
        f"f{number}.yml": file(alert(f"D{number}", expression, after="0s"), record(), group=f"g{number}", interval="1s")
        for number in numbers
    }


# Some files change, one goes, two come.
_SETS = (_rules(range(4), "vector(1)"), _rules(range(1, 6), "vector(2)"))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="torture deployment", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    chance, outcomes = random.Random(chosen.seed), Counter[str]()  # noqa: S311 - no secret
    with TemporaryDirectory() as folder:
        site = Site(Path(folder), "--web.enable-lifecycle")
        try:
            flaws = [flaw for _ in range(chosen.rounds) for flaw in _round(site, chance, outcomes)]
        finally:
            site.stop()
    for outcome, count in sorted(outcomes.items()):
        sys.stdout.write(f"{count:4} {outcome}\n")
    sys.stdout.writelines(f"FOUND {flaw}\n" for flaw in flaws)
    return int(bool(flaws))


def _round(site: Site, chance: random.Random, outcomes: Counter[str]) -> list[str]:
    """Deploy one set over the other, disturb it, and deploy whatever comes; return what is not as it should be."""
    before, wanted = chance.sample(_SETS, 2)
    site.deploy(before)
    what = chance.choice(["deployment killed", "server killed", "SIGINT", "SIGTERM"])
    code, said = _disturbed(site, wanted, what, chance.uniform(0, _LONGEST))
    unfinished = site.target().state.unfinished is not None
    outcomes[f"{what}: code {code}{', unfinished' if unfinished else ''}"] += 1
    flaws = _judged(site.files(), before, wanted, code, unfinished=unfinished)
    if site.process.poll() is not None:
        # With whatever is on the disk: a file that cannot be read would keep it down.
        site.start()
    after = chance.choice(_SETS)
    site.deploy(after)
    names = set(site.loaded()) - {"a:up:count"}
    if site.files() != after or names != {f"D{name[1]}" for name in after} or site.deploy(after) != ["nothing to do"]:
        flaws.append(f"the deployment after it did not do: {names}")
    return [f"{what}: {flaw}; it had said {said}" for flaw in flaws]


def _disturbed(site: Site, wanted: Mapping[str, str], what: str, moment: float) -> tuple[int, str]:
    words = [sys.executable, "-c", _PROGRAM, site.url, str(site.rules), json.dumps(wanted)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603 - ours
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(moment)
        if what == "server killed":
            site.stop(signal.SIGKILL)
        else:
            process.send_signal(signal.SIGKILL if what == "deployment killed" else signal.Signals[what])
        said, _ = process.communicate(timeout=_ENDS)
    return process.returncode, said


def _judged(
    files: Mapping[str, str], before: Mapping[str, str], wanted: Mapping[str, str], code: int, *, unfinished: bool
) -> list[str]:
    flaws = []
    if any(text not in (before.get(name), wanted.get(name)) for name, text in files.items()):
        flaws.append("a file is neither the old one nor the new one")
    if not unfinished and files not in (before, wanted):
        flaws.append("files are mixed, and nothing is known of it")
    if code == Exit.DONE and files != wanted:
        flaws.append("it said that it was done")
    if code not in (Exit.DONE, Exit.HALFWAY) and code > 0 and files != before:
        flaws.append(f"it ended with {code}, and not everything is as it was")
    return flaws
