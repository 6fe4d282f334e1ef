"""The newest rows are those that a sorted list of all of them ends with, whatever the order of arrival."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.layout import Layout
from exporter.ledger.newest_rows import ROOM, NewestRows, no_rows, row_bytes
from exporter.rows.record import Predictions, concatenate
from tests.exporter.small_models import layout_of

SAID = "segments: [region]\nfeatures: {colour: categorical}"


@dataclass(frozen=True, order=True)
class Row:
    """A row as it is ordered."""

    time: int
    version: str
    endpoint: str
    status: int
    latency: float
    x: float
    colour: str
    predicted: str
    score: float
    region: str
    key: int


def found(newest: NewestRows, rows: int) -> Predictions:
    return concatenate([no_rows(new_layout()), *newest.newest(rows)])


rows_of_few_kinds = st.builds(
    Row,
    time=st.integers(0, 2),
    version=st.sampled_from(("v1", "v2")),
    endpoint=st.sampled_from(("/b", "/a")),
    status=st.sampled_from((200, 500)),
    latency=st.just(1.0),
    x=st.sampled_from((1.0, 2.0)),
    colour=st.sampled_from(("red", "a new one", "zebra")),
    predicted=st.sampled_from(("0", "1")),
    score=st.sampled_from((0.1, 0.9)),
    region=st.sampled_from(("south", "north")),
    key=st.integers(0, 2),
)


@cache
def known_layout() -> Layout:
    with TemporaryDirectory() as name:
        return layout_of(Path(name), "binary", SAID)


def new_layout() -> Layout:
    """Return a layout of one model that has not seen any text yet."""
    return Layout(known_layout().model, known_layout().profile)


def table(layout: Layout, rows: list[Row]) -> Predictions:
    (colour,) = layout.categorical
    count = len(rows)
    return Predictions(
        time=np.array([row.time for row in rows], np.int64),
        key=np.array([row.key for row in rows], np.uint64),
        has_key=np.ones(count, bool),
        version=np.array([layout.versions.code(row.version) for row in rows], np.int32),
        endpoint=np.array([layout.endpoints.code(row.endpoint) for row in rows], np.int32),
        status=np.array([row.status for row in rows], np.int32),
        latency=np.array([row.latency for row in rows]),
        numeric=np.array([row.x for row in rows]).reshape(count, 1),
        categorical=np.array([colour.dictionary.code(row.colour) for row in rows], np.int32).reshape(count, 1),
        predicted=np.array([layout.classes.code(row.predicted) for row in rows], np.float64),
        scores=np.array([row.score for row in rows]).reshape(count, 1),
        groups=np.array([1 + layout.segments["region"].code(row.region) for row in rows], np.int32).reshape(count, 1),
        amounts=np.empty((count, 0)),
    )


def listed(layout: Layout, rows: Predictions) -> list[Row]:
    (colour,) = layout.categorical
    return sorted(
        Row(
            time=int(rows.time[i]),
            version=layout.versions.text(int(rows.version[i])),
            endpoint=layout.endpoints.text(int(rows.endpoint[i])),
            status=int(rows.status[i]),
            latency=float(rows.latency[i]),
            x=float(rows.numeric[i, 0]),
            colour=colour.dictionary.text(int(rows.categorical[i, 0])),
            predicted=layout.classes.text(int(rows.predicted[i])),
            score=float(rows.scores[i, 0]),
            region=layout.segments["region"].text(int(rows.groups[i, 0]) - 1),
            key=int(rows.key[i]),
        )
        for i in range(len(rows))
    )


@given(
    rows=st.lists(rows_of_few_kinds, max_size=40),
    capacity=st.integers(1, 12),
    seed=st.integers(0, 1 << 32),
)
def test_they_are_the_last_of_all_rows_in_order(rows: list[Row], capacity: int, seed: int) -> None:
    random_ = random.Random(seed)
    layout = new_layout()
    newest = NewestRows(layout, capacity)
    arriving = random_.sample(rows, len(rows))
    while arriving:
        cut = random_.randint(1, 9)
        newest.add(table(layout, arriving[:cut]))
        arriving = arriving[cut:]
        if random_.random() < 0.3:
            newest = restarted(newest, layout, capacity)
        assert len(newest) <= ROOM * capacity
    for asked in {1, (capacity + 1) // 2, capacity}:
        assert listed(layout, found(newest, asked)) == sorted(rows)[len(rows) - min(asked, len(rows)) :]


def restarted(newest: NewestRows, layout: Layout, capacity: int) -> NewestRows:
    again = NewestRows(layout, capacity)
    for block in newest.blocks:
        again.blocks.restore(block.number, block.rows)
    return again


def test_nothing_is_no_row() -> None:
    layout = new_layout()
    newest = NewestRows(layout, 3)
    newest.add(no_rows(layout))
    assert (len(newest), len(found(newest, 2)), newest.blocks.blocks) == (0, 0, [])


def test_a_larger_capacity_than_rows_finds_all_of_them() -> None:
    layout = new_layout()
    newest = NewestRows(layout, 10)
    row = Row(1, "v1", "/a", 200, 1.0, 1.0, "red", "1", 0.5, "south", 1)
    newest.add(table(layout, [row, row]))
    assert listed(layout, found(newest, 10)) == [row, row]


def test_a_forgotten_version_leaves_no_rows() -> None:
    layout = new_layout()
    newest = NewestRows(layout, 10)
    old, other = (Row(1, version, "/a", 200, 1.0, 1.0, "red", "1", 0.5, "south", 1) for version in ("v1", "v2"))
    newest.add(table(layout, [old, other, old]))
    newest.forget(layout.versions.code("v1"))
    assert listed(layout, found(newest, 10)) == [other]


def test_missing_values_have_a_place_in_the_order() -> None:
    layout = new_layout()
    row = Row(1, "v1", "/a", 200, 1.0, 1.0, "red", "1", 0.5, "south", 1)
    rows = table(layout, [row] * 3)
    rows.numeric[0, 0], rows.predicted[1], rows.categorical[2, 0] = np.nan, np.nan, -1
    kept = []
    for order in ([0, 1, 2], [2, 1, 0]):
        newest = NewestRows(layout, 2)
        newest.add(rows.take(np.array(order)))
        rows_kept = found(newest, 2)
        kept.append(sorted(map(str, zip(rows_kept.numeric[:, 0], rows_kept.categorical[:, 0], strict=True))))
    assert kept[0] == kept[1]


def test_a_row_takes_what_is_said() -> None:
    layout = new_layout()
    row = Row(1, "v1", "/a", 200, 1.0, 1.0, "red", "1", 0.5, "south", 1)
    rows = table(layout, [row] * 100)
    arrays = [getattr(rows, column.name) for column in fields(Predictions)]
    assert 100 * row_bytes(layout) == sum(array.nbytes for array in arrays if array is not None)
