"""Which files there are: literal paths, folders and globs, resolved to regular files, each once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from exporter.sources import globbing, reach
from exporter.sources.globbing import blame, is_folder, is_glob
from exporter.sources.naming import Names, unready
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


def listing(patterns: Sequence[str], names: Names) -> Listing:
    """Look at all paths. Links are followed; a file that is reached by two paths is listed under the first.

    A folder stands for the files in it, at any depth, that are called as the format's files are.
    """
    found = Listing({}, [], [])
    for path in sorted({path for pattern in patterns for path in _paths(pattern, names, found.errors)}):
        try:
            status = Path(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            if path in patterns:
                found.missing.append(path)
        except OSError as error:
            found.errors.append(f"{path}: {error.strerror}")
        else:
            if not stat.S_ISREG(status.st_mode):
                # A glob may well match what is none of ours; who names a pipe means it.
                found.errors.extend([f"{path}: is no regular file"] if path in patterns else [])
            elif not reach.is_within(path):
                found.errors.append(f"{path}: {reach.OUTSIDE}")
            else:
                found.files.setdefault((status.st_dev, status.st_ino), Listed(path, status))
    found.errors[:] = dict.fromkeys(found.errors)  # What two patterns come upon is said once.
    return found


def _paths(pattern: str, names: Names, errors: list[str]) -> Iterator[str]:
    if leads_to_folder(pattern):
        yield from _inside(pattern, names, errors)
    # A path that exists is meant literally, even if there is a bracket in its name.
    elif os.path.lexists(pattern) or not is_glob(pattern):
        yield pattern
    else:
        # Files that are written once are renamed when they are ready; a log that grows may have any name.
        yield from globbing.matches(pattern, errors, partial(_is_unready, pattern) if names.whole else None)


def leads_to_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where one may not look


def _inside(folder: str, names: Names, errors: list[str]) -> Iterator[str]:
    """Yield the log's files in a folder and those inside it; a link that leads back is not followed for ever."""
    waiting, seen = [folder], set()
    while waiting:
        try:
            place = waiting.pop()
            status = Path(place).stat()
            with os.scandir(place) as entries:
                inside = list(entries)
        except OSError as error:
            blame(place, error, errors)  # Where it went in between, the next listing knows better.
            continue
        here = (status.st_dev, status.st_ino)
        if here not in seen:
            seen.add(here)
            folders = {entry.path for entry in inside if is_folder(entry, errors)}
            waiting += [entry.path for entry in inside if entry.path in folders and not unready(entry.name)]
            yield from (entry.path for entry in inside if names.fits(entry.name) and entry.path not in folders)


def nothing(patterns: Sequence[str], names: Names) -> str:
    """Say that a listing found no file."""
    folders = [pattern for pattern in patterns if leads_to_folder(pattern)]
    if not folders:
        return "no file matches " + ", ".join(patterns)
    return f"no {names.format} file ({', '.join(names.suffixes)}) in " + ", ".join(folders)


def _is_unready(pattern: str, name: str) -> bool:
    """Say so of a name that the pattern does not spell out."""
    return unready(name) and name not in pattern.split("/")
