"""The lock on a state's folder, which also remembers, outside of the database, how far the state had come.

A database that was cut back, emptied or exchanged looks like a sound one. What the lock remembers tells it apart.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import TextIO

from exporter.regular_file import IrregularFileError, descriptor_of
from exporter.state.problem import StateError

_NOTE = "The process that uses this state holds a lock on this file.\n"
# Much more than is ever written.
_LONGEST = 4096
_MARK = re.compile(r"^state ([0-9a-f]{16}) commits ([0-9]{20})$", re.MULTILINE)


class Lock:
    """Belongs to one process at a time. Raises ``StateError`` when the folder cannot be used or is in use.

    ``identity`` is that of the state that was here last, and ``commits`` how many it had seen; None and 0 before.
    """

    def __init__(self, folder: Path) -> None:
        self._file = _locked(folder)
        self._file.seek(0)
        text = self._file.read(_LONGEST)
        found = _MARK.search(text)
        self.was_used = bool(text)
        self.identity: int | None = int(found[1], 16) if found else None
        self.commits = int(found[2]) if found else 0

    def remember(self, identity: int, commits: int) -> None:
        """Note how far a state has come. Raises ``StateError``."""
        try:
            # In place and always as long: on a full disk, too, there is room for it.
            os.pwrite(self._file.fileno(), f"{_NOTE}state {identity:016x} commits {commits:020}\n".encode(), 0)
        except OSError as error:
            raise StateError(f"{self._file.name}: cannot be written: {error.strerror}") from error
        self.identity, self.commits, self.was_used = identity, commits, True

    def close(self) -> None:
        self._file.close()


def _locked(folder: Path) -> TextIO:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What is kept of requests is nobody else's business.
        descriptor = descriptor_of(folder / "lock", os.O_RDWR | os.O_CREAT)
    except IrregularFileError as error:
        raise StateError(f"{folder / 'lock'}: {error.strerror}; move it away") from error
    except OSError as error:
        raise StateError(
            f"{folder}: the state cannot be kept here: {error.strerror}; choose another folder with --storage.path"
        ) from error
    file = os.fdopen(descriptor, "r+", errors="replace")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise StateError(f"{folder}: another exporter uses this state; give each its own --storage.path") from error
    return file
