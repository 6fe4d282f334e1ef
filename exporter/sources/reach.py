"""Which folders may be read from: a limit of the whole process, as a umask is, set once by the command line.

The configuration says which files to read; whoever starts the exporter can say how far it may reach. A path counts
with all its links followed, when it is listed and again, by what was really opened, when it is opened.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

OUTSIDE = "lies outside of the folders that --files.root allows"
_GONE = " (deleted)"

_roots: tuple[str, ...] = ()


def confine(roots: Iterable[Path]) -> None:
    """Allow these folders and what is in them; none: allow everything. Raises ``NotADirectoryError``."""
    global _roots  # noqa: PLW0603 - a limit that somebody can forget to hand on is none
    found = [(root, os.path.realpath(root)) for root in roots]
    for root, real in found:
        if not Path(real).is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "is not a folder", str(root))
    _roots = tuple(real for _, real in found)


def roots() -> tuple[str, ...]:
    """Return the folders that are allowed, links followed; none when everything is."""
    return _roots


def is_within(path: str | Path) -> bool:
    """Say whether a path, which need not exist, may be read."""
    return not _roots or _is_inside(os.path.realpath(path))


def check(descriptor: int) -> None:
    """Raise ``PermissionError`` when an open file may not be read, whatever its path led to when it was looked at."""
    if _roots and not _is_inside(str(Path(f"/proc/self/fd/{descriptor}").readlink()).removesuffix(_GONE)):
        raise PermissionError(errno.EACCES, OUTSIDE)


def _is_inside(real: str) -> bool:
    return any(real == root or real.startswith(root.rstrip("/") + "/") for root in _roots)
