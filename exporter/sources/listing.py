"""Which files there are: literal paths and globs, resolved to regular files, each once."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter.sources.position import Identity


@dataclass(frozen=True, slots=True)
class Listed:
    path: str
    stat: os.stat_result


@dataclass(frozen=True, slots=True)
class Listing:
    """The files in the order of their paths, and why some could not be looked at."""

    files: dict[Identity, Listed]
    errors: list[str]
    missing: list[str]
    """Literal paths under which there is nothing."""


def listing(patterns: Sequence[str]) -> Listing:
    """Look at all paths. Links are followed; a file that is reached by two paths is listed under the first."""
    found = Listing({}, [], [])
    for path in sorted({path for pattern in patterns for path in _paths(pattern)}):
        try:
            status = Path(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            if path in patterns:
                found.missing.append(path)
        except OSError as error:
            found.errors.append(f"{path}: {error.strerror}")
        else:
            if stat.S_ISREG(status.st_mode):
                found.files.setdefault((status.st_dev, status.st_ino), Listed(path, status))
            elif path in patterns:
                found.errors.append(f"{path}: is a folder: name its files, as in {path.rstrip('/')}/*.jsonl")
    return found


def _paths(pattern: str) -> Iterator[str]:
    # A path that exists is meant literally, even if there is a bracket in its name.
    if os.path.lexists(pattern) or not any(sign in pattern for sign in "*?["):
        yield pattern
    else:
        yield from glob.iglob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
