from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.deploy import durable
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State, sum_of

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def test_a_deployment_is_remembered_until_it_ends(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.unfinished is None
    journal = state.begin({"a": "1", "b": "2", "same": "s"}, {"a": "9", "b": None, "c": "3"}, {"a": "9", "c": "3"}, NOW)
    assert State(tmp_path).unfinished == journal
    assert journal.before == {"a": "1", "b": "2", "c": None}
    state.end(frozenset({"a", "c"}))
    assert state.unfinished is None
    assert state.owned == {"a", "c"}


def test_a_backup_has_all_that_was_there(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.begin({"a": "1", "same": "s"}, {"a": "9"}, {"a": "9", "same": "s"}, NOW)
    state.begin({"a": "9", "same": "s"}, {"a": "5"}, {"a": "5", "same": "s"}, NOW + timedelta(seconds=1))
    assert state.backup() == {"a": "9", "same": "s"}
    assert state.backup(state.backups[0]) == {"a": "1", "same": "s"}
    with pytest.raises(DeployError, match="no backup x"):
        state.backup("x")


def test_backups_are_not_kept_for_ever(tmp_path: Path) -> None:
    state = State(tmp_path)
    for number in range(13):
        state.begin({"a": str(number)}, {}, {}, NOW + timedelta(seconds=number))
    assert len(state.backups) == 10
    assert state.backup() == {"a": "12"}


def test_only_one_at_a_time(tmp_path: Path) -> None:
    with State(tmp_path).locked():
        with pytest.raises(DeployError) as caught, State(tmp_path).locked():
            pytest.fail("locked twice")
        assert caught.value.code is Exit.LOCKED
    with State(tmp_path).locked():
        pass


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"before": {}}', '{"before": 3, "after": {}, "started": "", "sum": ""}']
)
def test_a_journal_that_cannot_be_read_stops_everything(text: str, tmp_path: Path) -> None:
    (tmp_path / "journal.json").write_text(text)
    with pytest.raises(DeployError, match="backups") as caught:
        _ = State(tmp_path).unfinished
    assert caught.value.code is Exit.HALFWAY


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeployError) as caught, State(tmp_path / "file" / "state").locked():
        pytest.fail("locked")
    assert caught.value.code is Exit.UNWRITABLE


def test_a_journal_is_for_us_alone(tmp_path: Path) -> None:
    """A configuration of Alertmanager that was there may hold secrets."""
    State(tmp_path).begin({"a": "secret"}, {"a": "new"}, {"a": "new"}, NOW)
    assert (tmp_path / "journal.json").stat().st_mode & 0o077 == 0
    assert (tmp_path / "backups" / State(tmp_path).backups[0]).stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "journal.json").read_text())["before"] == {"a": "secret"}


def test_sums_tell_files_apart() -> None:
    assert len({sum_of({}), sum_of({"a": "1"}), sum_of({"a": "2"}), sum_of({"b": "1"})}) == 4
    assert sum_of({"a": "1", "b": "2"}) == sum_of({"b": "2", "a": "1"})


def test_a_file_is_replaced_with_its_mode_and_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"caf\xe9\r\n")
    path.chmod(0o640)
    text = durable.read(path)
    durable.write(path, text, tmp_path)
    assert path.read_bytes() == b"caf\xe9\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    durable.write(tmp_path / "b", "x", tmp_path)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o644
    durable.remove(tmp_path / "b")
    durable.remove(tmp_path / "b")


def test_a_text_is_all_there_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append("sync")
        sync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    durable.write(path, "new", tmp_path)
    assert done == ["sync", "rename", "sync"]
