"""Faults put into the alert rules one at a time: do their tests notice each of them?"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence

from rules.testing.excerpt import rules
from rules.testing.mutation import mutants
from rules.testing.trial import Trial
from rules.testing.waivers import unused, unwaived, waivers


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m torture mutation", description=__doc__)
    parser.add_argument("--rules", default="", help="only rules whose name begins so")
    parser.add_argument("--share", type=float, default=1.0, help="of the faults, which are then drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    before = time.monotonic()
    wanted = [mutant for mutant in mutants(rules()) if mutant.of.startswith(chosen.rules)]
    if chosen.share < 1:
        wanted = random.Random(chosen.seed).sample(wanted, int(len(wanted) * chosen.share))  # noqa: S311 - a sample
    alive = Trial(rules()).survivors(wanted, _say)
    said = waivers()
    unnoticed = unwaived(alive, said)
    for mutant in unnoticed:
        _say(f"not noticed: {mutant.of}: {mutant.fault}")
    # Only a campaign of everything can tell.
    idle = unused(said, alive) if not chosen.rules and chosen.share >= 1 else []
    for waiver in idle:
        _say(f"waiver without a mutant: {waiver.rule}: {waiver.fault}")
    _say(
        f"{len(wanted)} faults: {len(wanted) - len(alive)} noticed, {len(alive) - len(unnoticed)} waived,"
        f" {len(unnoticed)} not noticed, {len(idle)} idle waivers, {time.monotonic() - before:.0f} s"
    )
    return 1 if unnoticed or idle else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
