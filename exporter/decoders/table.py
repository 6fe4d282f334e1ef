"""From the columns of a table to rows: what all formats but JSON lines share.

The same things are refused for the same reasons as in a JSON log, see ``json_lines``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from exporter.decoders.gatherer import Gatherer
from exporter.decoders.leaf import Leaf
from exporter.decoders.record_type import RecordType
from exporter.decoders.typed import Column, presence, taken
from exporter.rows.record import Refusals, Rows

R = TypeVar("R", bound=Rows)
Path = tuple[str, ...]


def leaves_by_path(gatherer: Gatherer[R]) -> Mapping[Path, Leaf]:
    """Return the leaf that says how the values under a path are read: of several, the narrowest, which comes first.

    Raises ``PathClashError`` for leaves that cannot share a path.
    """
    RecordType(gatherer.leaves)
    return {leaf.path: leaf for leaf in reversed(gatherer.leaves)}


def gathered(gatherer: Gatherer[R], columns: Mapping[Path, Column], count: int, now: int, refusals: Refusals) -> R:
    """Return a row for each record that has what it needs; the others are counted by what they lack."""
    usable = np.ones(count, np.bool_)
    for leaf in reversed(gatherer.leaves):
        if leaf.required:
            absent, unusable = presence(columns[leaf.path])
            refusals.reject(f"missing_{leaf.name}", usable & absent)
            refusals.reject(f"bad_{leaf.name}", usable & unusable)
            usable &= ~(absent | unusable)
    if not usable.all():
        columns = {path: taken(column, usable) for path, column in columns.items()}
    return gatherer.gather(columns, int(usable.sum()), now, refusals)
