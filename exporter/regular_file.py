"""Small files that people name: only regular ones, since a pipe would be waited for, and a device need not end."""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import suppress
from pathlib import Path

_OWNER_ONLY = 0o600
_MIB = 2**20


class IrregularFileError(OSError):
    """A pipe, a socket or a device, where a regular file is needed."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EINVAL, "is no regular file", str(path))


def descriptor_of(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a regular file, links followed, and never wait for it; one that ``flags`` create is its owner's alone.

    Raises ``OSError``: ``IrregularFileError`` for what is neither a file nor a folder.
    """
    # To open a device may do something already. What is there by then is looked at again.
    with suppress(FileNotFoundError):
        _check(path.stat(), path)
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, _OWNER_ONLY)
    try:
        _check(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def opened(path: Path) -> io.BufferedReader:
    """Return a regular file, opened for reading. Raises ``OSError``."""
    return os.fdopen(descriptor_of(path), "rb")


def content_of(path: Path, most: int) -> bytes:
    """Return what a regular file holds, at most ``most`` bytes (whole MiB). Raises ``OSError``, also for a larger one."""
    with opened(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"is larger than {most // _MIB} MiB", str(path))
    return content


def _check(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise IrregularFileError(path)
