"""Writing so that after the plug was pulled a file is either the old one or the new one."""

from __future__ import annotations

import os
from pathlib import Path

_MODE = 0o644


def write(path: Path, text: str, staging: Path, mode: int | None = None) -> None:
    """Replace a file; ``staging`` is a folder on the same file system where it is written first. Raises OSError.

    It keeps the mode of the file that it replaces, and its owner as far as we may give files away.
    """
    temporary = staging / f"{path.name}.new"
    before = path.stat() if path.exists() else None
    with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode if mode is not None else before.st_mode & 0o7777 if before else _MODE)
        if before is not None and os.geteuid() == 0:
            os.fchown(file.fileno(), before.st_uid, before.st_gid)
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync(path.parent)


def read(path: Path) -> str:
    """Read a text, whatever its bytes: writing it again gives the same ones."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def sync(folder: Path) -> None:
    """Make renames in a folder survive."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
