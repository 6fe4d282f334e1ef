"""Contestants in turn, round after round, each in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# One thread each: a ratio of CPU seconds says little about libraries that spin on several.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# Some peers would send usage figures to their makers.
_SILENT = {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1", "WHYLOGS_NO_ANALYTICS": "True"}


class ContestantError(Exception):
    """A contestant did not start or did not finish; the message is its own last line."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A module with ``prepare`` (see ``bench.runner``), its arguments, and the environment it runs in ("" is ours)."""

    module: str
    arguments: tuple[str, ...] = ()
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn cost (CPU seconds) and what the work returned."""

    cpu: float
    value: Any


def turns(
    contestants: Mapping[str, tuple[Contestant, Path]], folder: Path, rounds: int
) -> tuple[Mapping[str, Sequence[Turn]], Mapping[str, str]]:
    """Let contestants (each with its Python) work in turn; return their turns and the reasons of those that failed.

    Every second round goes backwards, so that nobody always follows the same neighbour.
    """
    failures: dict[str, str] = {}
    found: dict[str, list[Turn]] = {}
    with ExitStack() as stack:
        running = {}
        for name, (contestant, python) in contestants.items():
            try:
                running[name] = stack.enter_context(_process(contestant, python, folder))
            except ContestantError as error:
                failures[name] = str(error)
        for number in range(rounds):
            for name in list(running) if number % 2 == 0 else list(running)[::-1]:
                try:
                    found.setdefault(name, []).append(running[name].turn())
                except ContestantError as error:
                    failures[name] = str(error)
                    del running[name]
    return {name: each for name, each in found.items() if name not in failures}, failures


class _Process:
    def __init__(self, process: subprocess.Popen[str], complaints: Any) -> None:
        self._process = process
        self._complaints = complaints

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ContestantError(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def turn(self) -> Turn:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self.answer()
        return Turn(answer["cpu"], answer["value"])

    def _last_words(self) -> str:
        self._process.wait()
        self._complaints.seek(0)
        lines = [line.strip() for line in self._complaints.read().splitlines() if line.strip()]
        return lines[-1] if lines else f"ended with code {self._process.returncode}"


@contextmanager
def _process(contestant: Contestant, python: Path, folder: Path) -> Iterator[_Process]:
    command = [str(python), "-m", "bench.runner", contestant.module, str(folder), *contestant.arguments]
    environment = os.environ | _ONE_THREAD | _SILENT | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            cwd=folder,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        try:
            running = _Process(process, complaints)
            running.answer()
            yield running
        finally:
            process.terminate()
            process.communicate()
