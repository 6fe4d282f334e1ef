"""Objectives survive restarts, each for as long as it is the same. That no figure changes is in test_equivalence.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.configuration.objectives import Slo
from exporter.pipeline import Pipeline
from exporter.state import persistence
from exporter.state.database import State
from exporter.state.problem import StateError
from tests.exporter.state.commits import commit, written
from tests.exporter.synthetic import Figures, World, drain, figures

NAMES = ("fast", "up", "right", "labelled", "busy", "done", "clean")


@pytest.fixture
def made(tmp_path: Path) -> World:
    return written(tmp_path / "logs", seed=6, rows=200)


def changed(made: World, **slos: dict[str, Any] | None) -> World:
    """Return the world with some objectives changed, added, or (None) left out."""
    known = {**made.model.slos, **{name: slo and Slo.model_validate(slo) for name, slo in slos.items()}}
    said = {name: slo for name, slo in known.items() if slo is not None}
    model = made.model.model_copy(update={"slos": said})
    model._name = made.model.name
    return World(made.folder, model, made.profile)


def after(made: World, state: State, other: World) -> tuple[Figures, Figures]:
    """Return what objectives said before a restart with another configuration, and after it."""
    pipeline = made.pipeline()
    drain(pipeline)
    commit(pipeline, state)
    again = other.pipeline()
    persistence.restore(again, state)
    commit(again, state)
    third = other.pipeline()
    persistence.restore(third, state)
    assert of_objectives(again) == of_objectives(third)
    return of_objectives(pipeline), of_objectives(again)


def of_objectives(pipeline: Pipeline) -> Figures:
    found = figures(pipeline.samples(pipeline.ledger.now))
    pipeline.close()
    return {key: value for key, value in found.items() if key[0].startswith("ml_slo")}


def about(found: Figures, *names: str) -> Figures:
    return {key: value for key, value in found.items() if set(key) & set(names)}


def test_another_share_is_judged_by_the_same_events(made: World, tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        other = changed(made, fast={"latency": "1s", "objective": 0.5, "period": "5h"})
        before, found = after(made, state, other)
    budget = ("ml_slo_error_budget_remaining_ratio", "m", "fast")
    assert found.pop(budget) != before.pop(budget)
    del found["ml_slo_objective_ratio", "m", "fast"], before["ml_slo_objective_ratio", "m", "fast"]
    assert found == before


def test_one_that_changes_begins_anew_and_the_others_go_on(made: World, tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        other = changed(
            made,
            clean={"errors": "any", "objective": 0.9, "calendar": "month", "time_zone": "Asia/Kolkata"},
            up=None,
            new={"errors": "server", "objective": 0.9},
        )
        before, found = after(made, state, other)
    same = [name for name in NAMES if name not in ("clean", "up")]
    assert about(found, *same) == about(before, *same)
    assert not about(found, "up")
    for name in ("clean", "new"):
        events = [value for key, value in about(found, name).items() if key[0] == "ml_slo_events_total"]
        assert events
        assert set(events) == {(0.0,)}


def test_another_period_keeps_the_counters(made: World, tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        other = changed(made, fast={"latency": "1s", "objective": 0.9, "period": "7d"})
        before, found = after(made, state, other)
        kinds = state._read("SELECT DISTINCT kind FROM block", ())
    counters = {key: value for key, value in before.items() if key[0].endswith("_total")}
    assert {key: found[key] for key in counters} == counters
    # The tallies were cut for other periods; those of the calendar were not.
    assert not any(key[0] == "ml_slo_compliance_ratio" for key in about(found, "fast"))
    week = ("ml_slo_error_budget_remaining_ratio", "m", "up")
    assert found[week] == before[week]
    assert ("budgets",) not in kinds


def test_lost_tallies_are_damage(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        with state.transaction():
            state._database.execute("DELETE FROM block WHERE kind = 'budgets' AND number = (SELECT min(number)"
                                    " FROM block WHERE kind = 'budgets')")  # fmt: skip
        with pytest.raises(StateError, match="damaged: tallies of the steps"):
            persistence.restore(made.pipeline(), state)


def test_only_steps_that_changed_are_written(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        assert not pipeline.ledger.objectives.budgets.changed
        made.write("predictions.jsonl", [made.predictions[-1] | {"request_id": "new"}])
        drain(pipeline)
        assert len(pipeline.ledger.objectives.budgets.changed) == 1
