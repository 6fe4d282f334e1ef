"""Slices of a window from what each of them is to hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from exporter.counting.content import Content
from exporter.counting.layout import Layout
from exporter.counting.packed import PackedContent, pack_content
from exporter.counting.tally import Tally
from exporter.ledger.slices import Slices
from exporter.ledger.window_view import WindowView
from tests.exporter.small_models import view_of

Put = Callable[[WindowView], None]


def packed_of(layout: Layout, put: Put, cells: Tally | None = None) -> PackedContent:
    """Return what ``put`` counts in an empty window, as panes keep it."""
    view = view_of(layout)
    put(view)
    there = np.flatnonzero(view.counts)
    counts = Tally(there, view.counts[there])
    return pack_content(Content(counts=counts) if cells is None else Content(counts=counts, cells=cells))


def judged_view(layout: Layout, puts: Sequence[Put], *, complete: bool = True) -> WindowView:
    """Return a judged window with one slice for each of ``puts``."""
    view = view_of(layout, complete=complete)
    for put in puts:
        put(view)
    return replace(view, slices=Slices(layout, [[packed_of(layout, put)] for put in puts]))
