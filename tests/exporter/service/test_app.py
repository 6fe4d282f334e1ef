"""The worker with a clock that only tests move; the whole process is tested in tests/end_to_end."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.configuration import load
from exporter.configuration.schema import Configuration
from exporter.exposition.page import Format
from exporter.exposition.press import Press
from exporter.exposition.text import Renderer
from exporter.figures.spread import Spreads
from exporter.intake.aside import UnansweredError
from exporter.pipeline import Pipeline
from exporter.service.app import App
from exporter.state import persistence
from exporter.state.database import State
from exporter.state.problem import StateError
from tests.end_to_end.world import Page, World, page_of, total

SECOND = 1_000_000


class Clock:
    def __init__(self, start: float) -> None:
        self.now = round(start * SECOND)

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


class Bench:
    """An app on a world's logs."""

    def __init__(self, world: World, commit_interval: str = "100ms") -> None:
        text = world.config.read_text().replace("commit_interval: 100ms", f"commit_interval: {commit_interval}")
        world.config.write_text(text)
        self.configuration: Configuration = load(world.config).configuration
        self.state = State(world.folder / "state")
        self.clock = Clock(world.start + 60)
        self.app = App(self.configuration, self.state, self.clock)
        (self.model,) = self.configuration.models.values()
        self.app.add(Pipeline(self.model, None, 1))

    def models(self) -> Page:
        return page_of((self.app.body() or b"").decode())

    def own(self) -> Page:
        return page_of(Renderer().render(self.app.own()).decode())

    def rows_committed(self) -> int:
        """What another process would find."""
        pipeline = Pipeline(self.model, None, 1)
        persistence.restore(pipeline, self.state)
        return pipeline.predictions.health.rows


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w")
    world.predict(20)
    return world


@pytest.fixture
def bench(world: World) -> Iterator[Bench]:
    bench = Bench(world, commit_interval="10s")
    yield bench
    bench.app.close()
    bench.state.close()


def test_the_first_evaluation_waits_for_the_backlog(bench: Bench) -> None:
    assert bench.app.step()
    assert not bench.app.is_ready
    assert bench.app.body() is None
    while bench.app.step():
        pass
    assert bench.app.is_ready
    assert total(bench.models(), "ml_requests_total") == 20


def test_a_page_never_counts_more_rows_than_the_exporter_says_it_has_read(
    world: World, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look() -> None:
        seen.append((total(bench.models(), "ml_requests_total"), total(bench.own(), "ml_exporter_rows_total")))

    caught_up(bench)
    world.predict(5)
    # Between the new page and the end of the step.
    monkeypatch.setattr("exporter.service.app.give_back", look)
    bench.clock.advance(30)
    caught_up(bench)
    assert (25, 25) in seen
    assert all(counted <= read for counted, read in seen if counted is not None and read is not None)


def test_a_source_that_has_not_answered_yet_is_not_at_its_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder of ten thousand files takes longer to be looked through than the worker waits."""
    caplog.set_level("INFO")
    (pipeline,) = bench.app._models.working
    with monkeypatch.context() as patched:
        patched.setattr(pipeline.predictions._source, "poll", fail_with(UnansweredError()))
        assert not bench.app.step()
        assert not bench.app.is_ready
        assert "caught up" not in caplog.text
    caught_up(bench)
    assert bench.app.is_ready
    assert caplog.text.count("caught up") == 1


def test_a_log_that_grows_as_fast_as_it_is_read_is_evaluated_all_the_same(world: World, bench: Bench) -> None:
    for _ in range(3):
        assert bench.app.step()
        world.predict(1)
        bench.clock.advance(0.4)
    assert bench.app.step()
    assert bench.app.is_ready


def test_figures_are_renewed_once_an_interval(world: World, bench: Bench) -> None:
    caught_up(bench)
    world.predict(5)
    bench.app.step()
    assert total(bench.models(), "ml_requests_total") == 20
    bench.clock.advance(1)
    bench.app.step()
    assert total(bench.models(), "ml_requests_total") == 25


def test_the_next_page_is_compressed_by_the_worker_once_a_scrape_has_asked_for_that(
    world: World, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught_up(bench)
    first = bench.app.page()
    assert first is not None
    first.compressed_document(Format.OPENMETRICS)
    world.predict(5)
    bench.clock.advance(1)
    bench.app.step()
    second = bench.app.page()
    assert second is not None
    assert second is not first
    monkeypatch.setattr("exporter.exposition.page.deflate", fail_with(AssertionError("compressed for a scrape")))
    text = gzip.decompress(second.compressed_document(Format.OPENMETRICS))
    assert text == second.document(Format.OPENMETRICS)


def test_what_an_evaluation_shows_has_been_committed(world: World, bench: Bench) -> None:
    """Or else a killed process would leave counters that fall."""
    caught_up(bench)
    world.predict(5)
    bench.clock.advance(1)
    bench.app.step()
    assert total(bench.models(), "ml_requests_total") == bench.rows_committed() == 25


def test_counters_of_sources_wait_for_the_commit_and_gauges_do_not(world: World, bench: Bench) -> None:
    caught_up(bench)
    world.predict(5, at=world.start + 30)
    bench.clock.advance(0.5)
    bench.app.step()
    own = bench.own()
    assert total(own, "ml_exporter_rows_total", source="predictions") == bench.rows_committed() == 20
    assert total(own, "ml_exporter_newest_event_timestamp_seconds") == pytest.approx(world.start + 30.004)
    assert (
        total(own, "ml_exporter_source_last_success_timestamp_seconds", source="predictions") == bench.clock.now / 1e6
    )
    bench.app.commit()
    bench.app.step()
    assert total(bench.own(), "ml_exporter_rows_total", source="predictions") == bench.rows_committed() == 25


def test_between_evaluations_it_commits_at_its_own_interval(world: World) -> None:
    bench = Bench(world, commit_interval="100ms")
    caught_up(bench)
    world.predict(5)
    bench.app.step()
    assert bench.rows_committed() == 20
    bench.clock.advance(0.1)
    bench.app.step()
    assert bench.rows_committed() == 25
    bench.state.close()


def test_a_failed_commit_is_logged_and_made_good_by_the_next(
    world: World, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught_up(bench)
    world.predict(5)
    with monkeypatch.context() as broken:
        broken.setattr(persistence, "save", fail_with(StateError("the disk is full")))
        bench.clock.advance(1)
        with caplog.at_level(logging.ERROR):
            bench.app.step()
        assert not bench.app.commit()
    assert "the state was not saved" in caplog.text
    assert total(bench.models(), "ml_requests_total") == 25
    assert total(bench.own(), "ml_exporter_rows_total", source="predictions") == 25
    assert bench.rows_committed() == 20
    assert bench.app.commit()
    assert bench.rows_committed() == 25


def test_figures_of_a_stuck_worker_go_and_come_back(bench: Bench) -> None:
    caught_up(bench)
    bench.clock.advance(4.9)
    assert bench.app.body() is not None
    bench.clock.advance(0.1)
    assert bench.app.body() is None
    assert not bench.app.is_ready
    bench.app.step()
    assert bench.app.is_ready


def test_a_clock_that_was_set_back_stops_nothing(world: World, bench: Bench) -> None:
    caught_up(bench)
    world.predict(5)
    bench.clock.advance(-3600)
    bench.app.step()
    assert bench.app.is_ready
    assert bench.rows_committed() == 25


def test_it_ends_with_a_commit(world: World, bench: Bench) -> None:
    caught_up(bench)
    world.predict(5)
    bench.app.step()
    bench.app.stop()
    assert bench.app.run()
    assert bench.rows_committed() == 25


def test_a_restored_model_shows_its_counters_before_anything_is_read(world: World) -> None:
    first = Bench(world)
    caught_up(first)
    first.state.close()
    again = Bench(world)
    assert total(again.own(), "ml_exporter_rows_total", source="predictions") == 20
    again.state.close()


def test_an_error_that_nobody_expected_is_not_swallowed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Press, "page", fail_with(ValueError("two models have one name")))
    with pytest.raises(ValueError, match="two models have one name"):
        bench.app.run()


def caught_up(bench: Bench) -> None:
    while bench.app.step():
        pass


def fail_with(error: Exception) -> object:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_a_question_is_answered_by_the_next_step(bench: Bench) -> None:
    while bench.app.step():
        pass
    question = bench.app.ask(bench.model.name)
    assert not question.done()
    bench.app.step()
    # Without a profile there is nothing to be compared with.
    assert question.result(0) == Spreads("1m", ())
