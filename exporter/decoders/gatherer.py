"""What a decoder asks of whatever it decodes for: predictions or labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from exporter.decoders.leaf import Leaf
from exporter.decoders.record_type import Columns
from exporter.rows.record import Refusals, Rows

R = TypeVar("R", bound=Rows)


class Gatherer(Protocol[R]):
    """Turns columns into one kind of row."""

    @property
    def leaves(self) -> Sequence[Leaf]:
        """What it wants of a record."""

    def gather(self, columns: Columns, count: int, now: int, refusals: Refusals) -> R:
        """Return one row for each of ``count`` records that is meant for this model and has what no row can be without."""

    def finish(self, rows: R, refusals: Refusals) -> R:
        """Return the usable rows, and count what is wrong with the others."""
