"""How a group of figures is computed: plainly, or so that what goes wrong in one leaves the others alone.

The running exporter isolates them; `evaluate` and tests do not, and hear of each error where it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exporter.snapshot import Sample

Attempt = Callable[[str, Callable[[], Iterable[Sample]]], Iterable[Sample]]
"""Takes the name of a group and what computes it."""


def plainly(_: str, figures: Callable[[], Iterable[Sample]]) -> Iterable[Sample]:
    """Compute a group, and let through whatever it raises."""
    return figures()


def name_of(figures: Callable[..., Iterable[Sample]]) -> str:
    """Return the name of the group that a function computes: the module where to look for it."""
    return figures.__module__.rpartition(".")[2]
