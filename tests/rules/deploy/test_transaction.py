from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import Files, Journal, State
from rules.deploy.transaction import Say, deploy

OLD = {"a": "1", "b": "2"}
NEW = {"a": "9", "c": "3"}
STEPS = ("write", "load", "verify")


class PlugPulledError(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass
class Plan:
    files: Files

    @property
    def nothing(self) -> bool:
        return not self.files


@dataclass
class Memory:
    """A target in memory: ``disk`` is what was written, ``loaded`` what runs. ``faults`` happen at the steps named, once."""

    state: State
    disk: dict[str, str] = field(default_factory=lambda: dict(OLD))
    loaded: dict[str, str] = field(default_factory=lambda: dict(OLD))
    faults: list[tuple[str, BaseException]] = field(default_factory=list)
    dead: bool = False
    steps: list[str] = field(default_factory=list)

    def _step(self, name: str) -> None:
        if self.dead:
            raise PlugPulledError
        self.steps.append(name)
        for fault in self.faults:
            if fault[0] == name:
                self.faults.remove(fault)
                self.dead = isinstance(fault[1], PlugPulledError)
                raise fault[1]

    def present(self, names: Iterable[str]) -> dict[str, str]:
        ours = {*names, *self.state.owned, *OLD}
        return {name: text for name, text in self.disk.items() if name in ours}

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:  # noqa: ARG002 - a target's
        self._step("examine")
        names = wanted.keys() | present.keys()
        return Plan({name: wanted.get(name) for name in sorted(names) if wanted.get(name) != present.get(name)})

    def write(self, files: Files) -> None:
        for name, text in files.items():
            if text is None:
                self.disk.pop(name, None)
            else:
                self.disk[name] = text
            # Half-way.
            self._step("write")

    def load(self) -> None:
        self._step("load")
        self.loaded = dict(self.disk)

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:  # noqa: ARG002 - a target's
        self._step("verify")
        assert self.loaded == wanted

    def restored(self, before: Mapping[str, str]) -> None:
        self._step("restored")
        if self.loaded != before:
            raise DeployError(Exit.UNVERIFIED, "something else runs")


@pytest.fixture
def target(tmp_path: Path) -> Memory:
    return Memory(State(tmp_path / "state"))


def run(target: Memory, wanted: Mapping[str, str] = NEW, *, dry_run: bool = False) -> list[str]:
    said: list[str] = []
    deploy(target, wanted, said.append, dry_run=dry_run)
    return said


def test_what_is_wanted_runs(target: Memory) -> None:
    assert run(target) == ["deployed"]
    assert (target.disk, target.loaded) == (NEW, NEW)
    assert target.state.unfinished is None
    assert target.state.backup() == OLD


def test_the_second_time_there_is_nothing_to_do(target: Memory) -> None:
    run(target)
    target.steps.clear()
    assert run(target) == ["nothing to do"]
    assert target.steps == ["examine"]


def test_a_dry_run_changes_nothing(target: Memory) -> None:
    assert run(target, dry_run=True) == ["dry run: nothing was changed"]
    assert (target.disk, target.loaded, target.steps) == (OLD, OLD, ["examine"])
    assert not target.state.folder.exists()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", [Exit.REFUSED, Exit.UNVERIFIED, Exit.OVERLOADED, Exit.UNREACHABLE])
def test_a_fault_at_any_step_is_rolled_back(target: Memory, step: str, code: Exit) -> None:
    target.faults = [(step, DeployError(code, "no"))]
    with pytest.raises(DeployError, match="no") as caught:
        run(target)
    assert caught.value.code is code
    assert (target.disk, target.loaded) == (OLD, OLD)
    assert target.state.unfinished is None


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_step_is_rolled_back(target: Memory, step: str, number: signal.Signals) -> None:
    before = signal.getsignal(number)

    class Signalled(Memory):
        def _step(self, name: str) -> None:
            self.steps.append(name)
            if name == step and self.steps.count(name) == 1:
                os.kill(os.getpid(), number)
            if name == "restored":
                # While it is rolled back, another one is too late.
                os.kill(os.getpid(), number)

    target = Signalled(target.state)
    with pytest.raises(DeployError, match=number.name) as caught:
        run(target)
    assert caught.value.code == 128 + number
    assert (target.disk, target.loaded) == (OLD, OLD)
    assert target.state.unfinished is None
    assert signal.getsignal(number) == before


def test_a_signal_while_it_begins_leaves_nothing_unfinished(target: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = State.begin

    def signalled(self: State, *arguments: Any) -> Journal:
        journal = begin(self, *arguments)
        os.kill(os.getpid(), signal.SIGTERM)
        return journal

    monkeypatch.setattr(State, "begin", signalled)
    with pytest.raises(DeployError, match="SIGTERM"):
        run(target)
    assert (target.disk, target.loaded) == (OLD, OLD)
    assert target.state.unfinished is None


def test_a_signal_after_the_end_changes_nothing(target: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    end = State.end

    def signalled(self: State, *arguments: Any) -> None:
        end(self, *arguments)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(State, "end", signalled)
    assert run(target) == ["deployed"]
    assert target.loaded == NEW


def test_what_cannot_begin_is_not_rolled_back(target: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Journal:
        raise DeployError(Exit.UNWRITABLE, "no space")

    monkeypatch.setattr(State, "begin", full)
    with pytest.raises(DeployError, match="no space"):
        run(target)
    assert target.steps == ["examine"]


@pytest.mark.parametrize("step", STEPS)
def test_after_a_pulled_plug_the_same_is_finished(target: Memory, step: str) -> None:
    target.faults = [(step, PlugPulledError())]
    with pytest.raises(PlugPulledError):
        run(target)
    again = Memory(State(target.state.folder), target.disk, target.loaded)
    assert run(again)[0].endswith("it is finished now")
    assert (again.disk, again.loaded) == (NEW, NEW)
    assert again.state.unfinished is None
    assert again.state.backup() == OLD


@pytest.mark.parametrize("step", STEPS)
def test_after_a_pulled_plug_something_else_comes_after_a_rollback(target: Memory, step: str) -> None:
    target.faults = [(step, PlugPulledError())]
    with pytest.raises(PlugPulledError):
        run(target)
    other = {**NEW, "d": "4"}
    again = Memory(State(target.state.folder), target.disk, target.loaded)
    said = run(again, other)
    assert said[0].endswith("it is rolled back first")
    assert said[1:] == ["rolled back", "deployed"]
    assert again.loaded == other
    assert again.state.backup() == OLD


@pytest.mark.parametrize("step", STEPS)
def test_what_fails_again_after_a_pulled_plug_goes_back_to_the_beginning(target: Memory, step: str) -> None:
    target.faults = [(step, PlugPulledError())]
    with pytest.raises(PlugPulledError):
        run(target)
    again = Memory(
        State(target.state.folder), target.disk, target.loaded, [("verify", DeployError(Exit.REFUSED, "no"))]
    )
    with pytest.raises(DeployError, match="no"):
        run(again)
    assert (again.disk, again.loaded) == (OLD, OLD)


def test_what_cannot_even_be_examined_after_a_pulled_plug_is_rolled_back(target: Memory) -> None:
    target.faults = [("verify", PlugPulledError())]
    with pytest.raises(PlugPulledError):
        run(target)
    again = Memory(
        State(target.state.folder), target.disk, target.loaded, [("examine", DeployError(Exit.UNSUITABLE, "no"))]
    )
    with pytest.raises(DeployError, match="no"):
        run(again)
    assert (again.disk, again.loaded) == (OLD, OLD)


def test_a_dry_run_leaves_an_unfinished_deployment_alone(target: Memory) -> None:
    target.faults = [("load", PlugPulledError())]
    with pytest.raises(PlugPulledError):
        run(target)
    again = Memory(State(target.state.folder), dict(target.disk), target.loaded)
    assert "was not finished" in run(again, dry_run=True)[0]
    assert again.disk == target.disk
    assert again.state.unfinished is not None


def test_a_rollback_that_fails_is_tried_again_by_the_next_deployment(target: Memory) -> None:
    target.faults = [
        ("verify", DeployError(Exit.UNVERIFIED, "no")),
        ("restored", DeployError(Exit.UNREACHABLE, "gone")),
    ]
    with pytest.raises(DeployError, match=r"rolling back did not succeed: gone.*run it again") as caught:
        run(target)
    assert caught.value.code is Exit.HALFWAY
    assert target.state.unfinished is not None
    assert run(target, OLD) == [
        f"the deployment of {target.state.backups[-1]} was not finished: it is rolled back first",
        "rolled back",
        "nothing to do",
    ]
    assert (target.disk, target.loaded) == (OLD, OLD)


def test_a_server_that_refuses_what_it_ran_before_too_runs_it_none_the_less(target: Memory) -> None:
    """A file of somebody else is broken: that must not pass for a rollback that failed."""
    refusal = DeployError(Exit.REFUSED, "their.yml is broken")
    target.faults = [("load", refusal), ("load", refusal)]
    with pytest.raises(DeployError, match="their") as caught:
        run(target)
    assert caught.value.code is Exit.REFUSED
    assert (target.disk, target.loaded) == (OLD, OLD)


def test_a_bug_is_rolled_back_too(target: Memory) -> None:
    target.faults = [("verify", RuntimeError("a bug"))]
    with pytest.raises(RuntimeError, match="a bug"):
        run(target)
    assert (target.disk, target.loaded) == (OLD, OLD)
