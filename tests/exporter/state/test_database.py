"""The state's file: one owner, all or nothing, and damage is said, never overlooked."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.state import opening
from exporter.state.database import State
from exporter.state.problem import DamagedStateError, StateError, StateLostError

PANES = [(0, -5, 60, b"old"), (1, 1 << 50, 0, b"new" * 500)]
BLOCKS = [(3, b"three" * 300), (7, b"seven")]
WRITTEN = (b"document" * 20, PANES, BLOCKS)


def filled(folder: Path) -> Path:
    with State(folder) as state:
        with state.transaction():
            state.save_model("m", b"document" * 20)
            state.save_panes("m", PANES)
            state.save_blocks("m", "labels", BLOCKS)
        # Into the one file, so that it can be damaged.
        state._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "state.sqlite"


def content(folder: Path) -> tuple[object, ...]:
    with State(folder) as state:
        return state.seed, state.model("m"), list(state.panes("m")), list(state.blocks("m", "labels"))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    filled(tmp_path)
    first = content(tmp_path)
    assert first[1:] == WRITTEN
    assert content(tmp_path) == first
    with State(tmp_path) as state:
        assert state.model("other") is None
        with state.transaction():
            state.delete_panes("m", [(0, -5, 60)])
            state.delete_blocks("m", "labels", [3])
        assert (list(state.panes("m")), list(state.blocks("m", "labels"))) == (PANES[1:], BLOCKS[1:])
        with state.transaction():
            state.delete_figures("m")
        assert (list(state.panes("m")), list(state.blocks("m", "labels"))) == ([], [])
        assert state.model("m") is not None


def test_each_state_has_a_seed_of_its_own(tmp_path: Path) -> None:
    with State(tmp_path / "a") as one, State(tmp_path / "b") as other:
        assert one.seed != other.seed


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    with State(tmp_path), pytest.raises(StateError, match="another exporter uses this state"):
        State(tmp_path)
    State(tmp_path).close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match=r"choose another folder with --storage\.path"):
        State(tmp_path / "file" / "state")


def test_a_read_only_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A superuser may write anywhere, so SQLite is told to refuse instead."""
    filled(tmp_path)
    with State(tmp_path) as state:
        state._database.execute("PRAGMA query_only = 1")
        with pytest.raises(StateError, match="cannot be written"), state.transaction():
            state.save_model("m", b"")
    assert content(tmp_path)[1] == b"document" * 20

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StateError, match="Permission denied"):
        State(tmp_path)


def test_a_failed_transaction_leaves_what_was_there(tmp_path: Path) -> None:
    filled(tmp_path)
    with State(tmp_path) as state:
        with pytest.raises(ValueError):
            half_a_transaction(state, lambda: int("no number"))
        with pytest.raises(StateError, match="cannot be written"):
            half_a_transaction(state, lambda: state._database.execute("INSERT INTO nowhere VALUES (1)"))
        assert state.model("m") == b"document" * 20
        with state.transaction():
            state.save_model("m", b"whole")
    assert content(tmp_path)[1] == b"whole"


def half_a_transaction(state: State, failure: Callable[[], object]) -> None:
    with state.transaction():
        state.save_model("m", b"half")
        failure()


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            opening.FORMAT - 1,
            rf"newer Driftbell \(format {opening.FORMAT}, this one knows {opening.FORMAT - 1}\); upgrade",
        ),
        (opening.FORMAT + 1, rf"older Driftbell \(format {opening.FORMAT}, .*\); go on with that one, or move it away"),
    ],
)
def test_another_format_is_refused_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: int, message: str
) -> None:
    path = filled(tmp_path)
    kept = path.read_bytes()
    monkeypatch.setattr(opening, "FORMAT", known)
    with pytest.raises(StateError, match=message):
        State(tmp_path)
    assert path.read_bytes() == kept
    monkeypatch.undo()
    assert content(tmp_path)[1:] == WRITTEN


def test_no_flipped_byte_goes_unseen(tmp_path: Path) -> None:
    path = filled(tmp_path / "whole")
    expected, data = content(tmp_path / "whole"), path.read_bytes()
    random_ = random.Random(4)
    refused = 0
    # Pages are mostly empty.
    written = [place for place, byte in enumerate(data) if byte]
    for place in random_.sample(range(len(data)), 50) + random_.sample(written, 100):
        found = read_damaged(path, data[:place] + bytes([data[place] ^ random_.randrange(1, 256)]) + data[place + 1 :])
        refused += found is None
        # A byte that nothing depends on may change: SQLite leaves most of a page empty.
        assert found in (None, expected), place
    assert refused > 10


@pytest.mark.parametrize("length", [0, 1, 99, 100, 4096, 8192, 12_288, 20_000])
def test_a_truncated_file_is_refused(tmp_path: Path, length: int) -> None:
    path = filled(tmp_path)
    data = path.read_bytes()
    assert length < len(data)
    assert read_damaged(path, data[:length]) is None


def read_damaged(path: Path, data: bytes) -> tuple[object, ...] | None:
    for other in path.parent.glob("state.sqlite-*"):
        other.unlink()
    path.write_bytes(data)
    try:
        return content(path.parent)
    except (StateError, DamagedStateError):
        return None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE model SET name = 'n'",
        "UPDATE pane SET start = start + 1",
        "UPDATE pane SET version = version + 5",
        "UPDATE block SET number = number + 1",
        "UPDATE block SET kind = 'other'; INSERT INTO block SELECT model, 'labels', 4, digest, content FROM block LIMIT 1",
        "DELETE FROM pane WHERE start = -5",
        "UPDATE pane SET digest = digest + 1",
        "UPDATE pane SET content = 'text'",
        "UPDATE meta SET key = 'sead' WHERE key = 'seed'",
        "DELETE FROM meta WHERE key = 'format'",
        "UPDATE pane SET model = CAST(x'b6b6' AS TEXT)",
        "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, 'digest', CAST(x'b6' AS TEXT))",
    ],
)
def test_what_stands_in_another_place_is_refused(tmp_path: Path, change: str) -> None:
    database = sqlite3.connect(filled(tmp_path))
    database.executescript(change)
    database.close()
    with pytest.raises((StateError, DamagedStateError)):
        content(tmp_path)


def test_a_state_that_was_moved_away_starts_anew(tmp_path: Path) -> None:
    path = filled(tmp_path)
    shutil.move(path, tmp_path / "kept.sqlite")
    assert content(tmp_path)[1:] == (None, [], [])


@pytest.mark.parametrize("replacement", [None, b"", b"another"], ids=["deleted", "emptied", "exchanged"])
def test_what_nobody_would_find_is_not_written(tmp_path: Path, replacement: bytes | None) -> None:
    with State(tmp_path) as state:
        with state.transaction():
            state.save_model("m", b"one")
        kept = shutil.move(state._path, tmp_path / "kept.sqlite")
        if replacement is not None:
            state._path.write_bytes(replacement)
        for _ in range(2):
            with pytest.raises(StateError, match="while it was in use"), state.transaction():
                state.save_model("m", b"two")
        shutil.move(kept, state._path)
        with state.transaction():
            state.save_model("m", b"three")
    with State(tmp_path) as state:
        assert state.model("m") == b"three"


def test_a_start_that_was_killed_halfway_is_no_damage(tmp_path: Path) -> None:
    """The file is there, but nothing in it: it was never marked as made."""
    (tmp_path / "lock").write_text("")
    (tmp_path / "state.sqlite").write_bytes(b"")
    assert content(tmp_path)[1] is None


class Failing:
    """A connection whose commits fail as on a broken disk, ``times`` times."""

    def __init__(self, database: sqlite3.Connection, times: int) -> None:
        self._database, self._times = database, times

    def execute(self, query: str, *arguments: object) -> sqlite3.Cursor:
        if query == "COMMIT" and self._times:
            self._times -= 1
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return self._database.execute(query, *arguments)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)


def test_after_an_error_of_the_disk_the_file_is_opened_anew(tmp_path: Path) -> None:
    filled(tmp_path)
    with State(tmp_path) as state:
        state._database = Failing(state._database, 1)  # type: ignore[assignment]
        with pytest.raises(StateError, match="cannot be written"), state.transaction():
            state.save_model("m", b"new")
        with state.transaction():
            assert isinstance(state._database, sqlite3.Connection)
            state.save_model("m", b"newer")
    assert content(tmp_path)[1] == b"newer"


def test_a_state_that_lost_commits_while_it_was_in_use_is_not_gone_on_with(tmp_path: Path) -> None:
    path = filled(tmp_path)
    old = path.read_bytes()
    with State(tmp_path) as state:
        with state.transaction():
            state.save_model("m", b"new")
        state._database = Failing(state._database, 1)  # type: ignore[assignment]
        with pytest.raises(StateError), state.transaction():
            state.save_model("m", b"newer")
        state._database.close()
        path.write_bytes(old)
        with pytest.raises(StateLostError, match="the disk has lost 1 commits"), state.transaction():
            pass
