"""Environments of the peers: one for each file in bench/requirements, made when it is first needed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_REQUIREMENTS = _FOLDER / "requirements"
_ENVIRONMENTS = _FOLDER / ".environments"


class NotInstalledError(Exception):
    """An environment could not be made; the message says why."""


def python_of(name: str) -> Path:
    """Return the Python of an environment ("" is the one that runs now), which is made if its pins have changed."""
    if not name:
        return Path(sys.executable)
    requirements, folder = _REQUIREMENTS / f"{name}.txt", _ENVIRONMENTS / name
    mark, wanted = folder / "installed", hashlib.sha256(requirements.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    if not (mark.exists() and mark.read_text() == wanted):
        venv.create(folder, clear=True, with_pip=True)
        _install(python, requirements)
        mark.write_text(wanted)
    return python


def versions_in(name: str) -> dict[str, str]:
    """Return what is pinned for an environment."""
    lines = (_REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    pins = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return {package: version for package, _, version in pins}


def _install(python: Path, requirements: Path) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pip, with our own pins
    if done.returncode:
        raise NotInstalledError((done.stderr.strip().splitlines() or ["pip failed"])[-1])
