"""Two models side by side: whatever goes wrong in one, the other one's figures are what they would be without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest

from exporter import catalogue, figures
from exporter.configuration import load
from exporter.exposition.text import Renderer
from exporter.figures import traffic
from exporter.ledger.ledger import Ledger
from exporter.pipeline import Pipeline
from exporter.service import models
from exporter.service.app import App
from exporter.snapshot import Sample
from exporter.sources import Source
from exporter.state import persistence
from exporter.state.database import State
from tests.end_to_end.world import Page, World, eventually, page_of, total

SECOND = 1_000_000
MODELS = """\
evaluation_interval: 1s
storage: {commit_interval: 1s}
models:
  calm: {task: binary, predictions: calm/predictions.jsonl, windows: [100rows]}
  wild: {task: binary, predictions: wild/predictions.jsonl, labels: wild/labels.jsonl, windows: [100rows]}
"""


class Bench:
    """An app with two models and a clock that only tests move."""

    def __init__(self, folder: Path) -> None:
        self.calm, self.wild = World(folder / "calm"), World(folder / "wild")
        self.calm.predict(30)
        self.wild.predict(40)
        self.wild.label(0, 40)
        (folder / "driftbell.yml").write_text(MODELS)
        self.configuration = load(folder / "driftbell.yml").configuration
        self.state = State(folder / "state")
        self.now = round((self.calm.start + 60) * SECOND)
        self.app = App(self.configuration, self.state, lambda: self.now)
        for model in self.configuration.models.values():
            self.app.add(Pipeline(model, None, self.state.seed))

    def close(self) -> None:
        self.app.close()
        self.state.close()

    def settle(self, seconds: float = 0) -> None:
        self.now += round(seconds * SECOND)
        while self.app.step():
            pass

    def page(self) -> Page:
        return page_of((self.app.body() or b"").decode())

    def own(self) -> Page:
        return page_of(Renderer().render(self.app.own()).decode())

    def requests(self, model: str) -> float | None:
        return total(self.page(), "ml_requests_total", model_name=model)

    def said(self, name: str, model: str, **labels: str) -> float | None:
        return total(self.own(), f"ml_exporter_{name}", model_name=model, **labels)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with closing(Bench(tmp_path)) as bench:
        yield bench


def breaks(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError("nobody thought of that")


def break_for(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, model: str, *, after: bool = False) -> None:
    """Let a method fail for one model: before it does anything, or after it has done everything."""
    whole = getattr(owner, name)

    def broken(self: Any, *arguments: Any, **named: Any) -> Any:
        is_meant = (self.model if isinstance(self, Pipeline) else self.layout.model).name == model
        if is_meant and not after:
            breaks()
        found = whole(self, *arguments, **named)
        if is_meant:
            breaks()
        return found

    monkeypatch.setattr(owner, name, broken)


def test_at_first_all_is_well(bench: Bench) -> None:
    bench.settle()
    assert (bench.requests("calm"), bench.requests("wild")) == (30, 40)
    for model in ("calm", "wild"):
        assert bench.said("model_up", model) == 1
        assert bench.said("model_failures_total", model) == 0
        assert bench.said("figure_failures_total", model) == 0
        assert bench.said("source_failures_total", model, source="predictions") == 0


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [
        (Pipeline, "begin", False),
        (Pipeline, "step", False),
        (Pipeline, "step", True),
        (Ledger, "add_predictions", False),
        (Ledger, "add_predictions", True),
        (Pipeline, "sections", False),
        (Pipeline, "source_samples", False),
        (persistence, "save", True),
    ],
)
def test_one_that_fails_is_set_aside_and_loses_and_doubles_nothing(
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    after: bool,
) -> None:
    bench.settle()
    with monkeypatch.context() as broken:
        break_for(broken, owner, name, "wild", after=after)
        bench.wild.predict(5)
        bench.calm.predict(7)
        bench.settle(2)
        assert (bench.requests("calm"), bench.requests("wild")) == (37, None)
        assert (bench.said("model_up", "calm"), bench.said("model_up", "wild")) == (1, 0)
        assert (bench.said("source_up", "wild", source="predictions"), bench.said("source_up", "calm")) == (0, 1)
        assert bench.said("model_failures_total", "wild") == 1
        first = [record for record in caplog.records if record.levelname == "ERROR" and "set aside" in record.message]
        assert [record.exc_info is not None for record in first] == [True]
        assert first[0].fields["model"] == "wild"  # type: ignore[attr-defined]
        # It fails again each time that it is tried, ever more rarely, and without the traceback.
        for _ in range(60):
            bench.settle(1)
        assert 4 <= (bench.said("model_failures_total", "wild") or 0) <= 9
    again = [record for record in caplog.records if "set aside" in record.message or "cannot start" in record.message]
    assert sum(record.exc_info is not None for record in again) == 1
    bench.settle(models._LONGEST_PAUSE / SECOND)
    bench.settle(1)
    assert (bench.requests("calm"), bench.requests("wild")) == (37, 45)
    assert bench.said("model_up", "wild") == 1
    assert total(bench.page(), "ml_labels_total", model_name="wild", outcome="joined") == 40
    assert bench.said("rows_total", "wild", source="predictions") == 45
    assert bench.said("rejected_rows_total", "wild") == 0


def test_a_state_of_one_model_that_cannot_be_read_again_costs_that_one_only(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.settle()
    with monkeypatch.context() as broken:
        break_for(broken, Pipeline, "step", "wild")
        bench.settle(2)
        broken.setattr(persistence, "restore", breaks)
        bench.calm.predict(1)
        bench.settle(10)
    assert (bench.requests("calm"), bench.requests("wild"), bench.said("model_up", "wild")) == (31, None, 0)


def test_models_stay_in_the_order_of_the_configuration(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.settle()
    with monkeypatch.context() as broken:
        break_for(broken, Pipeline, "step", "calm")
        bench.settle(2)
        assert [each.model.name for each in bench.app._models.working] == ["wild"]
    bench.settle(10)
    assert [each.model.name for each in bench.app._models.working] == ["calm", "wild"]


def test_a_figure_that_cannot_be_computed_is_left_out_and_nothing_else(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.settle()
    whole = bench.page()
    monkeypatch.setattr(figures, "WINDOW_FIGURES", tuple(map(for_wild_only, figures.WINDOW_FIGURES)))
    # What has not changed is not computed again: one row is the occasion.
    bench.wild.predict(1)
    for _ in range(5):
        bench.settle(1)
    found = bench.page()
    gone = {key for key in whole if key not in found}
    assert {name for name, _ in gone} == {"ml_window_requests", "ml_error_ratio", "ml_latency_seconds"}
    assert {dict(labels)["model_name"] for _, labels in gone} == {"wild"}
    assert bench.said("figure_failures_total", "wild") == 5
    assert bench.said("figure_failures_total", "calm") == 0
    assert bench.said("model_up", "wild") == 1
    (record,) = (each for each in caplog.records if each.message == "figures are left out")
    assert record.exc_info is not None
    assert record.fields == {  # type: ignore[attr-defined]
        "model": "wild",
        "figures": "traffic",
        "error": "ZeroDivisionError('nobody thought of that')",
    }


def for_wild_only(group: Any) -> Any:
    if group is not traffic.window_figures:
        return group

    def broken(view: Any) -> Iterator[Sample]:
        for number, sample in enumerate(group(view)):
            # In the middle of it.
            if number == 1 and view.labels[0] == "wild":
                breaks()
            yield sample

    broken.__module__ = group.__module__
    return broken


def odd(value: Any, group: Any, view: Any) -> Iterator[Sample]:
    for sample in group(view):
        is_meant = sample.metric.name == "ml_window_requests" and sample.labels[0] == "wild"
        yield sample._replace(value=value) if is_meant else sample


@pytest.mark.parametrize("value", [float("nan"), None, "text"])
def test_a_figure_that_cannot_be_written_is_left_out_and_nothing_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    bench.settle()
    whole = bench.page()
    monkeypatch.setattr(figures, "WINDOW_FIGURES", tuple(partial(odd, value, each) for each in figures.WINDOW_FIGURES))
    monkeypatch.setattr(figures, "name_of", str)
    bench.wild.predict(1)
    bench.settle(1)
    gone = whole.keys() - bench.page().keys()
    assert {name for name, _ in gone} == {"ml_window_requests"}
    assert {dict(labels)["model_name"] for _, labels in gone} == {"wild"}
    assert bench.said("figure_failures_total", "wild") == len(gone)


def test_a_series_that_two_windows_have_is_left_out_and_spoils_no_other_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_a_window(view: Any) -> Iterator[Sample]:
        if view.layout.model.name == "wild":
            yield Sample(catalogue.SLO_EVENTS, (*view.labels, "mistake"), 1)

    monkeypatch.setattr("tests.exporter.service.test_models.MODELS", MODELS.replace("[100rows]", "[100rows, 50rows]"))
    monkeypatch.setattr(figures, "WINDOW_FIGURES", (*figures.WINDOW_FIGURES, without_a_window))
    with closing(Bench(tmp_path)) as bench:
        for _ in range(3):
            bench.settle(1)
        assert (bench.requests("calm"), bench.requests("wild")) == (30, 40)
        # Of all versions, and of the only one.
        assert bench.said("figure_failures_total", "wild") == 3 * 2
        assert bench.said("figure_failures_total", "calm") == 0


def test_a_source_that_hangs_holds_nobody_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.settle()
    let_go = threading.Event()
    feed = bench.app._models.working[1].predictions
    source: Source[Any] = feed._source._source  # type: ignore[attr-defined]
    poll = source.poll

    def hang(cursor: Any) -> Any:
        assert let_go.wait(60)
        return poll(cursor)

    monkeypatch.setattr(source, "poll", hang)
    bench.wild.predict(5)
    bench.calm.predict(7)
    bench.settle(2)
    assert (bench.requests("calm"), bench.requests("wild")) == (37, 40)
    assert bench.said("source_up", "wild", source="predictions") == 1
    bench.settle(11)
    assert bench.said("source_up", "wild", source="predictions") == 0
    assert (bench.said("model_up", "wild"), bench.requests("calm")) == (1, 37)
    let_go.set()

    def is_back() -> bool:
        bench.settle(6)
        return bench.requests("wild") == 45

    assert eventually(is_back, "the rows that were waited for")
    assert bench.said("source_up", "wild", source="predictions") == 1
