"""Rotate a log ten thousand times in all ways while it is read, and play thousands of random programs on others."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from exporter.sources import handles
from tests.exporter.sources.log_world import PATTERNS, LogWorld, Program

_PATIENCE = 12
Act = tuple[str, dict[str, Any]]

ACTIONS: Sequence[tuple[int, Callable[[random.Random], Act]]] = (
    (6, lambda dice: ("write", {"lines": dice.randint(1, 6), "partial": dice.random() < 0.3})),
    (8, lambda dice: ("poll", {"times": dice.randint(1, 6)})),
    (3, lambda dice: ("rotate", {"late": dice.randint(0, 2), "compress": _rarely(dice), "polls": dice.randint(0, 3)})),
    (1, lambda dice: ("rotate_fast", {"times": dice.randint(2, 4)})),
    (2, lambda dice: ("compress", {"number": dice.randint(0, 5), "half": _rarely(dice)})),
    (
        2,
        lambda dice: (
            "copy_and_truncate",
            {"gap": dice.randint(0, 2), "polls": dice.randint(0, 2), "half": _rarely(dice)},
        ),
    ),
    (1, lambda _: ("truncate", {})),
    (1, lambda dice: ("delete", {"number": dice.randint(0, 5)})),
    (2, lambda _: ("restart", {})),
    (1, lambda dice: ("rewind", {"batches": dice.randint(1, 3)})),
)
"""What may happen to a log, and how often in comparison."""


def main(arguments: Sequence[str]) -> int:
    """Print what was done and found; 0 when every line came once or was counted as possibly lost."""
    options = _options(arguments)
    handles.IDLE_PASSES = _PATIENCE
    started = time.monotonic()
    faults = [fault for seed in range(options.seed, options.seed + options.programs) if (fault := play(seed))]
    for fault in faults[:10]:
        sys.stdout.write(fault + "\n")
    _say(f"{options.programs} random programs, {len(faults)} with a line lost in silence or read twice", started)
    wrong = sum(_rotate(name, options.rotations // len(WAYS), options.seed) for name in WAYS)
    return 1 if faults or wrong else 0


def _rotate(name: str, times: int, seed: int) -> bool:
    started = time.monotonic()
    lines, lost, doubled = rotate(times, seed, WAYS[name])
    _say(f"{times} rotations, {name}: {lines} lines, {lost} lost, {doubled} read twice", started)
    return bool(lost or doubled)


def play(seed: int, steps: int = 25) -> str | None:
    """Play a random program and return what went wrong with it, and the shortest program found that does."""
    dice = random.Random(seed)  # noqa: S311 - to be repeated, not to keep a secret
    program = Program(
        pattern=dice.choice(PATTERNS),
        numbered=dice.random() < 0.5,
        keep=dice.choice([1, 2, 100]),
        batch_bytes=dice.choice([1, 100, 700, 1 << 20]),
        minimum=dice.choice([0, 150]),
    )
    makers = dice.choices([make for _, make in ACTIONS], [weight for weight, _ in ACTIONS], k=steps)
    acts = [make(dice) for make in makers]
    if outcome(program, acts) is None:
        return None
    acts = _shortened(program, acts)
    return f"seed {seed}, {program}, {acts}: {outcome(program, acts)}"


def outcome(program: Program, acts: Sequence[Act]) -> str | None:
    """Do all that and return what is wrong in the end."""
    with TemporaryDirectory(prefix="driftbell-rotation-") as folder:
        world = LogWorld(Path(folder), program)
        try:
            for name, options in acts:
                getattr(world, name)(**options)
            world.check(2 * handles.IDLE_PASSES + 4)
        except AssertionError as error:
            return str(error)
        finally:
            world.close()
    return None


def _shortened(program: Program, acts: list[Act]) -> list[Act]:
    """Leave out what can be left out."""
    place = 0
    while place < len(acts):
        fewer = [*acts[:place], *acts[place + 1 :]]
        if outcome(program, fewer) is None:
            place += 1
        else:
            acts = fewer
    return acts


def _rarely(dice: random.Random) -> bool:
    return dice.random() < 0.3


WAYS = {
    "renamed": Program(keep=5),
    "renamed, read by its name only": Program("app.log", keep=5),
    "renamed, by date": Program(numbered=False, keep=5),
    "renamed and compressed": Program(keep=5, compress=True),
    "renamed and compressed, read by its name only": Program("app.log", keep=5, minimum=60, compress=True),
    "copied and truncated": Program(keep=5, copy=True),
    "copied and truncated, read by its name only": Program("app.log", keep=12, copy=True),
}


def rotate(times: int, seed: int, way: Program) -> tuple[int, int, int]:
    """Rotate a log in one way, up to four times between two looks, with restarts; return lines, lost and doubled ones."""
    dice = random.Random(seed)  # noqa: S311 - as above
    with TemporaryDirectory(prefix="driftbell-rotation-") as folder:
        world = LogWorld(Path(folder), way)
        while world.rotations < times:
            for _ in range(min(dice.randint(1, 4), times - world.rotations)):
                world.write(dice.randint(1, 20))
                if way.copy:
                    world.copy_and_truncate(polls=dice.randint(0, 1), half=_rarely(dice))
                else:
                    world.rotate(late=dice.randint(0, 1), compress=way.compress, polls=dice.randint(0, 1))
            world.drain()
            if dice.random() < 0.05:
                world.restart()
        world.check(2 * handles.IDLE_PASSES + 4)
        copies = Counter(world.delivered)
        world.close()
    return world.counter, world.counter - len(copies), sum(count > 1 for count in copies.values())


def _say(what: str, started: float) -> None:
    sys.stdout.write(f"{what}; {time.monotonic() - started:.0f} s\n")
    sys.stdout.flush()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture rotation", description=__doc__)
    parser.add_argument("--rotations", type=int, default=10_000)
    parser.add_argument("--programs", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
