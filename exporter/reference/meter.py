"""A file that says how far it has been read."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from exporter.regular_file import descriptor_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Progress = Callable[[int, int], None]
"""Called with what is done and the total, in whatever unit the reader has (bytes or rows)."""


class MeteredFile(io.RawIOBase):
    """A binary file opened for reading; ``progress`` hears of each block in bytes."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._file = os.fdopen(descriptor_of(path), "rb", buffering=0)
        self._progress = progress
        self._total = os.fstat(self._file.fileno()).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        size = self._file.readinto(buffer) or 0
        if self._progress is not None:
            self._progress(self.tell(), self._total)
        return size

    def close(self) -> None:
        self._file.close()
        super().close()
