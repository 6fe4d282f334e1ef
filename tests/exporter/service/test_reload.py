"""A configuration taken on while the logs are read; signals and processes are in tests/end_to_end."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from exporter.capture.profiles import profile_of
from exporter.commands.serve import _configuration, _prepare
from exporter.configuration.schema import Configuration
from exporter.exposition.text import Renderer
from exporter.pipeline import Pipeline
from exporter.service.app import App
from exporter.service.reload import Prepared, Reload
from exporter.state import persistence
from exporter.state.codec import unpack
from exporter.state.database import State
from exporter.state.problem import StateError
from tests.end_to_end.world import Page, World, counters, eventually, fallen, page_of, total
from tests.exporter.service.test_app import Clock, fail_with

CHURN = "models:\n  churn:"


class Station:
    """An app on a world's logs that can be told to read its configuration again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = Clock(world.start + 60)
        self.configuration: Configuration = _configuration(world.config, None)
        self.state = State(world.folder / "state")
        self.app = App(
            self.configuration, self.state, self.clock, prepare=_prepare(world.config, None, world.folder / "profiles")
        )
        for model in self.configuration.models.values():
            self.app.add(Pipeline(model, profile_of(model, None), self.state.seed))

    def rewrite(self, old: str, new: str) -> None:
        text = self.world.config.read_text()
        assert old in text
        self.world.config.write_text(text.replace(old, new))

    def reload(self) -> None:
        self.app.request_reload()
        self.app.step()
        eventually(self._is_through, "the end of the reload")

    def read(self) -> None:
        while self.app.step():
            pass
        self.clock.advance(1)
        self.app.step()

    def page(self) -> Page:
        """What the models and the sources show, but for when it was read."""
        own = page_of(Renderer().render(self.app.own()).decode())
        page = page_of((self.app.body() or b"").decode()) | own
        return {key: value for key, value in page.items() if "_timestamp_" not in key[0] and "duration" not in key[0]}

    def successful(self) -> float | None:
        return total(self.page(), "ml_exporter_config_last_reload_successful")

    def close(self) -> None:
        self.app.close()
        self.state.close()

    def _is_through(self) -> bool:
        self.app.step()
        return not self.app.is_reloading


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    world = World(tmp_path / "w")
    world.predict(400)
    station = Station(world)
    yield station
    station.close()


def test_at_the_start_the_configuration_counts_as_taken_on(station: Station) -> None:
    assert station.successful() == 1
    page = page_of(Renderer().render(station.app.own()).decode())
    assert total(page, "ml_exporter_config_last_reload_success_timestamp_seconds") == station.clock.now / 1e6


_OF_THE_CONFIGURATION = ("ml_model_info", "ml_model_config_info")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("evaluation_interval: 1s", "evaluation_interval: 1s\n"),
        ("    windows:", "    info: {owner: somebody}\n    windows:"),
        ("    windows:", "    drift: {min_rows: 31}\n    windows:"),
    ],
    ids=["unchanged", "owner", "rows"],
)
def test_a_reload_between_two_batches_costs_and_doubles_nothing(tmp_path: Path, old: str, new: str) -> None:
    """Labels come for predictions from before the reload, and a file is half read when it happens."""
    world = World(tmp_path / "w")
    copy = world.copy(tmp_path / "copy")
    copy.start = world.start
    plain, reloaded = Station(world), Station(copy)
    for number in range(4):
        for station in (plain, reloaded):
            station.world.predict(200)
            station.world.label(150 * number, 150 * (number + 1))
            station.app.step()
            station.clock.advance(0.2)
        reloaded.rewrite(*((old, new) if number % 2 == 0 else (new, old)))
        before = reloaded.page()
        reloaded.reload()
        assert reloaded.successful() == 1
        assert fallen(before, reloaded.page()) == []
    for station in (plain, reloaded):
        station.read()
    assert total(reloaded.page(), "ml_requests_total") == 800
    assert total(reloaded.page(), "ml_labels_total", outcome="joined") == 600
    with_, without = (
        {key: value for key, value in station.page().items() if key[0] not in _OF_THE_CONFIGURATION}
        for station in (reloaded, plain)
    )
    # Sums of floats depend on the order in which they were added up.
    assert with_ == pytest.approx(without, rel=1e-12)
    assert counters(with_) == pytest.approx(counters(without), rel=0, abs=0)
    for station in (plain, reloaded):
        station.close()


def test_a_model_that_is_the_same_goes_on_untouched(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    station.read()
    monkeypatch.setattr(persistence, "restore", fail_with(AssertionError("built anew")))
    station.reload()
    assert station.successful() == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("task: binary", "task: binray", "did you mean binary?"),
        ("reference: reference.csv", "reference: none.csv", "none.csv: cannot be read"),
    ],
)
def test_what_is_wrong_leaves_the_old_configuration_in_force(
    station: Station, caplog: pytest.LogCaptureFixture, old: str, new: str, reason: str
) -> None:
    station.read()
    station.rewrite(old, new)
    station.reload()
    assert station.successful() == 0
    (record,) = [record for record in caplog.records if "was not reloaded" in record.getMessage()]
    assert reason in record.__dict__["fields"]["reason"]
    station.world.predict(100)
    station.read()
    assert total(station.page(), "ml_requests_total") == 500
    station.rewrite(new, old)
    station.reload()
    assert station.successful() == 1


def test_an_error_that_nobody_expected_is_no_end_either(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    station.app._reload = Reload(fail_with(ZeroDivisionError("of all things")), 0)  # type: ignore[arg-type]
    station.reload()
    assert station.successful() == 0
    assert "Traceback" in caplog.text
    station.read()
    assert total(station.page(), "ml_requests_total") == 400


def test_a_state_that_cannot_be_saved_puts_the_change_off(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    station.read()
    station.rewrite("    windows:", "    info: {owner: somebody}\n    windows:")
    with monkeypatch.context() as broken:
        broken.setattr(persistence, "save", fail_with(StateError("the disk is full")))
        station.reload()
        assert station.successful() == 0
    station.reload()
    assert total(station.page(), "ml_model_info", owner="somebody") == 1


def test_models_come_and_go_and_come_back_where_they_were(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    station.read()
    (station.world.folder / "more.jsonl").write_bytes((station.world.folder / "predictions.jsonl").read_bytes())
    other = "models:\n  other: {task: binary, predictions: more.jsonl, reference: reference.csv}\n  churn:"
    station.rewrite(CHURN, other)
    station.reload()
    station.read()
    assert total(station.page(), "ml_requests_total", model_name="other") == 400
    assert total(station.page(), "ml_requests_total", model_name="churn") == 400

    with caplog.at_level(logging.INFO):
        station.rewrite(other, CHURN)
        station.reload()
    assert "its state is kept" in caplog.text
    assert [key for key in station.page() if ("model_name", "other") in key[1]] == []

    station.rewrite(CHURN, other)
    station.reload()
    station.read()
    assert total(station.page(), "ml_exporter_rows_total", model_name="other", source="predictions") == 400


def test_a_model_with_another_name_goes_on_where_the_former_one_was(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    """Its log begins anew meanwhile, so that nothing could be read again."""
    station.world.label(0, 100)
    station.read()
    before = station.page()
    (station.world.folder / "predictions.jsonl").unlink()
    with caplog.at_level(logging.INFO):
        station.rewrite(CHURN, "models:\n  loyalty:")
        station.reload()
    assert "the model has another name" in caplog.text
    station.clock.advance(1)
    station.app.step()
    after = station.page()
    renamed = {(name, as_named(labels, "loyalty")): value for (name, labels), value in before.items()}
    assert {key for key in after if ("model_name", "churn") in key[1]} == set()
    assert "its state is kept" not in caplog.text
    for name in ("ml_requests_total", "ml_labels_total", "ml_window_requests", "ml_quality_rows"):
        kept = {key: value for key, value in after.items() if key[0] == name}
        assert kept == {key: value for key, value in renamed.items() if key[0] == name}
        assert kept

    station.rewrite("models:\n  loyalty:", CHURN)
    station.reload()
    assert total(station.page(), "ml_exporter_rows_total", model_name="churn", source="predictions") == 400
    station.world.predict(100)
    station.read()
    assert total(station.page(), "ml_requests_total", model_name="churn") == 500


def as_named(labels: tuple[tuple[str, str], ...], name: str) -> tuple[tuple[str, str], ...]:
    return tuple((key, name if key == "model_name" else value) for key, value in labels)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "models:\n  churn:",
            "models:\n  other: {task: binary, predictions: predictions.jsonl, reference: reference.csv}\n",
        ),
        ("labels: labels.jsonl", "info: {owner: somebody}"),
    ],
    ids=["twins", "another model"],
)
def test_a_name_is_passed_on_only_where_there_is_no_doubt(station: Station, before: str, after: str) -> None:
    station.read()
    text = station.world.config.read_text()
    if "\n" in before:
        # Two models that could both be the former one.
        section = text.partition(before)[2]
        text = text.replace(before, f"models:\n  one:{section}  two:")
    else:
        text = text.replace(before, after).replace(CHURN, "models:\n  one:")
    station.world.config.write_text(text)
    station.reload()
    assert station.successful() == 1
    assert unpack(station.state.model("churn") or b"")["published"]
    station.read()
    assert total(station.page(), "ml_requests_total", model_name="one") == 400


def test_an_accident_before_the_change_leaves_everything_as_it_is(
    station: Station, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    station.read()
    station.rewrite("    windows:", "    info: {owner: somebody}\n    windows:")
    with monkeypatch.context() as broken:
        broken.setattr("exporter.service.succession.Pipeline", fail_with(ZeroDivisionError("of all things")))
        station.reload()
    assert station.successful() == 0
    assert "of all things" in caplog.text
    station.world.predict(100)
    station.read()
    assert total(station.page(), "ml_requests_total") == 500


def test_who_asks_for_a_reload_hears_what_came_of_it(station: Station) -> None:
    def outcome() -> Future[None]:
        asked = station.app.request_reload()
        assert station.app.request_reload() is asked
        station.reload()
        return asked

    assert outcome().result(0) is None
    station.rewrite("task: binary", "task: binray")
    assert "did you mean binary?" in str(outcome().exception(0))
    station.app._reload = Reload(fail_with(ZeroDivisionError("a secret")), 0)  # type: ignore[arg-type]
    assert str(outcome().exception(0)) == "an unexpected error, which is in the log"


def test_figures_start_anew_when_the_layout_is_another_one(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    station.read()
    station.rewrite("    windows:", "    latency_buckets: [1, 2]\n    windows:")
    station.reload()
    assert "its figures start anew" in caplog.text
    station.world.predict(100)
    station.read()
    assert total(station.page(), "ml_requests_total") == 100
    assert total(station.page(), "ml_exporter_rows_total", source="predictions") == 500


def test_a_log_of_another_format_is_read_from_its_beginning_and_the_former_from_where_it_was(station: Station) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    station.read()
    lines = (station.world.folder / "predictions.jsonl").read_text().splitlines()
    others = [json.loads(line) | {"request_id": f"other{number}"} for number, line in enumerate(lines[:50])]
    parquet.write_table(pa.Table.from_pylist(others), station.world.folder / "p.parquet")
    for log, requests in (("p.parquet", 450), ("predictions.jsonl", 450)):
        former = "predictions.jsonl" if log == "p.parquet" else "p.parquet"
        station.rewrite(f"predictions: {former}", f"predictions: {log}")
        station.reload()
        station.read()
        assert total(station.page(), "ml_exporter_source_up", source="predictions") == 1
        assert total(station.page(), "ml_requests_total") == requests


def test_a_reference_that_has_changed_is_read_again(station: Station) -> None:
    station.read()
    before = [dict(labels)["hash"] for name, labels in station.page() if name == "ml_reference_info"]
    reference = station.world.folder / "reference.csv"
    reference.write_text("\n".join(reference.read_text().splitlines()[:150]) + "\n")
    station.reload()
    station.read()
    after = [dict(labels)["hash"] for name, labels in station.page() if name == "ml_reference_info"]
    assert len(before) == len(after) == 1
    assert before != after
    assert total(station.page(), "ml_reference_rows") == 149


def test_intervals_take_effect_and_another_folder_does_not(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    station.read()
    station.rewrite("evaluation_interval: 1s", "evaluation_interval: 1h")
    station.rewrite("  commit_interval: 100ms", "  commit_interval: 1h\n  path: elsewhere")
    station.reload()
    assert "after a restart only" in caplog.text
    station.world.predict(100)
    station.clock.advance(3599)
    station.app.step()
    assert total(station.page(), "ml_requests_total") == 400
    station.clock.advance(1)
    station.app.step()
    assert total(station.page(), "ml_requests_total") == 500
    assert not (station.world.folder / "elsewhere").exists()


def test_while_a_configuration_is_read_the_work_goes_on(station: Station) -> None:
    slow: Future[Prepared] = Future()
    station.app._reload = Reload(slow.result, 0)
    station.app.request_reload()
    station.read()
    assert station.app.is_reloading
    assert total(station.page(), "ml_requests_total") == 400
    slow.set_result(Prepared(station.configuration, dict.fromkeys(station.configuration.models)))
    eventually(station._is_through, "the end of the reload")


def test_requests_that_come_together_are_one_and_one_that_comes_later_is_served_later() -> None:
    gates = [threading.Event(), threading.Event()]
    begun: list[int] = []

    def prepare() -> Prepared:
        begun.append(len(begun))
        assert gates[begun[-1]].wait(10)
        return Prepared(Configuration.model_construct(), {})

    reload = Reload(prepare, 0)
    assert not reload.start()
    for _ in range(3):
        reload.request()
    assert reload.start()
    reload.request()
    assert not reload.start()
    gates[0].set()
    eventually(reload.finished, "the first")
    assert reload.start()
    gates[1].set()
    eventually(reload.finished, "the second")
    assert not reload.start()
    assert begun == [0, 1]
