"""While the state of a window is the same, so are all of its figures; and it stays the same while nothing happens to it."""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.configuration.comparisons import Comparison
from exporter.ledger.window_state import state_of
from exporter.ledger.window_view import views
from exporter.pipeline import Pipeline
from exporter.snapshot import UNKNOWN, Sample
from tests.exporter.synthetic import NOW, SECOND, START, Record, Task, arrival, drain, fill, world

MINUTE = 60 * SECOND


class Watch:
    """Looks at every section after each step, and at whether one that seems the same is the same."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Hashable, list[Sample]]] = {}
        self.same = self.changed = 0

    def look(self, pipeline: Pipeline, now: int | None) -> None:
        for section in pipeline.sections(now):
            if section.state is UNKNOWN:
                assert section.name == "counters"
                continue
            samples = in_order(section.samples())
            state, before = self.known.get(section.name, (None, []))
            if state == section.state:
                assert samples == before
                self.same += 1
            else:
                self.changed += 1
            self.known[section.name] = section.state, samples


def in_order(samples: Iterable[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda sample: (sample.metric.name, sample.labels))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@settings(deadline=None, max_examples=4)
@given(
    seed=st.integers(0, 1 << 32),
    windows=st.sampled_from(("10m, 1h, all", "10m, 15rows", "{length: 10m, previous: true}, 1h, 40rows")),
)
def test_what_seems_the_same_is_the_same(task: Task, seed: int, windows: str) -> None:
    random_ = random.Random(seed)
    with TemporaryDirectory() as folder:
        made = world(Path(folder), task, windows=windows)
        fill(made, random_, 40, 2 * 3600)
        pipeline, watch = made.pipeline(3000), Watch()
        logs = {"predictions.jsonl": arrival(made.predictions, random_), "labels.jsonl": arrival(made.labels, random_)}
        last = max(log[-1][0] for log in logs.values() if log)
        for cut in [*sorted(random_.uniform(START, last) for _ in range(4)), last]:
            for name, log in logs.items():
                here = [pair for pair in log if pair[0] <= cut]
                made.write(name, (record for _, record in here))
                logs[name] = log[len(here) :]
            while pipeline.step(NOW):
                watch.look(pipeline, pipeline.ledger.now)
        for minutes in range(0, 240, 40):
            pipeline.step(NOW + minutes * MINUTE)
            watch.look(pipeline, pipeline.ledger.now)
        pipeline.close()
    assert watch.changed
    assert watch.same


def test_a_window_is_the_same_until_it_moves_a_row_comes_or_a_label(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, 1h")
    pipeline = made.pipeline()
    made.write("predictions.jsonl", [prediction(second, str(second)) for second in range(0, 7200, 60)])
    made.write("labels.jsonl", [label(3000, "2400")])
    drain(pipeline)
    ledger, (short, long) = pipeline.ledger, pipeline.model.windows
    now = ledger.now
    assert now is not None
    before = state_of(ledger, short, now), state_of(ledger, long, now)
    within = now // short.step * short.step + short.step - 1
    assert state_of(ledger, short, within) == before[0]
    assert state_of(ledger, short, within + 1) != before[0]
    made.write("labels.jsonl", [label(7100, "3600")])
    drain(pipeline)
    assert ledger.now == now
    # The short window does not reach back to the row that has a label now.
    assert state_of(ledger, short, now) == before[0]
    assert state_of(ledger, long, now) != before[1]
    pipeline.close()


def test_an_older_row_may_make_a_window_whole(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, 1h")
    pipeline = made.pipeline()
    made.write("predictions.jsonl", [prediction(second, str(second)) for second in range(3600, 7200, 60)])
    drain(pipeline)
    ledger, long = pipeline.ledger, pipeline.model.windows[1]
    assert ledger.now is not None
    before, was_complete = state_of(ledger, long, ledger.now), views(ledger, long, ledger.now)[0].complete
    ledger.history.first = (START + 60) * SECOND
    assert (was_complete, views(ledger, long, ledger.now)[0].complete) == (False, True)
    assert state_of(ledger, long, ledger.now) != before
    pipeline.close()


def test_requests_become_due_one_after_the_other(tmp_path: Path) -> None:
    # Between two steps of the window, too.
    made = world(tmp_path, settle="1830s", windows="10m, 1h")
    pipeline = made.pipeline()
    made.write("predictions.jsonl", [prediction(second, str(second)) for second in range(0, 7200, 20)])
    drain(pipeline)
    ledger, long = pipeline.ledger, pipeline.model.windows[1]
    assert ledger.now is not None
    step = ledger.now // long.step * long.step
    early, late = step + 29 * SECOND, step + 31 * SECOND
    assert views(ledger, long, early)[0].due < views(ledger, long, late)[0].due
    assert state_of(ledger, long, early) != state_of(ledger, long, late)
    pipeline.close()


def test_what_a_window_is_compared_with_is_part_of_it(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, 1h")
    made.model = made.model.model_copy(
        update={"comparisons": {"before": Comparison.model_validate({"back": "window"})}}
    )
    pipeline = made.pipeline()
    made.write("predictions.jsonl", [prediction(second, str(second)) for second in range(0, 7200, 60)])
    made.write("labels.jsonl", [label(100, "0")])
    drain(pipeline)
    ledger, (short, long) = pipeline.ledger, pipeline.model.windows
    assert ledger.now is not None
    before = state_of(ledger, short, ledger.now), state_of(ledger, long, ledger.now)
    made.write("labels.jsonl", [label(7100, "1800")])
    drain(pipeline)
    # The label is of a row that lies in the hour before the last.
    assert state_of(ledger, long, ledger.now) != before[1]
    assert state_of(ledger, short, ledger.now) == before[0]
    pipeline.close()


def test_no_two_pipelines_have_a_state_in_common(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.write("predictions.jsonl", [prediction(0, "a"), prediction(7200, "b")])
    states = []
    for _ in range(2):
        pipeline = made.pipeline()
        drain(pipeline)
        states.append({section.state for section in pipeline.sections(pipeline.ledger.now)} - {UNKNOWN})
        pipeline.close()
    # Of the reference and of three windows.
    assert len(states[0]) == 4
    assert states[0].isdisjoint(states[1])


def prediction(second: float, name: str) -> Record:
    when = round((START + second) * SECOND)
    return {"timestamp": when, "request_id": name, "version": "v1", "score": 0.9, "x": 1.0}


def label(second: float, name: str) -> Record:
    return {"timestamp": round((START + second) * SECOND), "request_id": name, "label": 1}
