"""What a pane is added up from: contents, packed or as they are, and rows that are not counted yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exporter.counting.content import Content, add_contents
from exporter.counting.gap_places import Gaps, split_sums
from exporter.counting.packed import PackedContent, pack, pack_content, unpack, unpack_content, unpack_scores
from exporter.counting.packed_vectors import dense_content, pack_vector
from exporter.counting.slotted_rows import SlottedRows, add_up, joined
from exporter.counting.tally import NO_COUNTS, NO_SUMS

Part = PackedContent | Content | SlottedRows

# With so many possible entries to each one, to add up entries takes less time than to add up vectors.
_SPARSE = 16


def packed_sum(parts: Sequence[Part], gaps: Gaps) -> PackedContent:
    """Add parts of a pane up and pack them."""
    packed = [part for part in parts if isinstance(part, PackedContent)]
    rows = [part for part in parts if isinstance(part, SlottedRows)]
    contents = [part for part in parts if isinstance(part, Content)]
    entries = sum(part.counts.entries for part in packed) + sum(part.slots.size for part in rows)
    if gaps.size and entries * _SPARSE >= gaps.size:
        return _dense_sum(packed, rows, contents, gaps)
    counted = [joined(rows).content()] if rows else []
    content = add_contents(contents or [Content()])
    return pack_content(add_contents([content, *counted, *(unpack_content(part, gaps) for part in packed)]), gaps)


def _dense_sum(
    packed: Sequence[PackedContent], rows: Sequence[SlottedRows], contents: Sequence[Content], gaps: Gaps
) -> PackedContent:
    """Do that by way of the whole vectors."""
    counts, sums = dense_content(packed, gaps, gaps.size, len(gaps.width))
    # Counts come to the same one by one. Floats are added up beforehand: each order of theirs comes to something else.
    for each in contents:
        counts[each.counts.keys] += each.counts.values
    content = add_contents([replace(each, counts=NO_COUNTS) for each in contents] or [Content()])
    sums[content.sums.keys] += content.sums.values
    if rows:
        add_up(rows, counts, sums)
    places, left = split_sums(gaps, counts, sums)
    others = [replace(content, sums=NO_SUMS), *map(_others, packed)]
    return replace(
        pack_content(add_contents(others), gaps),
        counts=pack_vector(counts),
        sums=pack(left),
        places=pack_vector(places),
    )


def _others(packed: PackedContent) -> Content:
    """Return what is in no vector of the layout."""
    return Content(cells=unpack(packed.cells), quality=unpack(packed.quality), scores=unpack_scores(packed))
