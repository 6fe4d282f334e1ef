"""Where the servers' programs are: on PATH, or where scripts/tools.sh unpacks them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from compose.stack.failure import NOT_STARTED, StackError

_UNPACKED_INTO = Path(__file__).parents[2] / ".tools" / "usr" / "bin"
# Where Debian's Alertmanager reads its own templates; the same length, from the folder that it was unpacked into.
_INSTALLED, _UNPACKED = b"/usr/share/prometheus/alertmanager", b"usr/share/prometheus/alertmanager/"


def found(*names: str) -> Path | None:
    """Return the first of these programs that is there."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), str(_UNPACKED_INTO)))
    places = (shutil.which(name, path=path) for name in names)
    return next((Path(place) for place in places if place), None)


def needed(*names: str) -> Path:
    """As ``found``; raises StackError."""
    place = found(*names)
    if place is None:
        raise StackError(f"there is no {names[0]}: 'make tools' gets it", NOT_STARTED)
    return place


class Startable(NamedTuple):
    """A program, and the folder to start it in."""

    executable: Path
    place: Path


def alertmanager(executable: Path, folder: Path) -> Startable:
    """Return an Alertmanager that finds its templates; ``folder`` is for a copy of it.

    Debian's, when it was unpacked without root, looks for them where it would have been installed; a copy of it looks
    beside it.
    """
    if executable.name == "alertmanager" or Path(_INSTALLED.decode()).exists():
        return Startable(executable, folder)
    copy = folder / executable.name
    copy.write_bytes(executable.read_bytes().replace(_INSTALLED, _UNPACKED))
    copy.chmod(0o700)
    return Startable(copy, executable.parents[2])
