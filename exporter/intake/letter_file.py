"""A file of bounded size that lines are added to, readable by its owner only; the oldest lines go first."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# A pipe that nobody reads would keep us waiting, and a link lead anywhere.
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_OWNER_ONLY = 0o600


class LetterFile:
    """``path`` and the files ``path.1``, ``path.2`` … that it becomes, ``files`` of them in all, each at most ``size`` bytes.

    It is opened for each addition, so that it may be moved or removed at any time. What a crash or a full disk leaves
    of an unfinished line is ended there: every other line stays whole.
    """

    def __init__(self, path: Path, size: int, files: int) -> None:
        self._path = path
        self._size = size
        self._files = files

    def add(self, lines: Sequence[bytes]) -> None:
        """Write lines, given without line ends, at the end. Raises ``OSError``, and then has written nothing."""
        for block in self._blocks(lines):
            with _opened(self._path) as descriptor:
                length = os.fstat(descriptor).st_size
                if not length or length + len(block) < self._size:
                    _write(descriptor, length, block)
                    continue
            self._turn()
            with _opened(self._path) as descriptor:
                _write(descriptor, 0, block)

    def _blocks(self, lines: Sequence[bytes]) -> Iterator[bytes]:
        """Yield lines, joined as long as they fit into a file."""
        block = b""
        for line in lines:
            if block and len(block) + len(line) + 1 > self._size:
                yield block
                block = b""
            block += line + b"\n"
        if block:
            yield block

    def _turn(self) -> None:
        """Give each file the name of the next older one; the oldest is gone by that."""
        names = [self._path, *(Path(f"{self._path}.{number}") for number in range(1, self._files))]
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            if newer.exists():
                newer.replace(older)
        self._path.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, _FLAGS, _OWNER_ONLY)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        if stat.S_IMODE(found.st_mode) != _OWNER_ONLY:
            os.fchmod(descriptor, _OWNER_ONLY)
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, length: int, block: bytes) -> None:
    if length and os.pread(descriptor, 1, length - 1) != b"\n":
        block = b"\n" + block
    try:
        while block:
            block = block[os.write(descriptor, block) :]
    except OSError:
        # A disk that is full took a part of it.
        os.ftruncate(descriptor, length)
        raise
