"""Running promtool on test files, many in one process."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

_FILE = re.compile(r"^Unit Testing:  (.*)$", re.MULTILINE)
# Of files that one process reads: few enough for two processes to end at about the same time.
_BATCH = 20
_PROCESSES = 2


class MissingError(Exception):
    """There is no promtool."""


def program() -> str:
    found = shutil.which("promtool")
    if not found:
        raise MissingError("promtool is not on the PATH; `make tools` gets it")
    return found


def run(files: Sequence[Path], *, processes: int = _PROCESSES) -> dict[Path, str]:
    """Test files; return what promtool said about each, "" where it passed. Raises MissingError."""
    tool = program()
    with ThreadPoolExecutor(processes) as pool:
        found = pool.map(lambda batch: _run(tool, batch), _batches(files))
    return {path: said for batch in found for path, said in batch.items()}


def _batches(files: Iterable[Path]) -> Iterable[list[Path]]:
    rest = iter(files)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _run(tool: str, files: Sequence[Path]) -> dict[Path, str]:
    done = subprocess.run(  # noqa: S603 - promtool, on files that we wrote
        [tool, "test", "rules", *map(str, files)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = outcomes(done.stdout)
    # Of a file without an outcome nothing is known: promtool has died on it.
    return {path: said.get(str(path), f"no outcome: {done.stdout[-1_000:]}") for path in files}


def outcomes(output: str) -> dict[str, str]:
    """Return what promtool printed about each file, "" where that is success.

    >>> outcomes("Unit Testing:  a.yml\\n  SUCCESS\\n\\nUnit Testing:  b.yml\\n  FAILED:\\n    no\\n")
    {'a.yml': '', 'b.yml': 'FAILED:\\n    no'}
    """
    pieces = _FILE.split(output)
    found = zip(pieces[1::2], (piece.strip() for piece in pieces[2::2]), strict=True)
    return {name: "" if said == "SUCCESS" else said or "nothing" for name, said in found}
