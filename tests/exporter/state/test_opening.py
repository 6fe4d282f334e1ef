"""What is no sound state of ours is refused with advice, before anything about it is changed; nothing is ever mixed."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exporter.state.database import State
from exporter.state.problem import StateError
from tests.exporter.pipes import pipe


def write(state: State, number: int, panes: int = 40) -> None:
    """One commit; what belongs to it carries its number, and no row can be told from that of another by its place."""
    with state.transaction():
        state.save_model("m", str(number).encode() * 300)
        state.save_panes("m", ((1, start, 60, str(number).encode() * 900) for start in range(number % 5, panes, 5)))
        state.save_blocks("m", "labels", [(number % 7, str(number).encode() * 100)])


def content(folder: Path) -> tuple[object, ...]:
    with State(folder) as state:
        return state.model("m"), list(state.panes("m")), list(state.blocks("m", "labels"))


def copied(folder: Path, target: Path) -> Path:
    """Copy a state as a kill leaves it: with its write-ahead log."""
    target.mkdir()
    for path in folder.iterdir():
        if not path.name.endswith("-shm"):
            shutil.copy(path, target)
    return target


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Path, list[tuple[object, ...]]]:
    """A state that was killed after some commits, half of them in the log only; and what was in it after each."""
    moments = []
    with State(tmp_path / "state") as state:
        for number in range(12):
            write(state, number)
            if number == 5:
                state._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            moments.append(content(copied(tmp_path / "state", tmp_path / f"after {number}")))
        return copied(tmp_path / "state", tmp_path / "killed"), moments


def test_a_log_that_breaks_off_anywhere_leaves_a_moment_that_was(
    killed: tuple[Path, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    """As after a power cut, or a kill in the middle of writing it; how much was lost is said."""
    folder, moments = killed
    size = (folder / "state.sqlite-wal").stat().st_size
    random_, seen = random.Random(1), set()
    for number, length in enumerate((0, 31, 32, 33, size - 1, *(random_.randrange(size) for _ in range(40)))):
        cut = copied(folder, tmp_path / f"cut {number}")
        os.truncate(cut / "state.sqlite-wal", length)
        with State(cut) as state:
            lost = state.lost_commits
        assert content(cut) == moments[11 - lost]
        assert lost <= 6
        seen.add(lost)
    assert len(seen) == 6


def test_a_flipped_byte_of_the_log_leaves_a_moment_that_was(
    killed: tuple[Path, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    folder, moments = killed
    data = (folder / "state.sqlite-wal").read_bytes()
    random_ = random.Random(2)
    for number in range(60):
        place = random_.randrange(len(data))
        changed = copied(folder, tmp_path / f"flipped {number}")
        (changed / "state.sqlite-wal").write_bytes(flipped(data, place, random_))
        with State(changed) as state:
            lost = state.lost_commits
        assert content(changed) == moments[11 - lost], place


def flipped(data: bytes, place: int, random_: random.Random) -> bytes:
    return data[:place] + bytes([data[place] ^ random_.randrange(1, 256)]) + data[place + 1 :]


def test_every_region_of_every_page_is_guarded(tmp_path: Path) -> None:
    """Headers, lists of cells, the cells themselves: found, or without any effect."""
    with State(tmp_path / "state") as state:
        for number in range(3):
            write(state, number)
    expected, data = content(tmp_path / "state"), (tmp_path / "state" / "state.sqlite").read_bytes()
    random_, size, refused = random.Random(3), int.from_bytes(data[16:18], "big"), list[str]()
    offsets = (0, 3, 5, 7, 9, 12, 40, 68, size // 2, size - 6)
    places = [page + offset for page in range(0, len(data), size) for offset in offsets]
    for number, place in enumerate(random_.sample(places, min(len(places), 120))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "state.sqlite").write_bytes(flipped(data, place, random_))
        try:
            assert content(folder) == expected, place
        except StateError as error:
            refused.append(str(error))
    assert len(refused) > 30
    assert all("state.sqlite" in text and ";" in text for text in refused), "each says what to do"


@pytest.mark.parametrize("length", [1, 15, 16, 99, 100, 512, 4095, 4096, 8192, 20_000])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    with State(tmp_path) as state:
        write(state, 1)
    os.truncate(tmp_path / "state.sqlite", length)
    with pytest.raises(StateError, match="move it away to start anew"):
        State(tmp_path)


def test_pages_of_two_moments_are_not_mixed(tmp_path: Path) -> None:
    """An old copy of the database with the write-ahead log of a later moment: each page for itself is sound."""
    refused = 0
    for commits in range(1, 8):
        folder = tmp_path / str(commits)
        with State(folder) as state:
            write(state, 0)
        old = (folder / "state.sqlite").read_bytes()
        with State(folder) as state:
            for number in range(1, 6):
                write(state, number)
            state._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for number in range(6, 6 + commits):
                write(state, number, panes=5)
            expected = (state.model("m"), list(state.panes("m")), list(state.blocks("m", "labels")))
            mixed = copied(folder, tmp_path / f"mixed {commits}")
        (mixed / "state.sqlite").write_bytes(old)
        try:
            assert content(mixed) == expected
        except StateError:
            refused += 1
    assert refused


def test_the_log_of_another_state_is_not_taken_for_ours(tmp_path: Path) -> None:
    with State(tmp_path / "other") as other:
        write(other, 1)
        write(other, 2)
        copied(tmp_path / "other", tmp_path / "foreign")
    with State(tmp_path / "ours") as state:
        write(state, 5)
    shutil.copy(tmp_path / "foreign" / "state.sqlite-wal", tmp_path / "ours" / "state.sqlite-wal")
    ours = content_or_none(tmp_path / "ours")
    assert ours in (None, content(tmp_path / "foreign")), "whole, or refused"


@pytest.mark.parametrize("size", [512, 4096, 65_536])
def test_a_state_with_pages_of_another_size_is_gone_on_with(tmp_path: Path, size: int) -> None:
    """As former releases made them; the log ahead of it takes no more for it."""
    with State(tmp_path) as state:
        write(state, 1)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as database:
        database.executescript(f"PRAGMA journal_mode = DELETE; PRAGMA page_size = {size}; VACUUM")
    expected = content(tmp_path)
    with State(tmp_path) as state:
        assert state._database.execute("PRAGMA page_size").fetchone() == (size,)
        assert state._database.execute("PRAGMA wal_autocheckpoint").fetchone() == (4 * 2**20 // size,)
        write(state, 2)
        later = (state.model("m"), list(state.panes("m")), list(state.blocks("m", "labels")))
    assert content(tmp_path) == later != expected


def content_or_none(folder: Path) -> tuple[object, ...] | None:
    try:
        return content(folder)
    except StateError:
        return None


def test_without_its_log_it_says_how_much_is_missing(
    killed: tuple[Path, list[tuple[object, ...]]], caplog: pytest.LogCaptureFixture
) -> None:
    folder, moments = killed
    (folder / "state.sqlite-wal").unlink()
    with State(folder) as state:
        assert state.lost_commits == 6
    assert "commits are missing" in caplog.text
    assert content(folder) == moments[5]
    with State(folder) as state:
        assert state.lost_commits == 0, "said once"


def test_a_log_without_its_database_is_no_new_state(killed: tuple[Path, list[tuple[object, ...]]]) -> None:
    folder, _ = killed
    (folder / "state.sqlite").unlink()
    with pytest.raises(StateError, match=r"is missing, but state\.sqlite-wal, which belongs to it, is there"):
        State(folder)
    assert (folder / "state.sqlite-wal").exists()


def foreign_database(path: Path) -> None:
    database = sqlite3.connect(path)
    database.executescript("CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('format', '3')")
    database.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (foreign_database, r"is a database, but no state of this Driftbell's"),
        (lambda path: path.write_text("notes\n" * 100), r"is damaged, or no state of Driftbell's"),
        (lambda path: path.write_bytes(os.urandom(3000)), r"is damaged, or no state of Driftbell's"),
    ],
)
def test_what_is_not_ours_is_left_as_it_is(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    path = tmp_path / "state.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StateError, match=message):
        State(tmp_path)
    assert path.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} == {"state.sqlite", "lock"}


def test_an_exchanged_state_is_spoken_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("here", "there"):
        with State(tmp_path / name) as state:
            write(state, 1)
    assert "another state" not in caplog.text
    shutil.copy(tmp_path / "there" / "state.sqlite", tmp_path / "here")
    State(tmp_path / "here").close()
    assert "another state than was here last" in caplog.text


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        write(state, 1)
        for path in (tmp_path / "state").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_start_that_dies_between_any_two_writes_leaves_nothing_or_a_state(tmp_path: Path) -> None:
    """The files of a state in the making, copied at each statement, as if everything had ended there."""
    copies: list[Path] = []

    def look(_: str) -> None:
        copies.append(copied(tmp_path / "state", tmp_path / f"copy {len(copies)}"))

    connect = sqlite3.connect

    def watched(*arguments: object, **options: object) -> sqlite3.Connection:
        database = connect(*arguments, **options)  # type: ignore[call-overload]
        database.set_trace_callback(look)
        return database  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", watched)
        State(tmp_path / "state").close()
    assert len(copies) > 10
    for folder in copies:
        assert content(folder) == (None, [], [])


def test_a_pipe_in_place_of_a_state_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    with (
        pipe(tmp_path / "state.sqlite") as path,
        pytest.raises(StateError, match=r"state\.sqlite: the state cannot be opened: is no regular file"),
    ):
        State(tmp_path)
    assert path.is_fifo()


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_nor_may_a_companion_of_a_state_be_one(tmp_path: Path, ending: str) -> None:
    with State(tmp_path) as state:
        write(state, 1)
    with (
        pipe(tmp_path / f"state.sqlite{ending}"),
        pytest.raises(StateError, match=rf"state\.sqlite{ending}: is no regular file; move it away"),
    ):
        State(tmp_path)
