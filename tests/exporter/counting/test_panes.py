"""Panes add up in any order, and what is saved is what there is."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.content import Content, add_contents
from exporter.counting.packed import loose_content
from exporter.counting.panes import Pane, PaneStore, Slot
from exporter.counting.tally import count
from exporter.counting.timeline import Level, Timeline

MINUTE = 60_000_000
LEVELS = [Level(10 * MINUTE, MINUTE), Level(60 * MINUTE, 10 * MINUTE)]


class Found(dict[Slot, list[int]]):
    """What each pane holds."""


def one(key: int) -> Content:
    return Content(counts=count(np.array([key])))


def content_of(store: PaneStore) -> Found:
    return Found({slot: store[slot].counts.dense(10).tolist() for slot in store.slots})


def add_row(store: PaneStore, timeline: Timeline, time: int, now: int, version: int = 0, key: int = 0) -> None:
    starts, steps = timeline.panes(np.array([time]), now)
    if steps[0] >= 0:
        store.add(Slot(version, int(starts[0]), int(steps[0])), one(key))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 1), st.integers(0, 9)), max_size=60), st.booleans())
def test_moving_on_step_by_step_is_as_good_as_at_once(rows: list[tuple[int, int, int]], endless: bool) -> None:
    timeline = Timeline(LEVELS, endless=endless)
    stepwise, direct = PaneStore(timeline), PaneStore(timeline)
    end = 200 * MINUTE
    now = 0
    for minute, version, key in rows:
        now = max(now, minute * MINUTE)
        add_row(stepwise, timeline, minute * MINUTE, now, version, key)
        add_row(direct, timeline, minute * MINUTE, end, version, key)
        stepwise.advance(now)
    stepwise.advance(end)
    assert content_of(stepwise) == content_of(direct)
    assert len(stepwise) <= 2 * timeline.panes_at_most


@pytest.mark.parametrize("seed", range(5))
def test_what_changed_is_enough_to_keep_a_copy(seed: int) -> None:
    random_ = random.Random(seed)
    timeline = Timeline(LEVELS, endless=seed % 2 == 0)
    store, saved = PaneStore(timeline), Found()
    now = 0
    for _ in range(300):
        now += random_.randrange(3 * MINUTE)
        add_row(store, timeline, now - random_.randrange(90 * MINUTE), now, random_.randrange(3), random_.randrange(10))
        if random_.random() < 0.3:
            store.advance(now)
        if random_.random() < 0.02:
            store.forget(random_.randrange(3))
        if random_.random() < 0.2:
            for slot in store.removed:
                saved.pop(slot, None)
            saved.update({slot: store[slot].counts.dense(10).tolist() for slot in store.changed})
            if random_.random() < 0.7:  # else the transaction failed after all, and the copy is as it was
                store.forget_changes()
                assert saved == content_of(store)


def test_a_version_that_is_forgotten_leaves_nothing() -> None:
    store = PaneStore(Timeline(LEVELS))
    store.add(Slot(0, 0, MINUTE), one(1))
    store.add(Slot(1, 0, MINUTE), one(2))
    store.forget(0)
    assert store.slots == [Slot(1, 0, MINUTE)]
    assert (store.changed, store.removed) == ({Slot(1, 0, MINUTE)}, {Slot(0, 0, MINUTE)})


def test_within_takes_whole_panes_only() -> None:
    store = PaneStore(Timeline(LEVELS))
    for minute in range(5):
        store.add(Slot(minute % 2, minute * MINUTE, MINUTE), one(minute))
    found = [(slot.version, content.counts.keys.tolist()) for slot, content in store.within(MINUTE, 3 * MINUTE)]
    assert found == [(1, [1]), (0, [2])]
    assert len(list(store.within(None, None))) == 5
    assert len(list(store.within(1, None))) == 4


def test_a_pane_adds_up_whatever_comes() -> None:
    pane = Pane()
    for i in range(100):
        pane.add(loose_content(one(i % 3)))
    assert pane.content.counts.dense(3).tolist() == [34, 33, 33]
    assert len(Pane().content.counts) == 0


def test_contents_add_up() -> None:
    both = add_contents([one(1), one(1), one(4)])
    assert (both.counts.keys.tolist(), both.counts.values.tolist()) == ([1, 4], [2, 1])


def test_tidying_adds_up_small_parts_and_lets_big_ones_be() -> None:
    small, big = loose_content(one(3)), loose_content(Content(counts=count(np.arange(4000))))
    pane = Pane()
    for _ in range(5):
        pane.add(small)
    before = pane.nbytes
    pane.tidy()
    assert pane.nbytes < before / 2
    pane.add(big)
    both = pane.nbytes
    pane.tidy()
    assert pane.nbytes == both
    assert pane.content.counts.dense(4000)[[3, 4]].tolist() == [6, 1]


@given(st.lists(st.sampled_from(["small", "big", "absorb", "tidy", "pack"]), max_size=12))
def test_a_pane_knows_what_its_parts_take(steps: list[str]) -> None:
    """However it came by them, and whether they were added up."""
    keys, pane, other = {"small": 3, "big": 4000}, Pane(), Pane()
    other.add(loose_content(Content(counts=count(np.arange(300)))))
    for step in steps:
        if step in keys:
            pane.add(loose_content(Content(counts=count(np.arange(keys[step])))))
        elif step == "absorb":
            pane.absorb(other)
        elif step == "tidy":
            pane.tidy()
        else:
            assert pane.packed.nbytes <= pane.nbytes
        sizes = [part.nbytes for part in pane._parts]
        assert (pane._bytes, pane._largest) == (sum(sizes), max(sizes, default=0))


def test_a_pane_takes_on_another_in_whatever_state_it_is() -> None:
    target, packed, loose = Pane(), Pane(), Pane()
    for pane in (packed, loose):
        pane.add(loose_content(one(2)))
        pane.add(loose_content(one(7)))
    assert packed.packed.counts is packed.packed.counts
    for pane in (packed, loose, Pane()):
        target.absorb(pane)
    assert target.content.counts.dense(8).tolist() == [0, 0, 2, 0, 0, 0, 0, 2]
