"""A named pipe where a file is expected."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def pipe(path: Path) -> Iterator[Path]:
    """Make a pipe that ends as soon as somebody reads it: who should not read it at all finds it empty, and goes on."""
    os.mkfifo(path)
    # The writer waits for a reader.
    writer = threading.Thread(target=_open, args=(path,), daemon=True)
    writer.start()
    try:
        yield path
    finally:
        if writer.is_alive() and path.is_fifo():
            reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            writer.join(10)
            os.close(reader)


def _open(path: Path) -> None:
    # Where the thread is slow to start there may be a file, or nothing, in the place of the pipe.
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))
