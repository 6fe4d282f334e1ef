"""Rows whose numbers are in their slots and not counted yet.

A row of a continuous feature is mostly the only one of its batch in its slot: to count it there and then would make an
entry of each value, to be sorted, packed and added to others. So numbers wait, in about as many bytes, until all of
a pane's are counted at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.counting.content import Content
from exporter.counting.layout import NumericField
from exporter.counting.tally import Counts, Keys, Sums, Tally, in_order, lengths, run_starts
from exporter.extensions import extension
from exporter.rows.record import Floats

native = extension("exporter.counting._pane_vectors")

Fields = tuple[NumericField, ...]

# The smallest types that hold the number of a slot.
_SLOT_TYPES = (np.uint16, np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class SlottedRows:
    """``slots`` (f, n) and ``values`` (f, n) of n rows in some ``fields`` (f) of a layout.

    Slots are counted from the start of the column's stretch, missing and invalid values behind the others; these are
    0 in ``values``.
    """

    fields: Fields
    slots: NDArray[Any]
    values: Floats

    @property
    def nbytes(self) -> int:
        return self.slots.nbytes + self.values.nbytes

    def apart(self, part: NDArray[np.intp], parts: int) -> list[SlottedRows]:
        """Return the rows of each of so many parts, given the ``part`` (n,) of each row; none keeps another's alive."""
        if parts == 1:
            return [self]
        if (part[1:] < part[:-1]).any():
            order = np.argsort(part, kind="stable")
            return SlottedRows(self.fields, self.slots[:, order], self.values[:, order]).apart(part[order], parts)
        limits = np.searchsorted(part, np.arange(parts + 1)).tolist()
        return [
            SlottedRows(self.fields, self.slots[:, start:stop].copy(), self.values[:, start:stop].copy())
            for start, stop in pairwise(limits)
        ]

    def add_to(self, counts: Counts) -> None:
        """Add the rows to a layout's vector of counts, column by column: what is touched then stays in the cache."""
        for field, slots in zip(self.fields, self.slots, strict=True):
            column = counts[field.span.start : field.span.stop]
            if native is None:
                np.add.at(column, slots.astype(np.intp), 1)
            else:
                native.count_rows(np.ascontiguousarray(slots), len(slots), column)

    def content(self) -> Content:
        """Return what the rows add up to: for few of them, in time for each."""
        if not self.slots.size:
            return Content()
        if native is not None:
            return self._grouped()
        keys = (self.slots + _starts(self.fields)).reshape(-1)
        order, ordered = in_order(keys)
        starts = run_starts(ordered)
        first = order[starts]
        places = _sum_places(self.fields, self.slots).reshape(-1)[first]
        between = np.flatnonzero(places >= 0)
        counts = Tally(ordered[starts], lengths(starts, len(ordered)))
        # In the order of the rows: so it comes to the same.
        sums = np.bincount(np.repeat(np.arange(len(starts)), counts.values), self.values.reshape(-1)[order])
        return Content(counts, Tally(places[between], sums[between]))

    def _grouped(self) -> Content:
        fields = np.array([(field.span.start, field.sums.start, field.slots) for field in self.fields], np.int64)
        keys, counts, sum_keys = (np.empty(self.slots.size, np.int64) for _ in range(3))
        sums = np.empty(self.slots.size)
        count, sum_count = native.group_rows(fields, self.slots, self.values, keys, counts, sum_keys, sums)
        return Content(Tally(keys[:count], counts[:count]), Tally(sum_keys[:sum_count], sums[:sum_count]))


def _starts(fields: Fields) -> Keys:
    """Return where the columns (f, 1) begin in the layout's counts."""
    return np.array([[field.span.start] for field in fields], np.int64)


def _sum_places(fields: Fields, slots: NDArray[Any]) -> Keys:
    """Return the position in the layout's sums of each slot (f, n), -1 of edges and of what is no number."""
    limits = np.array([field.slots for field in fields])[:, np.newaxis]
    starts = np.array([field.sums.start for field in fields])[:, np.newaxis]
    # What lies between edges has an even slot.
    return np.where((slots & 1 == 0) & (slots < limits), starts + (slots >> 1), -1)


def slotted(fields: Fields, columns: Floats) -> SlottedRows:
    """Return rows, given the values (f, n) of their numeric columns, in their slots; keeps the values, and changes them."""
    widest = max((field.span.width for field in fields), default=0)
    kind = next(kind for kind in _SLOT_TYPES if widest <= np.iinfo(kind).max)
    slots, values = np.empty(columns.shape, kind), np.ascontiguousarray(columns)
    for field, *row in zip(fields, values, slots, strict=True):
        _find_slots(field, *row)
    return SlottedRows(fields, slots, values)


def _find_slots(field: NumericField, values: Floats, slots: NDArray[Any]) -> None:
    """Fill in the slots (n,) of a column's values (n,), and 0 for values that are no numbers."""
    there = np.isfinite(values)
    if there.all():
        slots[:] = field.index.slots(values)
        return
    slots[np.isnan(values)] = field.missing - field.span.start
    slots[np.isinf(values)] = field.invalid - field.span.start
    slots[there] = field.index.slots(values[there])
    values[~there] = 0.0


def add_up(parts: Sequence[SlottedRows], counts: Counts, sums: Sums) -> None:
    """Add the rows of some parts of one layout, at least one, to its vectors, column by column as well."""
    for i, field in enumerate(parts[0].fields):
        columns = counts[field.span.start : field.span.stop], sums[field.sums.start : field.sums.stop]
        if native is not None:
            for part in parts:
                native.add_rows(part.slots[i], part.values[i], *columns)
            continue
        slots = np.concatenate([part.slots[i] for part in parts]).astype(np.intp)
        np.add.at(columns[0], slots, 1)
        between = np.flatnonzero((slots & 1 == 0) & (slots < field.slots))
        # In the order of the rows: so it comes to the same.
        np.add.at(columns[1], slots[between] >> 1, np.concatenate([part.values[i] for part in parts])[between])


def joined(parts: Sequence[SlottedRows]) -> SlottedRows:
    """Return the rows of some parts, at least one, of the same layout."""
    if len(parts) == 1:
        return parts[0]
    slots = np.concatenate([part.slots for part in parts], axis=1)
    return SlottedRows(parts[0].fields, slots, np.concatenate([part.values for part in parts], axis=1))
