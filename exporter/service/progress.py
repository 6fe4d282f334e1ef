"""Progress of long work, on a terminal only: elsewhere nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

Report = Callable[[int, int], None]


@contextmanager
def progress(title: str, stream: TextIO) -> Iterator[Report | None]:
    """Show a bar, and yield a function that is told what is done and the total; None without a terminal."""
    if not stream.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=_console(stream), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def counter(title: str, unit: str, count: Callable[[], int], stream: TextIO) -> Iterator[None]:
    """Show a number that grows to nobody knows where; ``count`` is asked for it, from another thread."""
    if not stream.isatty():
        yield
        return
    from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Count(ProgressColumn):
        def render(self, task: Task) -> Text:
            del task
            return Text(f"{count():,} {unit}")

    columns = (SpinnerColumn(), TextColumn("{task.description}"), Count(), TimeElapsedColumn())
    with Progress(*columns, console=_console(stream), transient=True) as bar:
        bar.add_task(title, total=None)
        yield


def _console(stream: TextIO) -> Console:
    # Imported in functions: most starts need neither a bar nor its library.
    from rich.console import Console

    return Console(file=stream)
