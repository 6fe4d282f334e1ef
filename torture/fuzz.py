"""Change the bytes of logs, tables, configurations and states at random, and see that no parser breaks, dies or hangs."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.fuzz.corpus import kept
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS

# Seconds of the processor for one input, and of the clock without an end.
_SLOW = 1.0
_HANGS = 60.0
_MOST_FAULTS = 10
_LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Task:
    """What a process of its own is to do: ``inputs`` or ``seconds`` of one target, from input number ``first`` on."""

    target: str
    seed: int
    first: int
    inputs: int
    until: float
    folder: Path


def main(arguments: Sequence[str]) -> int:
    """Print for each target how many inputs it had and what went wrong; 0 when nothing did."""
    options = _options(arguments)
    with TemporaryDirectory() as folder:
        faults = [fault for target in options.only for fault in _campaign(target, options, Path(folder))]
    for fault, data in faults:
        path = Path(options.finds) / f"{fault.split(':')[0]}-{sha256(data).hexdigest()[:12]}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        sys.stdout.write(f"{path}: {fault}\n")
    return 1 if faults else 0


def _campaign(target: str, options: argparse.Namespace, folder: Path) -> list[tuple[str, bytes]]:
    """Let processes work on a target one after the other until enough is done; each that dies has found something."""
    started, first, slowest = time.monotonic(), 0, 0.0
    until = started + options.seconds / len(options.only)
    faults: list[tuple[str, bytes]] = []
    while first < options.inputs and time.monotonic() < until and len(faults) < _MOST_FAULTS:
        task = Task(target, options.seed, first, options.inputs, until, folder)
        found, first, slow, end = _supervised(task)
        slowest = max(slowest, slow)
        faults += found
        if end is not None:
            faults.append((f"{target}: the process {end}", _input(task, first)))
            first += 1
    rate = first / (time.monotonic() - started)
    sys.stdout.write(
        f"{target}: {first} inputs, {rate:.0f} a second, {len(faults)} faults, the slowest {slowest:.2f} s\n"
    )
    sys.stdout.flush()
    return faults


def _supervised(task: Task) -> tuple[list[tuple[str, bytes]], int, float, str | None]:
    """Run a task; return its faults, how far it came, its slowest input in seconds, and how its process ended if badly."""
    context = multiprocessing.get_context("spawn")
    number, slowest = context.Value("q", task.first), context.Value("d", 0.0)
    faults: Any = context.SimpleQueue()
    process = context.Process(target=_work, args=(task, number, slowest, faults), daemon=True)
    process.start()
    before, since, end = -1, time.monotonic(), None
    found: list[tuple[str, bytes]] = []
    while process.is_alive() or not faults.empty():
        process.join(_LOOK_EVERY)
        while not faults.empty():
            found.append(faults.get())
        if number.value != before:
            before, since = number.value, time.monotonic()
        elif time.monotonic() - since > _HANGS:
            process.kill()
            process.join()
            end = f"hung for {_HANGS:.0f} s"
    if end is None and process.exitcode != 0:
        end = f"ended with {process.exitcode}"
    return found, number.value, slowest.value, end


def _work(task: Task, number: Any, slowest: Any, faults: Any) -> None:
    count = 0
    # What it takes to load a parser is not what an input takes.
    TARGETS[task.target](kept(task.target)["good"])
    while number.value < task.inputs and time.monotonic() < task.until and count < _MOST_FAULTS:
        data, started = _input(task, number.value), time.process_time()
        try:
            TARGETS[task.target](data)
        except Exception:  # noqa: BLE001 - this is what is looked for
            count += 1
            faults.put((f"{task.target}: {traceback.format_exc(limit=-3)}", data))
        took = time.process_time() - started
        if took > _SLOW:
            count += 1
            faults.put((f"{task.target}: took {took:.1f} s", data))
        slowest.value = max(slowest.value, took)
        number.value += 1


def _input(task: Task, number: int) -> bytes:
    """Return the input of a number: the same in any process."""
    return mutated(list(kept(task.target).values()), Random(f"{task.seed} {task.target} {number}"))  # noqa: S311 - inputs, not secrets


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for all targets together (default %(default)s)")
    parser.add_argument("--inputs", type=int, default=sys.maxsize, help="for each target at most")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="by default the clock's; it is printed")
    parser.add_argument("--only", nargs="+", choices=list(TARGETS), default=list(TARGETS), metavar="TARGET")
    parser.add_argument(
        "--finds", default="torture/.finds", metavar="FOLDER", help="where inputs are kept that did harm"
    )
    options = parser.parse_args(arguments)
    sys.stdout.write(f"seed {options.seed}\n")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
