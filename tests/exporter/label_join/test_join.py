"""The label join against an oracle in plain Python that knows all lines from the start."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.counting.layout import CORRECTED, DUPLICATE, JOINED, UNSCORED
from exporter.label_join.join import LabelJoin
from exporter.rows.outcomes import Outcomes, Settled
from exporter.rows.record import Labels, Predictions

SECOND = 1_000_000
HORIZON = 100 * SECOND
SETTLE = 30 * SECOND
END = 10_000 * SECOND


class Prediction(NamedTuple):
    time: int
    key: int
    version: int
    scored: bool = True


class Line(NamedTuple):
    time: int
    key: int
    value: float


def predictions_of(rows: list[Prediction]) -> Predictions:
    n = len(rows)
    return Predictions(
        time=np.array([row.time for row in rows], np.int64) * SECOND,
        key=np.array([row.key for row in rows], np.uint64),
        has_key=np.ones(n, dtype=bool),
        version=np.array([row.version for row in rows], np.int32),
        endpoint=np.zeros(n, np.int32),
        status=np.array([200 if row.scored else 500 for row in rows], np.int32),
        latency=np.zeros(n),
        numeric=np.empty((n, 0)),
        categorical=np.empty((n, 0), np.int32),
        predicted=np.zeros(n),
        scores=np.empty((n, 0)),
        groups=np.empty((n, 0), np.int32),
        amounts=np.empty((n, 0)),
    )


def labels_of(rows: list[Line]) -> Labels:
    return Labels(
        time=np.array([row.time for row in rows], np.int64) * SECOND,
        key=np.array([row.key for row in rows], np.uint64),
        value=np.array([row.value for row in rows], np.float64),
    )


@dataclass
class Seen:
    """What a join has said, summed up: what each prediction's label is, and what has settled."""

    join: LabelJoin = field(default_factory=lambda: LabelJoin(HORIZON, 0, 0, settle=SETTLE))
    outcomes: Counter[tuple[int, int]] = field(default_factory=Counter)
    labelled: set[tuple[int, int, int]] = field(default_factory=set)
    current: dict[tuple[int, int, int], float] = field(default_factory=dict)
    settled: dict[tuple[int, int, int], float] = field(default_factory=dict)

    def predict(self, rows: list[Prediction]) -> None:
        batch = predictions_of(rows)
        batch = batch.take(~self.join.duplicates(batch))
        self.take(self.join.add_predictions(batch, batch.status < 400))

    def label(self, rows: list[Line]) -> None:
        self.take(self.join.add_labels(labels_of(rows)))

    def take(self, found: Outcomes) -> None:
        self.outcomes.update(zip(found.version.tolist(), found.outcome.tolist(), strict=True))
        for name, value in zip(names(found.lost), found.lost_value.tolist(), strict=True):
            assert self.current.pop(name) == value
        for name, value, first in zip(
            names(found.gained), found.gained_value.tolist(), found.first.tolist(), strict=True
        ):
            assert first == (name not in self.labelled)
            self.labelled.add(name)
            assert name not in self.current
            self.current[name] = value
        self.settle(found.settled)

    def settle(self, settled: Settled) -> None:
        for name, value in zip(names(settled.rows), settled.value.tolist(), strict=True):
            assert name not in self.settled, "settled twice"
            self.settled[name] = value

    def advance(self, clock: int) -> None:
        self.settle(self.join.advance(clock * SECOND))


def names(rows: object) -> list[tuple[int, int, int]]:
    return list(zip(rows.time.tolist(), rows.key.tolist(), rows.version.tolist(), strict=True))  # type: ignore[attr-defined]


class Truth(NamedTuple):
    outcomes: Counter[tuple[int, int]]
    current: dict[tuple[int, int, int], float]
    settled: dict[tuple[int, int, int], float]
    orphans: int


def truth_of(predictions: list[Prediction], lines: list[Line]) -> Truth:
    """Everything by the definitions, long after the last row."""
    outcomes: Counter[tuple[int, int]] = Counter()
    current, settled = {}, {}
    matched: set[int] = set()
    by_key = defaultdict(list)
    for number, line in enumerate(lines):
        by_key[line.key].append((number, line))
    for row in set(predictions):
        near = [(n, line) for n, line in by_key[row.key] if abs(line.time - row.time) <= HORIZON // SECOND]
        matched.update(n for n, _ in near)
        mine = [line for _, line in near]
        if not row.scored:
            outcomes[row.version, UNSCORED] += len(mine)
        elif mine:
            name = (row.time * SECOND, row.key, row.version)
            values = len({line.value for line in mine})
            outcomes[row.version, JOINED] += 1
            outcomes[row.version, CORRECTED] += values - 1
            outcomes[row.version, DUPLICATE] += len(mine) - values
            current[name] = max(mine, key=lambda line: (line.time, line.value)).value
            moment = row.time + SETTLE // SECOND
            known = [line for line in mine if line.time <= moment]
            best = max(known, key=lambda line: (line.time, line.value), default=None)
            settled[name] = (best or min(mine, key=lambda line: (line.time, -line.value))).value
    return Truth(+outcomes, current, settled, len(lines) - len(matched))


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[Prediction], list[Line]]:
    times, keys = st.integers(0, 400), st.integers(0, 8)
    # One record for each request and version: which of two different ones wins depends on their order.
    chosen = draw(
        st.dictionaries(st.tuples(keys, st.integers(0, 1)), st.tuples(times, st.booleans()), max_size=14).map(
            dict.items
        )
    )
    predictions = [Prediction(time, key, version, scored) for (key, version), (time, scored) in chosen]
    predictions += draw(st.lists(st.sampled_from(predictions), max_size=3)) if predictions else []
    lines = draw(st.lists(st.builds(Line, times, keys, st.sampled_from((0.0, 1.0, 2.0))), max_size=25))
    return predictions, lines


@settings(deadline=None)
@given(logs(), st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_gives_what_the_definitions_say(rows: tuple[list[Prediction], list[Line]], cuts: list[int]) -> None:
    predictions, lines = rows
    seen = Seen()
    for start, stop in pairwise([-1, *sorted(cuts), 400]):
        # Labels first every other time: a line may be read long before its prediction.
        seen.label([line for line in lines if start < line.time <= stop])
        seen.predict([row for row in predictions if start < row.time <= stop])
        seen.advance(stop)
    seen.advance(END)
    true = truth_of(predictions, lines)
    assert +seen.outcomes == true.outcomes
    assert (seen.current, seen.settled) == (true.current, true.settled)
    assert seen.join.orphans == true.orphans
    assert len(seen.join.predictions) == len(seen.join.labels) == len(seen.join.waiting) == 0


@settings(deadline=None)
@given(logs(), st.randoms(use_true_random=False))
def test_without_a_clock_any_order_does(rows: tuple[list[Prediction], list[Line]], random_: Random) -> None:
    """As in a backtest: rows in no order at all, everything kept, settled and closed at the end."""
    predictions, lines = rows
    work: list[Prediction | Line] = [*predictions, *lines]
    random_.shuffle(work)
    seen = Seen()
    for item in work:
        if isinstance(item, Line):
            seen.label([item])
        else:
            seen.predict([item])
    seen.settle(seen.join.settle_all())
    seen.join.close(np.empty(0, np.uint64))
    true = truth_of(predictions, lines)
    assert +seen.outcomes == true.outcomes
    assert (seen.current, seen.settled, seen.join.orphans) == (true.current, true.settled, true.orphans)


@pytest.mark.parametrize(("distance", "joined"), [(100, 1), (101, 0), (-100, 1), (-101, 0)])
@pytest.mark.parametrize("label_first", [True, False])
def test_the_horizon_counts_itself(distance: int, joined: int, label_first: bool) -> None:
    seen = Seen()
    if label_first:
        seen.label([Line(1000 + distance, 1, 1.0)])
    seen.predict([Prediction(1000, 1, 0)])
    if not label_first:
        seen.label([Line(1000 + distance, 1, 1.0)])
    assert seen.outcomes[0, JOINED] == joined
    seen.advance(9000)
    assert seen.join.orphans == 1 - joined


def test_an_early_label_is_undone_by_its_correction_to_the_last() -> None:
    """The first line is a horizon older than its prediction, the correction a horizon younger."""
    seen = Seen()
    seen.label([Line(900, 1, 0.0)])
    seen.advance(900)
    seen.predict([Prediction(1000, 1, 0)])
    for clock in range(900, 1101, 10):
        seen.advance(clock)
    seen.label([Line(1100, 1, 1.0)])
    assert seen.current == {(1000 * SECOND, 1, 0): 1.0}
    assert seen.settled == {(1000 * SECOND, 1, 0): 0.0}


def test_a_request_id_that_comes_again_after_the_horizon_is_another_request() -> None:
    seen = Seen()
    rows = predictions_of([Prediction(time, 1, 0) for time in (0, 100, 101, 150, 202)])
    assert seen.join.duplicates(rows).tolist() == [False, True, False, True, False]
    seen.predict([Prediction(0, 1, 0)])
    again = predictions_of([Prediction(100, 1, 0), Prediction(101, 1, 0), Prediction(0, 1, 1)])
    assert seen.join.duplicates(again).tolist() == [True, False, False]


def test_close_leaves_out_requests_elsewhere() -> None:
    seen = Seen()
    seen.label([Line(1, 1, 0.0), Line(1, 2, 0.0), Line(2, 3, 0.0)])
    seen.predict([Prediction(1, 3, 0)])
    seen.join.close(np.array([2], np.uint64))
    assert seen.join.orphans == 1


def test_stragglers_behind_the_clock_still_settle_once() -> None:
    seen = Seen()
    seen.predict([Prediction(0, 1, 0), Prediction(0, 2, 0)])
    seen.label([Line(5, 2, 0.0)])
    seen.advance(50)
    seen.label([Line(10, 1, 1.0), Line(11, 2, 1.0)])
    seen.label([Line(12, 1, 2.0), Line(7, 9, 1.0)])
    seen.predict([Prediction(8, 9, 0)])
    seen.advance(90)
    assert seen.settled == {(0, 1, 0): 1.0, (0, 2, 0): 0.0, (8 * SECOND, 9, 0): 1.0}


def test_the_oldest_go_when_there_is_no_room() -> None:
    seen = Seen()
    seen.join.limit = 20_000
    for time in range(0, 90, 3):
        seen.predict([Prediction(time, 100 * time + i, 0) for i in range(40)])
        seen.label([Line(time, 100 * time + i, 1.0) for i in range(0, 40, 2)])
        seen.label([Line(time, 100 * time + 77, 1.0)])
        seen.settle(seen.join.evict())
        assert seen.join.nbytes <= 20_000
        seen.advance(time)
    assert seen.join.evicted > 600
    assert seen.join.evicted + len(seen.join.predictions) == 30 * 40
    assert min(seen.join.predictions.times) > 50 * SECOND
    seen.advance(1000)
    # Each was counted once: what was given up with the label that it had.
    assert len(seen.settled) == seen.outcomes[0, JOINED] == 30 * 20
    assert seen.join.orphans == 30


def test_a_line_that_loses_its_prediction_is_no_orphan() -> None:
    seen = Seen(join=LabelJoin(HORIZON, 0, 0, settle=SETTLE, limit=2000))
    seen.predict([Prediction(i, i + 1, 0) for i in range(60)])
    seen.label([Line(i + 50, i + 1, 1.0) for i in range(60)])
    seen.settle(seen.join.evict())
    assert seen.join.evicted > 40
    for time in (200, 400, 1000):
        seen.settle(seen.join.advance(time * SECOND))
    assert seen.outcomes == {(JOINED, 0): 60}
    assert seen.join.orphans == 0
    assert len(seen.settled) == 60


def test_equal_times_cannot_stop_an_eviction() -> None:
    seen = Seen()
    seen.join.limit = 1000
    seen.predict([Prediction(5, i, 0) for i in range(200)])
    seen.settle(seen.join.evict())
    assert seen.join.nbytes <= 1000
    assert seen.join.evicted == 200


def test_a_kept_prediction_keeps_its_line_through_an_eviction() -> None:
    seen = Seen()
    seen.label([Line(0, 1, 0.0), *(Line(10, 1000 + i, 0.0) for i in range(50))])
    seen.predict([Prediction(60, 1, 0)])
    seen.join.limit = 600
    seen.settle(seen.join.evict())
    seen.label([Line(70, 1, 1.0)])
    assert seen.current == {(60 * SECOND, 1, 0): 1.0}
    assert seen.join.orphans == 50


def test_a_regression_has_nothing_to_settle() -> None:
    seen = Seen(LabelJoin(HORIZON, 0, 0, settle=None))
    seen.predict([Prediction(0, 1, 0)])
    seen.label([Line(1, 1, 1.0)])
    seen.advance(5000)
    assert seen.settled == {}


@pytest.mark.parametrize(
    ("shared", "start", "expected"),
    [
        (False, None, (3, 0)),
        # A label line may belong to a prediction of another exporter, or to one from before the start.
        (True, None, (0, 3)),
        (False, 0, (2, 1)),
        (False, 300, (1, 2)),
        (False, 3000, (0, 3)),
    ],
)
def test_whose_fault_a_line_without_a_prediction_is(shared: bool, start: int | None, expected: tuple[int, int]) -> None:
    for cut in (False, True):
        join = LabelJoin(HORIZON, 0, 0, settle=SETTLE, shared=shared)
        if start is not None:
            join.begin_at(start * SECOND)
        join.add_predictions(predictions_of([Prediction(50, 1, 0)]), np.ones(1, dtype=bool))
        join.add_labels(labels_of([Line(time, key, 1.0) for time, key in ((50, 1), (60, 2), (399, 3), (500, 4))]))
        if cut:
            join.close(np.empty(0, np.uint64))
        else:
            join.advance(END)
        assert (join.orphans, join.take_strays()) == expected
        assert join.take_strays() == 0


def test_lines_that_come_too_late_or_are_evicted_are_strays_as_well() -> None:
    join = LabelJoin(HORIZON, 0, 0, settle=SETTLE, shared=True, limit=10 * 24)
    join.advance(END)
    join.add_labels(labels_of([Line(10, 1, 1.0)]))
    assert join.take_strays() == 1
    join.add_labels(labels_of([Line(END // SECOND + i, 100 + i, 1.0) for i in range(20)]))
    join.evict()
    assert (join.take_strays() > 5, join.orphans) == (True, 0)
