"""A progress bar for long work: silent where there is no terminal, and for work that is done at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Report = Callable[[int, int], None]


@contextmanager
def progress(title: str, stream: TextIO) -> Iterator[Report | None]:
    """Yield a function that is told what is done and the total; None without a terminal."""
    if not stream.isatty():
        yield None
        return
    # Imported here: most starts need neither a bar nor its library.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(title)
        yield lambda done, total: bar.update(task, completed=done, total=total)
